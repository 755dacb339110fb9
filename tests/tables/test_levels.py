"""The judgment: levels, score, class."""

import math

import pytest

from judge.errors import JudgmentError
from judge.tables import levels


def test_a_score_at_the_threshold_is_unacceptable() -> None:
    """Acceptable means strictly above the threshold."""
    assert levels.classify(0.8, 0.8) == "unacceptable"
    assert levels.classify(math.nextafter(0.8, 1), 0.8) == "acceptable"


def test_the_mass_above_a_threshold_leaves_its_own_level_out() -> None:
    """The level 0.8 is not above 0.8; 0.9 and 1.0 are."""
    uniform = (1 / 11,) * 11
    assert pytest.approx(2 / 11) == levels.probability_above(uniform, 0.8)


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
