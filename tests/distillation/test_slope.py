"""The slope that turns a score into a probability."""

import numpy as np
import pytest

from judge.distillation import slope


@pytest.mark.parametrize("true", [5.0, 20.0, 60.0])
def test_it_finds_the_slope_that_the_classes_were_drawn_with(true: float) -> None:
    """20,000 classes drawn at a slope give it back to within a tenth."""
    generator = np.random.default_rng(0)
    scores = generator.random(20_000)
    acceptable = generator.random(20_000) < 1 / (1 + np.exp(-true * (scores - 0.8)))
    assert slope.fit(scores.tolist(), acceptable.tolist(), 0.8) == pytest.approx((true, true), rel=0.15)


def test_each_side_has_its_own() -> None:
    """Classes drawn at 30 above and 5 below give both back; with fewer than 20 scores above, one slope holds for both sides."""
    generator = np.random.default_rng(0)
    scores = generator.random(20_000)
    slopes = np.where(scores > 0.5, 30.0, 5.0)
    acceptable = generator.random(20_000) < 1 / (1 + np.exp(-slopes * (scores - 0.5)))
    assert slope.fit(scores.tolist(), acceptable.tolist(), 0.5) == pytest.approx((30.0, 5.0), rel=0.15)
    few = [*np.flatnonzero(scores > 0.5)[:19], *np.flatnonzero(scores <= 0.5)[:500]]
    above, below = slope.fit(scores[few].tolist(), acceptable[few].tolist(), 0.5)
    # The few above reach the one slope that holds below, and no more.
    assert above == pytest.approx(below, rel=0.3)


def test_scores_that_separate_the_classes_are_cut_at_the_steepest() -> None:
    """No finite slope is likeliest there."""
    assert slope.fit([0.1, 0.2, 0.9, 0.95], [False, False, True, True], 0.8) == pytest.approx((slope.STEEPEST,) * 2, rel=1e-4)


def test_scores_that_say_the_opposite_leave_the_judge_undecided() -> None:
    """A slope below 0 would turn the class round."""
    assert slope.fit([0.9, 1.0, 0.1, 0.2] * 5, [False, False, True, True] * 5, 0.5) == pytest.approx((slope.FLATTEST,) * 2, rel=1e-4)


@pytest.mark.parametrize("acceptable", [[True, True], [False, False]])
def test_one_class_tells_nothing(acceptable: list[bool]) -> None:
    """There is nothing to be sure of."""
    assert slope.fit([0.1, 0.9], acceptable, 0.8) == (slope.FLATTEST, slope.FLATTEST)
