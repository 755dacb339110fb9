"""The teacher that repeats judgments made before."""

import pytest

from judge.errors import JudgmentError
from judge.tables.items import Item
from judge.tables.levels import Judgment, nearest
from judge.tables.schema import Row
from judge.teachers.recorded import RecordedTeacher
from tests.conftest import option

TEACHER: RecordedTeacher = option("teacher", "recorded", RecordedTeacher)


def row(answer_id: str, levels: tuple[float, ...] | None = nearest(1.0), reason: str | None = None) -> Row:
    """A row of the recorded table, as far as the teacher reads it."""
    texts = {"question": "Where?", "context": None, "reference": None, "answer": "There."}
    return {"answer_id": answer_id, **texts, "levels": None if levels is None else list(levels), "reason": reason}


def test_a_row_gets_the_judgment_that_was_recorded_of_it() -> None:
    """By its id, whatever the order; a recorded failure keeps its reason."""
    recorded = [row("a"), row("b", None, "refused"), row("c", nearest(0.3))]
    judged = TEACHER.judge_rows([recorded[2], recorded[1]], recorded)
    assert [Judgment(nearest(0.3), source="recorded"), Judgment(None, "refused", "recorded")] == judged


@pytest.mark.parametrize("recorded", [[], [row("a")]])
def test_an_answer_that_was_never_judged_is_a_clear_error(recorded: list[Row]) -> None:
    """It says what to choose with this teacher, or instead of it."""
    with pytest.raises(JudgmentError, match=r"(?s)teacher recorded has only judgments made before.*Next: choose a recorded corpus"):
        TEACHER.judge_rows([row("a"), row("b")], recorded)


def test_there_is_nothing_to_ask() -> None:
    """Neither of answers nor of statements of known truth."""
    assert not TEACHER.is_probed
    with pytest.raises(JudgmentError, match="only judgments made before"):
        TEACHER.judge([Item("Where?", "There.")])
