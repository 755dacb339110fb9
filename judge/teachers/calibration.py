"""What a teacher is fitted on, and the file that keeps the fit."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from judge.errors import TableError
from judge.probes import statements
from judge.probes.rows import passage_of
from judge.settings import Option
from judge.tables import atomic
from judge.tables.metric_files import Metrics
from judge.tables.schema import Row
from judge.teachers import groundedness
from judge.teachers.groundedness import Likelihood

CALIBRATION = Path("data/teacher.json")


def calibrate(teacher: Option, background: Sequence[Row], chunks: Sequence[Row], seed: int) -> groundedness.Calibration | None:
    """Fit what the teacher needs; None for one that needs nothing.

    Args:
        teacher: the option.
        background: passages of documents that the run does not use, as rows of the chunks table.
        chunks: the run's own passages, used where there is no background.
        seed: of the statements and of the bootstrap.

    Raises:
        JudgmentError: too few statements can be made of the passages.
    """
    if not isinstance(teacher, Likelihood):
        return None
    made = statements.construct([passage_of(row) for row in background or chunks], seed)
    return groundedness.fit(teacher.model, made, seed=seed, fits=teacher.fits)


def write_calibration(calibration: groundedness.Calibration | None) -> None:
    """Keep what was fitted in data/teacher.json, in full precision; null where nothing was."""
    atomic.write_text(CALIBRATION, "null\n" if calibration is None else calibration.model_dump_json(indent=1) + "\n")


def read_calibration() -> groundedness.Calibration | None:
    """What `write_calibration` kept.

    Raises:
        TableError: the file is missing or is no calibration.
    """
    try:
        text = CALIBRATION.read_text(encoding="utf-8")
        return None if text == "null\n" else groundedness.Calibration.model_validate_json(text)
    except FileNotFoundError:
        raise TableError(f"{CALIBRATION} is missing.\nNext: `dvc repro calibrate` makes it.") from None
    except ValidationError as error:
        fault = error.errors()[0]
        raise TableError(
            f"{CALIBRATION} is no calibration: {'.'.join(map(str, fault['loc']))}: {fault['msg']}.\n"
            "Next: `dvc repro calibrate` makes it again.",
        ) from None


def figures(calibration: groundedness.Calibration | None) -> Metrics:
    """The cross-validated figures of a calibration, flat, for metrics/teacher.json; none where nothing was fitted."""
    if calibration is None:
        return {}
    flat: Metrics = {
        "auroc": calibration.auroc,
        "brier": calibration.brier,
        "n": calibration.n,
        "articles": calibration.articles,
        "true_share": calibration.share_true,
    }
    for kind, measured in sorted(calibration.kinds.items()):
        flat |= {f"{kind}.n": measured.n, f"{kind}.mean_score": measured.mean}
        if not measured.truth:
            flat[f"{kind}.auroc"] = measured.auroc
    return flat
