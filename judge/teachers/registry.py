"""Teachers: the strong judges that are distilled. Each maps (question, context, answer) to a distribution over the levels."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from judge.errors import JudgmentError
from judge.settings import Settings
from judge.tables.levels import Judgment
from judge.tables.schema import Row
from judge.teachers import correctness, decisions, grading, groundedness, recorded
from judge.teachers.calibration import CALIBRATION
from judge.teachers.groundedness import Likelihood

AnyTeacher: TypeAlias = Likelihood | grading.Grading | decisions.Decisions | correctness.Correctness | recorded.RecordedTeacher
Teacher: TypeAlias = Annotated[AnyTeacher, Field(discriminator="kind")]


class ScoreSettings(Settings):
    """What is done with failed judgments."""

    max_failed_share: float = Field(ge=0.0, le=1.0, description="the stage stops when a larger share of the judgments failed")


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
