"""The correction of a student's distributions."""

import pytest

from judge.students.tempering import Tempering
from judge.tables.levels import interpolate, mean

LEVELS = (0.1, 0.0, 0.1, 0.0, 0.2, 0.0, 0.0, 0.3, 0.0, 0.3, 0.0)


def test_none_changes_nothing() -> None:
    """At temperature 1 and without biases the levels are the very same numbers."""
    assert Tempering().apply(LEVELS) == LEVELS


def test_rising_biases_move_the_mean_and_keep_what_has_no_mass() -> None:
    """They are more lenient; the sum stays 1, and a level without mass gets none."""
    moved = Tempering(biases=tuple(step / 5 for step in range(11))).apply(LEVELS)
    assert sum(moved) == pytest.approx(1.0)
    assert mean(moved) > mean(LEVELS)
    assert [mass > 0 for mass in moved] == [mass > 0 for mass in LEVELS]


def test_a_low_temperature_sharpens() -> None:
    """The largest mass grows as the temperature falls, by the formula."""
    sharp = max(Tempering(temperature=0.5).apply(interpolate(0.73)))
    assert sharp == pytest.approx(0.7**2 / (0.7**2 + 0.3**2))
