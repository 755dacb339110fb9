"""The split: who goes where, what a new document changes, and what is refused."""

from collections import Counter
from typing import Any

import pytest

from judge.dataset.splits import SplitSettings, split
from judge.errors import SplitError


def _rows(documents: int, answers: int = 3) -> list[dict[str, Any]]:
    return [
        {
            "answer_id": f"{document}-{answer}",
            "question_id": f"q{document}",
            "document_id": f"d{document}",
            "teacher_class": "acceptable" if (document + answer) % 2 else "unacceptable",
        }
        for document in range(documents)
        for answer in range(answers)
    ]


def _settings(fraction: float = 0.7, group_by: str = "document") -> SplitSettings:
    return SplitSettings.model_validate({"train_fraction": fraction, "group_by": group_by})


def test_a_document_is_on_one_side_only() -> None:
    """Three answers to one question never stand on both sides."""
    sides = split(_rows(200), _settings(), 1)
    assert not {row["document_id"] for row in sides.train} & {row["document_id"] for row in sides.test}
    assert len(sides.train) + len(sides.test) == 600


@pytest.mark.parametrize("fraction", [0.6, 0.7, 0.8])
def test_the_share_is_met_in_expectation(fraction: float) -> None:
    """Over 3,000 documents the train share is within three standard deviations (2.7 points) of what was asked."""
    sides = split(_rows(3000, answers=2), _settings(fraction), 1)
    assert abs(len(sides.train) / 6000 - fraction) < 0.027


def test_a_plain_shuffle_cuts_exactly() -> None:
    """By answer, as in the tutorial: 70 rows of 100."""
    sides = split(_rows(50, answers=2), _settings(group_by="answer"), 1)
    assert (len(sides.train), len(sides.test)) == (70, 30)


def test_adding_a_document_moves_no_other_row() -> None:
    """The side of a document depends on its own id alone."""
    before, after = split(_rows(60), _settings(), 1), split(_rows(61), _settings(), 1)
    assert {row["answer_id"] for row in before.train} <= {row["answer_id"] for row in after.train}
    assert {row["answer_id"] for row in before.test} <= {row["answer_id"] for row in after.test}


def test_the_order_of_the_rows_does_not_matter() -> None:
    """Reversed input, same sides."""
    one, other = split(_rows(40), _settings(), 1), split(_rows(40)[::-1], _settings(), 1)
    assert {row["answer_id"] for row in one.test} == {row["answer_id"] for row in other.test}


def test_another_seed_shuffles_anew() -> None:
    """The seed is what the shuffle is left to."""
    assert [row["answer_id"] for row in split(_rows(40), _settings(), 1).test] != [
        row["answer_id"] for row in split(_rows(40), _settings(), 2).test
    ]


def test_a_side_with_one_class_is_refused_with_the_counts() -> None:
    """A student cannot learn from one class, nor be measured on it."""
    rows = [row | {"teacher_class": "acceptable"} for row in _rows(40)]
    with pytest.raises(SplitError, match=r"train has \d+ acceptable, 0 unacceptable, 0 without a score"):
        split(rows, _settings(), 1)


def test_an_empty_side_is_refused_with_the_counts() -> None:
    """One document cannot be on both sides."""
    with pytest.raises(SplitError, match=r"3 rows in 1 groups"):
        split(_rows(1), _settings(), 1)


def test_failed_judgments_go_along() -> None:
    """A row without a class is on a side like any other and counted."""
    rows = [row | {"teacher_class": None} if number % 10 == 0 else row for number, row in enumerate(_rows(100))]
    sides = split(rows, _settings(), 1)
    assert Counter(row["teacher_class"] for side in sides for row in side)[None] == 30
