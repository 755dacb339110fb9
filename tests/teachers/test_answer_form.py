"""What is measured of an answer without its passage."""

import pytest

from judge.tables.items import Item
from judge.teachers import answer_form

QUESTION = "What is the capital of Peru?"
ANSWERS = [
    ("Lima is the capital of Peru.", (0.0, 0.0, 0.0)),
    ("The capital of Peru is the capital of Peru.", (0.5, 1.0, 0.0)),
    ("It is the capital.", (0.0, 1.0, 0.0)),
    ("Lima.", (0.0, 0.0, 0.0)),
    ("The capital of Peru can be described like this:", (0.0, 0.0, 1.0)),
    ("Lima, Lima...", (0.5, 0.0, 1.0)),
    ("Is it?", (0.0, 1.0, 0.0)),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
def test_what_an_answer_looks_like(answer: str, expected: tuple[float, float, float]) -> None:
    """What it repeats, whether it has a content word that the question lacks, whether it ends before it has said something."""
    assert answer_form.FEATURES == ("repeated_words", "only_asked_words", "ends_open")
    assert [pytest.approx(expected)] == answer_form.measure([Item(QUESTION, answer)]).tolist()


def test_no_answers_have_no_features() -> None:
    """But as many columns."""
    assert answer_form.measure([]).shape == (0, 3)
