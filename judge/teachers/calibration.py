"""What was fitted for a teacher, on what, and what was measured of it; and the file that keeps it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from judge.errors import TableError
from judge.probes.seen import Seen
from judge.tables import atomic
from judge.tables.metric_files import Metrics
from judge.tables.schema import Row

CALIBRATION = Path("data/teacher.json")


class KindFigures(BaseModel):
    """How a kind of statement was judged by fits that had not seen its article.

    `auroc` is that of a false kind against the true sentences; null for a true kind, or where no sentence is true.
    """

    model_config = ConfigDict(frozen=True)

    n: int
    truth: bool
    mean: float
    auroc: float | None


class Calibration(BaseModel):
    """A fitted mapping from features to probabilities, with what was measured of it.

    `centers` and `scales` standardise the features; each member of `intercepts` and of `coefficients` is one bootstrap fit.
    The figures are cross-validated by article; `share_true` is the share of true statements, and the Brier score is to be
    read beside `share_true * (1 - share_true)`, that of always giving the share.
    `share_acceptable` is what `judge.teachers.calibrated.adapted` estimated on the run's answers; None where nothing was.
    `seen` is what it was fitted on, of which no probe is made.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    features: tuple[str, ...]
    centers: tuple[float, ...]
    scales: tuple[float, ...]
    intercepts: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]
    n: int
    articles: int
    share_true: float
    brier: float | None
    auroc: float | None
    kinds: dict[str, KindFigures]
    share_acceptable: float | None = None
    seen: Seen

    def of_own(self, chunks: Sequence[Row]) -> "Calibration":
        """The same, with the rows of the chunks table noted that are the run's own and that it was fitted on."""
        documents = tuple(sorted({row["document_id"] for row in chunks}))
        passages = tuple(sorted(row["chunk_id"] for row in chunks))
        return self.model_copy(update={"seen": self.seen.model_copy(update={"documents": documents, "passages": passages})})


def write(calibration: Calibration | None) -> None:
    """Keep what was fitted in data/teacher.json, in full precision; null where nothing was."""
    atomic.write_text(CALIBRATION, "null\n" if calibration is None else calibration.model_dump_json(indent=1) + "\n")


def read() -> Calibration | None:
    """What `write` kept.

    Raises:
        TableError: the file is missing or is no calibration.
    """
    try:
        text = CALIBRATION.read_text(encoding="utf-8")
        return None if text == "null\n" else Calibration.model_validate_json(text)
    except FileNotFoundError:
        raise TableError(f"{CALIBRATION} is missing.\nNext: `dvc repro calibrate` makes it.") from None
    except ValidationError as error:
        fault = error.errors()[0]
        raise TableError(
            f"{CALIBRATION} is no calibration: {'.'.join(map(str, fault['loc']))}: {fault['msg']}.\n"
            "Next: `dvc repro calibrate` makes it again.",
        ) from None


def own_documents_among(documents: Iterable[str], calibration: Calibration | None) -> int:
    """How many of these documents, by id, have passages that the teacher was calibrated on; 0 where nothing was fitted."""
    return 0 if calibration is None else len(set(documents).intersection(calibration.seen.documents))


def figures(calibration: Calibration | None) -> Metrics:
    """The cross-validated figures of a calibration, flat, for metrics/teacher.json; none where nothing was fitted.

    `own_documents` and `own_passages` count what it was fitted on that is the run's own: 0 where documents were set aside.
    """
    if calibration is None:
        return {}
    flat: Metrics = {
        "auroc": calibration.auroc,
        "brier": calibration.brier,
        "n": calibration.n,
        "articles": calibration.articles,
        "true_share": calibration.share_true,
        "share_acceptable": calibration.share_acceptable,
        "own_documents": len(calibration.seen.documents),
        "own_passages": len(calibration.seen.passages),
    }
    for kind, measured in sorted(calibration.kinds.items()):
        flat |= {f"{kind}.n": measured.n, f"{kind}.mean_score": measured.mean}
        if not measured.truth:
            flat[f"{kind}.auroc"] = measured.auroc
    return flat
