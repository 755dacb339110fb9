"""How an answer matches the reference answers."""

from typing import Any

import pytest

from judge.students import references, spelling


def features(answer: str, *known: str, question: str = "Where was the treaty signed?") -> dict[str, float]:
    """The features by name."""
    return dict(zip(references.FEATURES, references.measure(question, answer, known), strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the U.S. and Zürich", ["the", "us", "and", "zurich"]),
        ("on the 21st, the third of ninety", ["on", "the", "21", "the", "3", "of", "90"]),
        ("1,200 people – or twelve", ["1200", "people", "or", "12"]),
        ("", []),
    ],
)
def test_one_spelling_for_what_is_one_thing(text: str, expected: list[str]) -> None:
    """Accents, initials, ordinals, number words and grouping commas make no other word."""
    assert expected == spelling.words(text)


@pytest.mark.parametrize(
    ("answer", "name", "expected"),
    [
        ("It was signed in Paris.", "contained", 1.0),
        ("It was signed in Rome.", "contained", 0.0),
        ("It was signed in Parris.", "contained", 0.0),
        ("Nobody knows, it wasn't signed.", "answer_denies", 1.0),
        ("In Paris.", "first_sentence_precision", 1.0),
        ("In Paris, Rome or Bern.", "first_sentence_precision", 1 / 3),
    ],
)
def test_a_reference_is_looked_for(answer: str, name: str, expected: float) -> None:
    """Whether it stands there, and what stands beside it."""
    assert features(answer, "Paris")[f"reference_{name}"] == pytest.approx(expected)


def test_another_number_of_the_same_sort_clashes() -> None:
    """A wrong year is told from a missing one."""
    wrong, missing = features("In 1878.", "1877"), features("Long ago.", "1877")
    assert (wrong["reference_numbers_clash"], wrong["reference_other_years"]) == (1.0, 1.0)
    assert (missing["reference_numbers_clash"], missing["reference_other_years"]) == (0.0, 0.0)


def test_the_spelling_of_a_name_may_differ_a_little() -> None:
    """A misspelt name has most of its character triples."""
    near, far = features("By Tchaikovski", "Tchaikovsky"), features("By Verdi", "Tchaikovsky")
    assert near["reference_spelling_mean"] > 0.5 > far["reference_spelling_mean"]


def test_the_nearest_of_several_is_what_counts() -> None:
    """Other alternatives beside the right one, in any order, change nothing but the shares over all of them."""
    alone = features("In Paris.", "Paris")
    one, other = features("In Paris.", "London", "Paris"), features("In Paris.", "Paris", "London")
    assert one == other
    assert {name for name in one if one[name] != alone[name]} == {"reference_whole_share"}


@pytest.mark.parametrize(
    ("question", "answer", "known"), [("?", "...", "Paris"), ("Who?", "他", "…"), ("", "a", "the"), ("When?", "1", "!")]
)
def test_odd_texts_have_features(question: Any, answer: str, known: str) -> None:
    """Texts without words, of small words alone or of another script give as many finite numbers."""
    measured = references.measure(question, answer, [known])
    assert len(measured) == len(references.FEATURES)
    assert all(abs(value) < 10 for value in measured)
