"""Teachers: the strong judges that are distilled. Each maps (question, context, answer) to a distribution over the levels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, ValidationError

from judge import atomic, correctness, decisions, grading, groundedness, recorded, statements
from judge.errors import JudgmentError, TableError
from judge.identity import content_id
from judge.language_models import ModelSettings
from judge.levels import Judgment
from judge.metrics import Metrics
from judge.settings import Option, Settings
from judge.tables import Row

CALIBRATION = Path("data/teacher.json")


class Likelihood(Option):
    """A judge of groundedness from token log-likelihoods and word overlap, calibrated on statements of known truth."""

    kind: Literal["likelihood"]
    model: ModelSettings
    fits: int = Field(ge=2, le=200, description="bootstrap fits of the logistic model, whose spread is the distribution over the levels")


AnyTeacher: TypeAlias = Likelihood | grading.Grading | decisions.Decisions | correctness.Correctness | recorded.RecordedTeacher
Teacher: TypeAlias = Annotated[AnyTeacher, Field(discriminator="kind")]


class ScoreSettings(Settings):
    """What is done with failed judgments."""

    max_failed_share: float = Field(ge=0.0, le=1.0, description="the stage stops when a larger share of the judgments failed")


def calibrate(teacher: AnyTeacher, background: Sequence[Row], chunks: Sequence[Row], seed: int) -> groundedness.Calibration | None:
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
    made = statements.construct([_passage(row) for row in background or chunks], seed)
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


def judge(
    teacher: AnyTeacher, calibration: groundedness.Calibration | None, items: Sequence[Row], budget_usd: float | None = None
) -> list[Judgment]:
    """Judge answers, in order; each item has question, context, reference and answer, and one without an answer gets no verdict.

    Args:
        teacher: the option.
        calibration: what `calibrate` fitted; None for a teacher that needs nothing fitted.
        items: rows with these columns; context and reference may be null where the teacher does not need them.
        budget_usd: dollars that hosted models may cost in all; None is no limit.

    Raises:
        JudgmentError: the teacher needs a passage or a reference that an item lacks, or has only judgments made before.
        ModelError, BudgetError: as the model's own module raises them.
    """
    if isinstance(teacher, Likelihood):
        if calibration is None:
            raise JudgmentError(f"{CALIBRATION} was made for another teacher.\nNext: `dvc repro calibrate` makes it again.")
        return groundedness.judge(teacher.model, calibration, [_request(item) for item in items])
    if isinstance(teacher, grading.Grading):
        return grading.judge(teacher, items, budget_usd)
    if isinstance(teacher, decisions.Decisions):
        return decisions.judge(teacher, items, budget_usd)
    if isinstance(teacher, correctness.Correctness):
        return correctness.judge(teacher, items, budget_usd)
    raise JudgmentError(
        f"The teacher {teacher.name} has only judgments made before, and these answers were not among them.\n"
        "Next: choose a recorded corpus with it (corpus=recorded), or another teacher.",
    )


def judges_probes(teacher: AnyTeacher) -> bool:
    """Whether the teacher is asked for the statements of known truth too: a hosted one only where its option says so."""
    if isinstance(teacher, Likelihood):
        return True
    return not isinstance(teacher, recorded.RecordedTeacher) and teacher.judges_probes


def _request(item: Row) -> groundedness.Request:
    if not item["context"]:
        raise JudgmentError(
            f"The teacher likelihood judges whether a passage supports an answer; the question {item['question'][:80]!r} has none.\n"
            "Next: choose teacher=recorded for judgments that you have, or a hosted teacher that judges against the reference.",
        )
    return groundedness.Request(item["context"], item["question"], item["answer"] or "")


def probes(chunks: Sequence[Row], seed: int) -> list[Row]:
    """Statements of known truth from passages, as rows of the probes table."""
    return [
        {
            "probe_id": content_id(made.context, made.kind, made.statement),
            "document_id": made.document_id,
            "kind": made.kind,
            "question": made.question,
            "context": made.context,
            "answer": made.statement,
            "truth": made.truth,
        }
        for made in statements.construct([_passage(row) for row in chunks], seed)
    ]


def require_few_failed(judgments: Sequence[Judgment], settings: ScoreSettings) -> None:
    """Stop where too many judgments failed.

    Raises:
        JudgmentError: the share of failed judgments is above `max_failed_share`; the reasons are counted.
    """
    reasons = [str(judgment.reason) for judgment in judgments if judgment.levels is None]
    if len(reasons) > settings.max_failed_share * len(judgments):
        counted = ", ".join(f"{reasons.count(reason)} {reason}" for reason in sorted(set(reasons)))
        raise JudgmentError(
            f"{len(reasons)} of {len(judgments)} judgments failed ({counted}); "
            f"score.max_failed_share allows {settings.max_failed_share:.0%}.\n"
            "Next: see what the generators wrote in data/answers, or raise score.max_failed_share. What was judged is kept.",
        )


def _passage(chunk: Row) -> statements.Passage:
    return statements.Passage(chunk["document_id"], chunk["title"], chunk["text"])
