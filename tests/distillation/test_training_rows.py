"""What a student learns from: rows that teach, and whole documents left out."""

from typing import Any

import pytest

from judge.distillation.training_rows import figures, folds, taught
from judge.errors import StudentError


def rows(documents: int) -> list[dict[str, Any]]:
    """Two judged rows about each document."""
    return [
        {"document_id": f"d{number}", "answer": f"Answer {part}.", "teacher_levels": [1.0, *[0.0] * 10]}
        for number in range(documents)
        for part in range(2)
    ]


def test_failed_judgments_and_answers_without_words_do_not_teach() -> None:
    """The other rows stay in order, and what was left out is counted."""
    failed, silent = {**rows(1)[0], "teacher_levels": None}, {**rows(1)[0], "answer": "..."}
    given = [failed, *rows(2), silent]
    assert rows(2) == taught(given)
    assert {"teacher": "rule", "rows": 4, "rows_left_out": 2, "documents": 2} == figures(given, taught(given), "rule")


@pytest.mark.parametrize(("fraction", "count"), [(0.5, 2), (0.25, 4), (0.125, 8), (0.01, 10)])
def test_a_fold_is_about_that_fraction_of_the_documents(fraction: float, count: int) -> None:
    """Of ten documents each is in one fold with both its rows, and folds differ by one document at most."""
    dealt = folds(rows(10), fraction, 1)
    assert dealt[0::2] == dealt[1::2]
    sizes = [dealt[0::2].count(fold) for fold in range(count)]
    assert (10, True) == (sum(sizes), max(sizes) - min(sizes) <= 1)


def test_another_seed_deals_other_folds() -> None:
    """The same seed deals the same."""
    dealt = [folds(rows(20), 0.25, seed) for seed in (1, 1, 2)]
    assert dealt[0] == dealt[1] != dealt[2]


def test_a_single_document_is_refused() -> None:
    """Without a second one there is nothing to validate on."""
    with pytest.raises(StudentError, match=r"at least 2 documents(.|\n)*2 judged training rows all belong to 1"):
        folds(rows(1), 0.25, 1)
