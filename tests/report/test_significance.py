"""When a difference between two students is more than chance."""

import math

import pytest
from scipy import stats

from judge.evaluation.definitions import FIGURES, PRIMARY
from judge.evaluation.figures import SeedSpread
from judge.report import significance
from judge.report.paired import Paired, PairedFigure
from judge.report.significance import Significance
from tests.report.by_hand import spreads

EIGHT = SeedSpread(0.01, 8)


def alone(figure: PairedFigure, spread: SeedSpread | None = EIGHT) -> Significance:
    """The primary figure judged alone at 95%."""
    return significance.judge_figures(Paired(183, 61, 2000, 0.95, {PRIMARY: figure}), {PRIMARY: spread} if spread else {})[PRIMARY]


def difference(low: float, value: float, high: float) -> PairedFigure:
    """A difference with its interval over documents."""
    return PairedFigure(0.5, 0.5 + value, value, low, high, None)


def test_the_spread_of_a_difference_adds_the_variances_of_both_sides() -> None:
    """0.03 and 0.04 are 0.05 together; the fewer trainings say how well that is known."""
    together = significance.of_difference(spreads(0.03, 8), spreads(0.04, 5))

    assert list(FIGURES) == list(together)
    assert pytest.approx(0.05) == together["kappa"].deviation
    assert together["kappa"].trainings == 5


@pytest.mark.parametrize(("a", "b"), [(8, 1), (1, 8)])
def test_one_training_has_no_spread(a: int, b: int) -> None:
    """Where a side was trained once nothing is known of the difference."""
    assert significance.of_difference(spreads(0.03, a), spreads(0.04, b)) == {}


def test_the_reach_of_a_seed_is_a_t_quantile_of_its_trainings() -> None:
    """With 8 trainings 2.365 deviations at 95%, not 1.96."""
    assert pytest.approx(2.3646 * 0.01, abs=1e-6) == significance.reach(EIGHT, 0.95)


def test_the_squares_of_both_distances_to_an_end_add_up() -> None:
    """3 and 4 are 5: an interval from -0.01 to 0.07 about 0.02, with a seed that reaches 0.04, goes from -0.03 to 0.084."""
    spread = SeedSpread(0.04 / stats.t.ppf(0.975, 7), 8)

    ends = significance.widened(0.02, -0.01, 0.07, spread, 0.95)

    assert [-0.03, 0.02 + math.hypot(0.05, 0.04)] == pytest.approx(list(ends))


@pytest.mark.parametrize(("deviation", "expected"), [(0.0, True), (0.004, True), (0.02, False)])
def test_a_difference_that_a_seed_could_make_is_not_significant(deviation: float, expected: bool) -> None:
    """0.03 [0.01, 0.05] excludes 0; with a seed that reaches 0.047 it does not."""
    assert expected == alone(difference(0.01, 0.03, 0.05), spread=SeedSpread(deviation, 8)).significant


def test_without_a_spread_nothing_is_significant() -> None:
    """The interval over documents stays as it was, and has neither a p value nor a star."""
    plain = alone(difference(0.4, 0.5, 0.6), spread=None)

    assert (0.4, 0.6, None, False) == (plain.low, plain.high, plain.p, plain.significant)


def test_identical_students_differ_by_nothing() -> None:
    """Where every resample gives 0 there is no interval and no star, whatever the seed could do."""
    same = alone(PairedFigure(0.5, 0.5, 0.0, None, None, "no_spread"))

    assert (0.0, None, "no_spread", False) == (same.difference, same.low, same.reason, same.significant)


@pytest.mark.parametrize(("low", "value", "high"), [(0.0, 0.03, 0.05), (-0.05, -0.03, 0.0)])
def test_the_p_value_is_that_of_the_interval(low: float, value: float, high: float) -> None:
    """An interval that just reaches 0 has a p value of 5%, on either side."""
    assert pytest.approx(0.05) == alone(difference(low, value, high), spread=SeedSpread(0.0, 8)).p


def test_holm_s_correction_is_the_one_of_his_paper() -> None:
    """The smallest of three times 3, the next times 2, the largest as it is, none below the one before, none above 1."""
    assert {"a": 0.03, "b": 0.06, "c": 0.06} == pytest.approx(significance.holm({"b": 0.03, "a": 0.01, "c": 0.035}))
    assert {"a": 1.0, "b": 1.0} == significance.holm({"a": 0.6, "b": 0.7})


def test_every_figure_but_the_primary_one_is_corrected() -> None:
    """The same interval, which excludes 0 by a little, gets a star for the primary figure and none for the others."""
    figures = dict.fromkeys(FIGURES, difference(0.001, 0.03, 0.059))

    judged = significance.judge_figures(Paired(183, 61, 2000, 0.95, figures), dict.fromkeys(FIGURES, SeedSpread(0.0, 8)))

    assert [PRIMARY] == [name for name, it in judged.items() if it.significant]


def test_a_difference_that_stands_out_survives_the_correction() -> None:
    """One of the others far from 0 gets its star beside eleven that are not."""
    figures = dict.fromkeys(FIGURES, difference(-0.02, 0.0, 0.02)) | {"kappa": difference(0.2, 0.3, 0.4)}

    judged = significance.judge_figures(Paired(183, 61, 2000, 0.95, figures), dict.fromkeys(FIGURES, EIGHT))

    assert ["kappa"] == [name for name, it in judged.items() if it.significant]
