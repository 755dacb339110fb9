"""The contrary of a sentence."""

import pytest

from judge.probes.negations import negate


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Lima is the capital of Peru.", "Lima is not the capital of Peru."),
        ("It was also widened in 1902.", "It was not widened in 1902."),
        ("It has a population of 85 people.", "It does not have a population of 85 people."),
        ("The canal borders the old town.", "The canal does not border the old town."),
        ("The war began in May.", "The war did not begin in May."),
        ("Ships can pass at night.", "Ships cannot pass at night."),
        ("It has been widened twice.", "It has not been widened twice."),
    ],
)
def test_a_main_verb_is_negated(sentence: str, expected: str) -> None:
    """Auxiliaries take "not", other verbs "does not" or "did not", and an adverb that a denial cannot keep goes."""
    assert expected == negate(sentence)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Lima is not the capital of Chile.", "Lima is the capital of Chile."),
        ("Ships cannot pass at night.", "Ships can pass at night."),
        ("It was never widened again.", "It was widened again."),
    ],
)
def test_a_negation_is_taken_away(sentence: str, expected: str) -> None:
    """A sentence that denies something affirms it then."""
    assert expected == negate(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "All canals that are wide were dug by hand.",
        "Most of the ships are small.",
        "It may be closed in winter.",
        "It is not only wide but deep.",
        "Lima is wide, but it is not deep.",
        "Nothing of the kind here.",
    ],
)
def test_what_would_stay_partly_true_is_left(sentence: str) -> None:
    """Quantities, possibilities, double denials, and sentences whose main verb is not plain to see."""
    assert negate(sentence) is None
