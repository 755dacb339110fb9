"""The judgment: levels, score, class."""

import math

import pytest

from judge.errors import JudgmentError
from judge.tables import levels


def test_a_score_at_the_threshold_is_unacceptable() -> None:
    """Acceptable means strictly above the threshold."""
    assert levels.classify(0.8, 0.8) == "unacceptable"
    assert levels.classify(math.nextafter(0.8, 1), 0.8) == "acceptable"


@pytest.mark.parametrize("slope", [0.1, 5.0, 500.0])
def test_probability_and_class_cannot_contradict_each_other(slope: float) -> None:
    """The probability is above one half exactly where the class is acceptable, one half at the threshold, and grows with the score."""
    scores = [0.0, 0.3, 0.79, 0.8, math.nextafter(0.8, 1), 0.81, 1.0]
    probabilities = [levels.acceptable_probability(score, 0.8, levels.Slopes(slope, 2 * slope)) for score in scores]
    assert probabilities == sorted(probabilities)
    assert levels.acceptable_probability(0.8, 0.8, levels.Slopes(slope, slope)) == 0.5
    assert all((p > 0.5) <= (levels.classify(score, 0.8) == "acceptable") for p, score in zip(probabilities, scores, strict=True))
    assert [p > 0.5 for p in probabilities[-2:]] == [True, True]


def test_the_probability_is_the_logistic_function_of_the_distance() -> None:
    """A tenth above the threshold at slope 20 is a logit of 2."""
    assert levels.acceptable_probability(0.9, 0.8, levels.Slopes(20.0, 1.0)) == pytest.approx(1 / (1 + math.exp(-2.0)))


@pytest.mark.parametrize("score", [0.0, 0.05, 0.3, 0.7777, 0.8, 0.95, 1.0])
def test_interpolation_keeps_the_score(score: float) -> None:
    """The mean of the two neighbouring levels is the score itself."""
    assert pytest.approx(score, abs=1e-12) == levels.mean(levels.interpolate(score))


@pytest.mark.parametrize(("score", "level"), [(0.04, 0.0), (0.06, 0.1), (0.25, 0.2), (0.96, 1.0), (1.0, 1.0)])
def test_nearest_puts_all_mass_on_one_level(score: float, level: float) -> None:
    """A single number goes to the nearest level, a tie to the lower one."""
    assert levels.mean(levels.nearest(score)) == level


@pytest.mark.parametrize("score", [-0.01, 1.01, math.nan, math.inf])
def test_a_score_outside_the_range_is_refused(score: float) -> None:
    """No clamping: a number outside [0, 1] is an error, not a level."""
    with pytest.raises(JudgmentError, match="between 0 and 1"):
        levels.nearest(score)
    with pytest.raises(JudgmentError, match="between 0 and 1"):
        levels.interpolate(score)


def test_certainty_scores_exactly_one() -> None:
    """All mass on 1.0 is a score of exactly 1.0, and so strictly above any threshold below it."""
    assert levels.mean(levels.nearest(1.0)) == 1.0
    assert levels.mean(levels.average([levels.nearest(1.0)] * 3)) == 1.0


def test_several_verdicts_average_to_their_histogram() -> None:
    """Three verdicts, two of them the same, give 2/3 and 1/3."""
    histogram = levels.average([levels.nearest(0.9), levels.nearest(0.9), levels.nearest(0.1)])
    assert [pytest.approx(1 / 3), pytest.approx(2 / 3)] == [histogram[1], histogram[9]]


def test_a_failed_judgment_has_no_score() -> None:
    """A failure is None and never 0."""
    assert levels.Judgment(None, "no_verdict").score is None
