"""A student with an encoder: what it judges, and how."""

import pytest

from judge.students.encoder_student import EncoderStudent
from judge.tables.items import Item
from judge.tables.levels import Judgment, acceptable_probability
from tests.students.examples import items


def test_it_judges_an_unseen_document_by_the_rule_it_learnt(trained: EncoderStudent) -> None:
    """An answer taken from a new passage scores above 0.5, one from elsewhere below."""
    passage = "The viola is a string instrument that is larger than the violin and sounds a fifth lower."
    own = trained.score("What is a viola?", "It is a string instrument.", context=passage)
    other = trained.score("What is a viola?", "Mosses and lichens cover the frozen ground.", context=passage)
    assert other < 0.5 < own


def test_score_and_judgment_agree(trained: EncoderStudent) -> None:
    """`score` is the mean of the levels that `judge` gives, whatever shares its batch, to within 0.02."""
    for item, judgment in zip(items()[:6], trained.judge(items()), strict=False):
        assert trained.score(item.question, str(item.answer), context=item.context) == pytest.approx(judgment.score, abs=0.02)


def test_acceptable_is_above_one_half_exactly_where_the_score_is_above_the_threshold(trained: EncoderStudent) -> None:
    """The probability is that of the score, at the slope that it learnt; class and probability say the same."""
    for item in items():
        (judgment,) = trained.judge([item])
        assert judgment.score is not None
        expected = acceptable_probability(judgment.score, 0.8, trained.slopes)
        assert judgment.acceptable == expected == trained.acceptable(item.question, str(item.answer), context=item.context)
        assert (expected > 0.5) == (judgment.score > 0.8)


def test_every_judgment_is_a_distribution(trained: EncoderStudent) -> None:
    """Eleven probabilities in [0, 1] that sum to 1, as a table demands."""
    for judgment in trained.judge(items()):
        assert judgment.levels is not None
        assert len(judgment.levels) == 11
        assert min(judgment.levels) >= 0
        assert sum(judgment.levels) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("answer", [None, "", "   ", "...", "\n"])
def test_answer_without_words_gets_no_verdict(trained: EncoderStudent, answer: str | None) -> None:
    """It is a failed judgment where it stands, and the others are judged."""
    judged = trained.judge([items()[0], Item("Why?", answer, "Because."), items()[1]])
    assert judged[1] == Judgment(None, "no_verdict")
    assert [judgment.score is None for judgment in judged] == [False, True, False]


def test_no_items_give_no_judgments(trained: EncoderStudent) -> None:
    """An empty list is answered by an empty list."""
    assert trained.judge([]) == []
