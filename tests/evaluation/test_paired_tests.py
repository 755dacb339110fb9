"""McNemar's and Williams' tests: equal to published examples, and what they say where there is nothing to tell."""

import numpy as np
import pytest

from judge.evaluation.paired_tests import McNemar, mcnemar, of_correlations, of_counts, williams


def test_mcnemar_on_presidential_approval() -> None:
    """Agresti, "Categorical Data Analysis", section 10.1: 150 turned away and 86 came over, z = -4.17 and its square 17.36."""
    tested = of_counts(150, 86)

    assert (17.356, 4.17) == (round(tested.statistic or 0, 3), round(np.sqrt(tested.statistic or 0), 2))


def test_mcnemar_on_airways_after_a_transplantation() -> None:
    """Fagerland, Lydersen and Laake (2013) on 1 and 7 children: chi-squared 4.5 with p = 0.034, exact p = 0.070, mid-p = 0.039."""
    tested = of_counts(1, 7)

    rounded = [round(value or 0, 3) for value in (tested.statistic, tested.p_of_statistic, tested.p_exact, tested.p)]
    assert [4.5, 0.034, 0.070, 0.039] == rounded


def test_the_mid_p_of_equal_counts_is_that_of_its_authors() -> None:
    """1 less half of the chance of just this outcome: of 2 and 2, that is 6 / 16."""
    assert pytest.approx(1 - 0.5 * 6 / 16) == of_counts(2, 2).p


def test_mcnemar_counts_the_answers_that_one_alone_got_right() -> None:
    """Of seven answers both judges are right on two and wrong on one; the first alone is right on three, the other on one."""
    people = np.array([1, 0, 1, 1, 0, 0, 1], dtype=bool)
    one = np.array([1, 0, 0, 1, 0, 0, 0], dtype=bool)
    other = np.array([1, 0, 0, 0, 1, 1, 1], dtype=bool)

    tested = mcnemar(people, one, other)

    assert (3, 1) == tested[:2]


def test_judges_that_are_right_on_the_same_answers_do_not_differ() -> None:
    """There is nothing to tell them apart: p is 1, and there is no statistic."""
    same = np.array([True, False, True])

    assert McNemar(0, 0, None, None, 1.0, 1.0) == mcnemar(np.array([True, True, False]), same, same)


@pytest.mark.parametrize(
    ("correlations", "n", "t", "p"),
    [((0.3, 0.4, 0.5), 100, -1.0767, 0.2843), ((0.5, 0.1, 0.7), 30, 3.38, None)],
)
def test_williams_on_published_correlations(correlations: tuple[float, float, float], n: int, t: float, p: float | None) -> None:
    """Silver, Hittner and May (2006), whose value the R package cocor is tested on; and an example that psych's r.test prints."""
    tested = of_correlations(*correlations, n)

    assert tested is not None
    assert [pytest.approx(t, abs=5e-5 if p else 5e-3), n - 3] == [tested.t, tested.freedom]
    assert p is None or pytest.approx(p, abs=5e-5) == tested.p


def test_williams_takes_its_correlations_from_the_scores() -> None:
    """The same as from numpy's correlations; exchanged judges have the opposite t."""
    generator = np.random.default_rng(1)
    people = generator.random(50)
    one, other = people + generator.random(50), people + 2 * generator.random(50)

    tested, exchanged = williams(people, one, other), williams(people, other, one)

    correlations = [float(np.corrcoef(*pair)[0, 1]) for pair in ((people, one), (people, other), (one, other))]
    assert of_correlations(correlations[0], correlations[1], correlations[2], 50) == tested
    assert tested is not None
    assert exchanged is not None
    assert [pytest.approx(-tested.t), pytest.approx(tested.p)] == [exchanged.t, exchanged.p]


def test_williams_is_undefined_where_nothing_varies_or_the_judges_say_the_same() -> None:
    """A constant side, three answers, a judge and its double."""
    people, scores, flat = np.arange(6.0), np.array([0.0, 2, 1, 3, 5, 4]), np.ones(6)

    undefined = [
        williams(flat, scores, people),
        williams(people, scores, flat),
        williams(people[:3], scores[:3], scores[:3] ** 2),
        williams(people, scores, 2 * scores + 1),
    ]
    assert [None] * 4 == undefined
