"""What every teacher does unless its kind says otherwise, and when failed judgments stop a run."""

from collections.abc import Sequence

import pytest

from judge.errors import JudgmentError
from judge.tables.items import Item
from judge.tables.levels import Judgment, nearest
from judge.tables.schema import Row
from judge.teachers.calibration import Calibration
from judge.teachers.teacher import ScoreSettings, TeacherOption, require_few_failed

GOOD, FAILED = Judgment(nearest(1.0)), Judgment(None, "no_verdict")


class Agreeable(TeacherOption):
    """A teacher that accepts every answer with words, and keeps to its budget."""

    def judge(self, items: Sequence[Item], calibration: Calibration | None = None, budget_usd: float | None = None) -> list[Judgment]:
        """Accept what is there."""
        assert (None, 2.5) == (calibration, budget_usd)
        return [GOOD if item.answer else FAILED for item in items]


def row(answer: str | None) -> Row:
    """A row to judge."""
    return {"answer_id": "a", "question": "Where?", "context": None, "reference": None, "answer": answer}


def test_rows_are_judged_by_what_is_asked_of_them_in_order() -> None:
    """Recorded judgments are no matter for a teacher that judges for itself; the budget reaches it."""
    recorded = [{"answer_id": "a", "levels": None, "reason": "error"}]
    judged = Agreeable(name="agreeable").judge_rows([row("There."), row(None)], recorded, budget_usd=2.5)
    assert [GOOD, FAILED] == judged


def test_a_teacher_is_not_fitted_and_not_probed_unless_it_says_so() -> None:
    """Statements of known truth cost money at a hosted model."""
    teacher = Agreeable(name="agreeable")
    assert teacher.calibrate([], 0) is None
    assert not teacher.is_probed


def test_more_failed_judgments_than_allowed_stop_the_stage() -> None:
    """2 of 10 at a limit of 10%: the reasons are counted in the message."""
    with pytest.raises(JudgmentError, match=r"2 of 10 judgments failed \(2 no_verdict\)"):
        require_few_failed([GOOD] * 8 + [FAILED] * 2, ScoreSettings(max_failed_share=0.1))


def test_the_limit_itself_is_allowed() -> None:
    """1 of 10 at a limit of 10% goes on."""
    require_few_failed([GOOD] * 9 + [FAILED], ScoreSettings(max_failed_share=0.1))
