"""Other forms of a sentence that keep it true."""

import pytest

from judge.probes.rewording import last_clause, rename, reorder, shorten, statable_sentences


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The canal (opened 1877) is in Peru, which is far away.", "The canal is in Peru."),
        ("In 1953, he was awarded a prize.", "He was awarded a prize."),
        ("He was awarded a prize.", None),
    ],
)
def test_a_shortened_sentence_loses_only_what_can_go(sentence: str, expected: str | None) -> None:
    """Brackets, a last clause and an opening phrase go; a sentence without them has no short form."""
    assert shorten(sentence) == expected


def test_a_reordered_sentence_ends_with_its_opening_phrase() -> None:
    """The phrase before the first comma moves to the end."""
    assert reorder("In 1953, he was awarded a prize.") == "He was awarded a prize in 1953."


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [("Corda Canal is long.", "It is long."), ("It was widened.", "Corda Canal was widened."), ("The canal is long.", None)],
)
def test_a_subject_is_renamed_both_ways(sentence: str, expected: str | None) -> None:
    """The title becomes a pronoun and a pronoun the title, without the title's brackets."""
    assert rename(sentence, "Corda Canal (waterway)") == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The canal is in Peru, which is far away.", ", which is far away"),
        ("The canal is in Peru.", None),
        (f"The canal is in Peru, which is {'very ' * 20}far away.", None),
    ],
)
def test_a_last_clause_runs_from_its_comma_to_the_full_stop(sentence: str, expected: str | None) -> None:
    """A long one is none: it would be most of the sentence."""
    assert expected == last_clause(sentence)


def test_only_whole_sentences_can_stand_alone() -> None:
    """Headings, questions, fragments and what runs over a line's end cannot."""
    text = "A heading\nIt was opened in Lima in 1877. Was it ever widened at all? Yes it was. It was closed in 1931 for good."
    assert ["It was closed in 1931 for good."] == statable_sentences(text)
