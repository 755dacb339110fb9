"""The share corrected by how often the judge errs."""

import numpy as np
import pytest

from judge.evaluation.corrected import Answers
from judge.evaluation.rogan_gladen import rogan_gladen


def _answers(counts: tuple[int, int, int, int], accepted: int, rejected: int) -> Answers:
    """Labelled answers by what people and judge say (both, people alone, judge alone, neither), then some that people were not asked."""
    people = np.repeat([1.0, 1.0, 0.0, 0.0, np.nan, np.nan], [*counts, accepted, rejected])
    judge = np.repeat([True, False, True, False, True, False], [*counts, accepted, rejected])
    return Answers(judge.astype(float), judge, people, np.full(len(people), sum(counts) / len(people)), np.arange(len(people)))


def _all(answers: Answers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(answers.people), dtype=np.bool_)


def test_the_share_is_that_of_the_formula() -> None:
    """(accepted + specificity - 1) / (sensitivity + specificity - 1)."""
    answers = _answers((45, 5, 10, 40), 300, 100)
    share = rogan_gladen(answers, _all(answers), 0.95)
    assert (355 / 500 + 0.8 - 1) / (0.9 + 0.8 - 1) == pytest.approx(share.value)
    assert share.low is not None
    assert share.high is not None
    assert share.low < 355 / 500 < share.high


def test_with_every_answer_labelled_it_is_the_share_of_the_people() -> None:
    """The errors on the answers themselves explain exactly what the judge has accepted."""
    answers = _answers((45, 5, 10, 40), 0, 0)
    assert 0.5 == pytest.approx(rogan_gladen(answers, _all(answers), 0.95).value)


def test_labels_of_other_systems_say_how_the_judge_errs() -> None:
    """The system itself has no label."""
    answers = _answers((45, 5, 10, 40), 60, 40)
    share = rogan_gladen(answers, np.isnan(answers.people), 0.95)
    assert (0.6 + 0.8 - 1) / 0.7 == pytest.approx(share.value)


def test_a_judge_that_tells_nothing_leaves_it_undefined() -> None:
    """It accepts what people reject as often as what they accept, or more often."""
    for counts in ((30, 20, 30, 20), (10, 40, 40, 10)):
        answers = _answers(counts, 100, 100)
        assert (None, None, None, "undefined") == rogan_gladen(answers, _all(answers), 0.95)


def test_labels_of_one_class_leave_it_undefined() -> None:
    """Nobody knows how the judge errs on the other."""
    answers = _answers((30, 10, 0, 0), 100, 100)
    assert (None, None, None, "undefined") == rogan_gladen(answers, _all(answers), 0.95)


def test_a_judge_that_hardly_tells_anything_says_nearly_nothing() -> None:
    """The interval is nearly as wide as can be, and never wider."""
    answers = _answers((12, 8, 9, 11), 100, 100)
    share = rogan_gladen(answers, _all(answers), 0.95)
    assert (0.0, 1.0) == (share.low, share.high)


def test_a_share_that_the_formula_puts_outside_is_at_the_edge() -> None:
    """The judge accepts fewer than its errors alone would make it accept: the share is 0, and the interval begins there."""
    answers = _answers((48, 2, 10, 40), 0, 400)
    share = rogan_gladen(answers, np.isnan(answers.people), 0.95)
    assert (0.0, 0.0) == (share.value, share.low)
    assert share.high is not None
    assert 0.0 <= share.high < 0.3


@pytest.mark.parametrize("seed", range(20))
def test_a_judge_without_an_error_is_never_better_than_perfect(seed: int) -> None:
    """Chances that differ add up to shares that round to a little more than 1, of which no root can be taken."""
    chance = np.random.default_rng(seed).random(80)
    answers = _answers((30, 0, 0, 30), 10, 10)._replace(chance=chance)
    share = rogan_gladen(answers, _all(answers), 0.95)
    assert 0.5 == pytest.approx(share.value)
    assert share.low is not None


def test_few_documents_have_no_interval() -> None:
    """Nine of them."""
    answers = _answers((20, 5, 5, 20), 10, 10)
    share = rogan_gladen(answers._replace(document=np.arange(70) % 9), _all(answers), 0.95)
    assert (None, None, "few_documents") == share[1:]


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of 600 samples 92 to 98 of a hundred do; `bench/corrected.py` asks more closely."""
    generator = np.random.default_rng(2)
    held = 0
    for _ in range(600):
        labelled = generator.multinomial(60, [0.3 * 0.8, 0.3 * 0.2, 0.7 * 0.25, 0.7 * 0.75])
        accepted = int(generator.binomial(300, 0.3 * 0.8 + 0.7 * 0.25))
        answers = _answers(tuple(labelled.tolist()), accepted, 300 - accepted)
        share = rogan_gladen(answers, _all(answers), 0.95)
        held += share.low is not None and share.high is not None and share.low <= 0.3 <= share.high
    assert 0.92 <= held / 600 <= 0.98
