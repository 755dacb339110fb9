"""How the sentences of an answer are supported by single sentences of the passage."""

import math

import pytest

from judge.students import support

PASSAGE = (
    "The Vell bridge was opened in 1877 by Queen Isabel. It carries 430 cars an hour to Norport. "
    "Ada Brandt built the old ferry house in 1911, and never saw the bridge."
)


def features(answer: str, passage: str = PASSAGE, question: str = "What is known?") -> dict[str, float]:
    """The features of one answer by name."""
    return dict(zip(support.FEATURES, support.measure(question, answer, passage), strict=True))


def test_a_sentence_of_the_passage_is_supported_whole() -> None:
    """All of its words stand in one sentence, in order, and none elsewhere."""
    measured = features("The Vell bridge was opened in 1877 by Queen Isabel.")
    assert (measured["support_least"], measured["support_order_least"], measured["support_elsewhere"]) == (1.0, 1.0, 0.0)
    assert measured["support_run_least"] == 1.0


def test_words_from_everywhere_are_no_support() -> None:
    """A year of another sentence stands in the passage, and not where the rest of the answer does."""
    measured = features("The Vell bridge was opened in 1911 by Queen Isabel.")
    assert measured["support_least"] < 1.0
    assert measured["support_mentions_elsewhere"] > 0.0
    assert measured["support_mentions_new"] == 0.0


def test_what_stands_nowhere_is_new() -> None:
    """A year that the passage does not have is told from one that stands elsewhere."""
    measured = features("The Vell bridge was opened in 1955 by Queen Isabel.")
    assert measured["support_mentions_elsewhere"] == 0.0
    assert measured["support_mentions_new"] == pytest.approx(math.log(2))


def test_one_bad_sentence_lowers_the_least_and_not_all_of_the_mean() -> None:
    """Sentence by sentence: the good one stays good."""
    measured = features("It carries 430 cars an hour to Norport. Whales sing at night.")
    assert measured["support_least"] == 0.0
    assert measured["support_mean"] == pytest.approx(0.5)


def test_order_within_the_sentence_counts() -> None:
    """The words of one sentence the other way round keep no order."""
    straight, turned = features("Queen Isabel opened the Vell bridge"), features("Norport carries to hour an cars 430")
    assert turned["support_least"] == 1.0
    assert turned["support_order_least"] < straight["support_least"]


def test_neighbours_have_to_stand_near_each_other_in_one_sentence() -> None:
    """Within four words with content; a word at the end of a sentence is not near one at the beginning of the next."""
    said = {"bridge opened": 1.0, "Ada house": 0.0, "Brandt house": 1.0, "Norport Ada": 0.0, "Vell bridge house": 0.5}
    assert said == {answer: features(answer)["support_pairs_least"] for answer in said}


def test_a_sentence_that_repeats_the_question_is_supported() -> None:
    """Words of the question count as supported, in each sentence of the passage, whether or not it has them."""
    measured = features("Whales sing", question="Do whales sing?")
    shares = [measured[f"support_{name}"] for name in ("least", "pair_least", "rare_least", "elsewhere", "mentions_new", "length")]
    assert shares == [1.0, 1.0, 1.0, 0.0, 0.0, 1 / 3]


def test_denial_against_its_support_is_seen() -> None:
    """The sentence that supports it best does not deny, or does."""
    assert features("The Vell bridge was not opened in 1877 by Queen Isabel.")["support_denial"] == 1.0
    assert features("Ada Brandt never saw the bridge.")["support_denial"] == 0.0
    assert features("Ada Brandt saw the bridge and built the old ferry house in 1911.")["support_denial"] == 1.0


@pytest.mark.parametrize(("answer", "passage"), [("", PASSAGE), ("...", PASSAGE), ("Yes.", ""), ("Yes", "!"), ("the", "the")])
def test_odd_texts_have_finite_features(answer: str, passage: str) -> None:
    """Texts without words or without content have as many numbers, none of them large."""
    measured = support.measure("?", answer, passage)
    assert len(measured) == len(support.FEATURES)
    assert all(abs(value) < 10 for value in measured)
