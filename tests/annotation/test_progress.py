"""Which answer is shown: decided by the queue and by what the annotator said, and by nothing else."""

import pytest

from judge.annotation.progress import progress
from judge.people.labels import Label

QUEUE = ["a", "b", "c", "d"]


def _lines(*said: tuple[str, float | None]) -> list[Label]:
    return [Label(item, "anna", label) for item, label in said]


@pytest.mark.parametrize(
    ("said", "waiting", "labelled", "skipped"),
    [
        ([], ["a", "b", "c", "d"], 0, 0),
        ([("a", 1.0)], ["b", "c", "d"], 1, 0),
        ([("a", None), ("b", 0.0)], ["c", "d", "a"], 1, 1),
        ([("b", None), ("a", None), ("c", 1.0), ("d", 1.0)], ["b", "a"], 2, 2),
        ([("b", None), ("a", None), ("c", 1.0), ("d", 1.0), ("b", None)], ["a", "b"], 2, 2),
        ([("a", 1.0), ("a", None)], ["b", "c", "d", "a"], 0, 1),
        ([("a", None), ("a", 0.0)], ["b", "c", "d"], 1, 0),
        ([("gone", 1.0), ("c", 0.0)], ["a", "b", "d"], 1, 0),
        ([("a", 0.0), ("b", 0.0), ("c", 0.0), ("d", 0.0)], [], 4, 0),
    ],
)
def test_skipped_answers_come_after_all_others(
    said: list[tuple[str, float | None]], waiting: list[str], labelled: int, skipped: int
) -> None:
    """Who was skipped longest ago comes first; labels of other answers count nothing."""
    done = progress(QUEUE, _lines(*said))
    assert (waiting, labelled, skipped) == (done.waiting, done.labelled, done.skipped)


def test_back_goes_through_what_was_said_latest_first() -> None:
    """An answer that was labelled again is the latest; no step goes before the first."""
    done = progress(QUEUE, _lines(("a", 1.0), ("b", None), ("c", 0.0), ("a", 0.0)))
    assert [("d", 0), ("a", 1), ("c", 2), ("b", 3), ("b", 3)] == [done.shown(back) for back in range(5)]


def test_back_never_stays_on_a_skipped_answer_whose_turn_it_is() -> None:
    """It is shown without a step back, so it is none of the steps: all others can be reached."""
    done = progress(["a", "b", "c"], _lines(("a", 1.0), ("b", None), ("c", 0.0)))
    assert [("b", 0), ("c", 1), ("a", 2), ("a", 2)] == [done.shown(back) for back in range(4)]


def test_when_all_are_labelled_no_answer_has_its_turn() -> None:
    """Back still leads to what was said."""
    done = progress(["a"], _lines(("a", 1.0)))
    assert [(None, 0), ("a", 1)] == [done.shown(0), done.shown(1)]
