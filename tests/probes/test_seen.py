"""What a teacher has seen: which texts count as the same."""

import pytest

from judge.probes.seen import Seen, hash_of_words, hashes_of_sentences
from judge.probes.statements import Statement


def _marks(*texts: str) -> set[str]:
    return {hash_of_words(text) for text in texts}


@pytest.mark.parametrize(("one", "other"), [("In 1990", "in 1990."), ("Oslo, Norway", "Oslo  Norway"), ("“It fell.”", "It\nfell")])
def test_texts_with_the_same_words_are_the_same(one: str, other: str) -> None:
    """Whatever their case, punctuation and spaces."""
    assert hash_of_words(one) == hash_of_words(other)


@pytest.mark.parametrize(("one", "other"), [("In 1990", "In 1991"), ("A beat B", "B beat A"), ("Oslo", "Os lo")])
def test_texts_with_other_words_or_another_order_are_not(one: str, other: str) -> None:
    """Names that are exchanged make another statement."""
    assert hash_of_words(one) != hash_of_words(other)


def test_a_sentence_ends_with_its_line_and_short_ones_count_for_nothing() -> None:
    """A heading does not hide the sentence below it, and "It fell." is said of many things."""
    text = "The Old Tower\nIt was built of stone in 1450. It fell. Nobody has built it up again."
    assert _marks("It was built of stone in 1450.", "Nobody has built it up again.") == set(hashes_of_sentences(text))


def test_statements_and_the_sentences_of_their_passages_are_kept_once() -> None:
    """Two statements of a passage: it is read once; ids of the run are not known here."""
    context = "Lima is the capital of Peru."
    made = [Statement("d", kind, context, "?", text, kind == "sentence") for kind, text in (("sentence", context), ("fragment", "Oslo."))]
    assert Seen(statements=tuple(sorted(_marks(context, "Oslo"))), sentences=tuple(_marks(context))) == Seen.of(made)
