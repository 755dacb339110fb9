"""What every student offers, whatever it is made of."""

from collections.abc import Sequence
from typing import Any

import pytest

from judge.errors import StudentError
from judge.students.student import judge_worded
from judge.tables.items import Item
from judge.tables.levels import Judgment, interpolate
from tests.students.fixed import Fixed


def test_score_is_the_mean_of_the_levels() -> None:
    """A score between two levels comes back."""
    assert Fixed().score("How much?", "0.87", context="Much.") == pytest.approx(0.87)


def test_without_a_learnt_probability_acceptable_is_the_class() -> None:
    """At the threshold 0.8 a score of 0.8 is unacceptable for certain, and one of 0.82 acceptable."""
    student = Fixed()
    assert [0.0, 1.0, 1.0] == [student.acceptable("How much?", answer) for answer in ("0.8", "0.82", "1.0")]


def test_rows_and_items_are_judged_alike() -> None:
    """A mapping is read by its columns, others than those of an item are passed over, and evidence may be missing."""
    student = Fixed()
    item = Item("How much?", "0.3", "Much.", None)
    row = {"answer_id": "a1", "question": "How much?", "answer": "0.3", "context": "Much."}
    assert student.judge([item, row, {"question": "How much?", "answer": None}])[:2] == [Judgment(interpolate(0.3))] * 2
    assert student.asked == [item, item, Item("How much?", None)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"answer": "0.3"}, "Row 1 cannot be judged: `question` has to be text, got None"),
        ({"question": "How much?"}, "Row 1 cannot be judged: `answer` is missing"),
        ({"question": 3, "answer": "0.3", "context": float("nan")}, "`question` has to be text, got 3; `context` has to be text, got nan"),
    ],
)
def test_a_row_that_is_no_item_is_named(row: dict[str, Any], fault: str) -> None:
    """The error tells which row, and all that is wrong with it."""
    with pytest.raises(StudentError, match=fault):
        Fixed().judge([Item("How much?", "0.3"), row])


@pytest.mark.parametrize("row", [{"question": "How much?", "answer": "0.3"}, Item("How much?", "0.3"), "0.3"])
def test_one_row_instead_of_a_list_is_refused(row: Any) -> None:
    """The error says what to put around it."""
    with pytest.raises(StudentError, match=r"judge takes a list of rows, got one \w+\.\nNext: put it into a list"):
        Fixed().judge(row)


def test_score_of_an_empty_answer_is_refused() -> None:
    """A single score cannot be a failed judgment, so it is an error."""
    with pytest.raises(StudentError, match="empty answer"):
        Fixed().score("Why?", "...", context="Because.")


def test_score_without_a_verdict_is_refused() -> None:
    """The error says why there is none, in the student's own words."""
    with pytest.raises(StudentError, match=r"no verdict \(refused\): I would rather not"):
        Fixed().score("Why?", "Because.")


def test_answers_without_words_are_not_shown_to_the_judge() -> None:
    """They get no verdict where they stand, and a judge with nothing to judge is not asked at all."""
    seen: list[str | None] = []

    def judge(items: Sequence[Item]) -> list[Judgment]:
        seen.extend(item.answer for item in items)
        return [Judgment(interpolate(float(item.answer or ""))) for item in items]

    judged = judge_worded([Item("?", "0.1"), Item("?", "..."), Item("?", "0.2"), Item("?", None)], judge)
    assert [judgment.score for judgment in judged] == [pytest.approx(0.1), None, pytest.approx(0.2), None]
    assert ["no_verdict", "no_verdict"] == [judgment.reason for judgment in judged[1::2]]
    judge_worded([Item("?", "...")], judge)
    assert ["0.1", "0.2"] == seen


def test_a_student_that_runs_here_asks_nothing() -> None:
    """Its plan counts the judgments, and no price."""
    plan = Fixed().planned([Item("?", "0.1")] * 3)
    assert (3, 0, None) == (plan.requests, plan.cached, plan.usd)
