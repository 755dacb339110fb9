"""People among themselves on the class, and judges that take the place of one of them."""

import numpy as np
import pytest

from judge.evaluation.annotators import Annotations, ceiling, ceiling_difference, ceiling_estimate, classes, kappas, line_up, single_kappa
from judge.evaluation.bootstrap import Array, Draws, draw

NO = np.nan


def draws_of(answers: int, resamples: int = 0) -> Draws:
    """Draws of answers, each about a document of its own."""
    return draw([f"document {number:05d}" for number in range(answers)], resamples, 0.95, 3)


def of(*columns: list[float]) -> Annotations:
    """Classes by annotator."""
    return Annotations(tuple("abcdef"[: len(columns)]), np.array(columns, dtype=float).T)


def table(both: int, only_one: int, only_other: int, neither: int) -> tuple[list[float], list[float]]:
    """Two people's classes with so many answers that both, one, the other, and neither accepts."""
    one = [1.0] * (both + only_one) + [0.0] * (only_other + neither)
    return one, [1.0] * both + [0.0] * only_one + [1.0] * only_other + [0.0] * neither


def noisy(truth: Array, generator: np.random.Generator, errors: float) -> list[float]:
    """The truth, wrong in a share of the answers."""
    return [float(one) for one in np.where(generator.random(len(truth)) < errors, 1 - truth, truth)]


@pytest.mark.parametrize(("counts", "expected"), [((75, 5, 5, 15), 0.69), ((4, 6, 1, 89), 0.50), ((10, 0, 5, 85), 0.77)])
def test_kappa_of_two_raters_is_the_published_one(counts: tuple[int, int, int, int], expected: float) -> None:
    """Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", table 18.1: psychosis, neurosis and other of 100 patients.

    By hand for the first: they agree on 0.90, and by chance on 0.8 × 0.8 + 0.2 × 0.2 = 0.68; (0.90 - 0.68) / (1 - 0.68) = 0.69.
    """
    one, other = table(*counts)

    drawn, rows = kappas([(np.array(one), np.array(other), np.ones(100, dtype=np.bool_))], draws_of(100))

    assert [expected, 100] == [round(float(drawn[0, 0]), 2), rows[0, 0]]


def test_labels_are_lined_up_by_answer_and_annotator() -> None:
    """Those of other answers are left aside, and so is who labelled nothing else; an answer without a label stays."""
    made = line_up({"q2": {"ben": 0.5}, "q1": {"eva": 1.0, "ben": 0.0}, "gone": {"kim": 1.0}}, ["q1", "q2", "q3"])

    assert ("ben", "eva") == made.names
    assert np.array_equal(np.array([[0.0, 1.0], [0.5, NO], [NO, NO]]), made.values, equal_nan=True)
    assert [True, False, False] == made.shared.tolist()


def test_no_labels_at_all_are_lined_up_too() -> None:
    """No name, and a row for each answer."""
    assert ((), (2, 0)) == ((made := line_up({}, ["q1", "q2"])).names, made.values.shape)


def test_the_class_is_strictly_above_the_threshold() -> None:
    """0.8 is unacceptable at 0.8, and a missing label stays missing."""
    assert np.array_equal([[0.0, 1.0, NO]], classes(Annotations(("a", "b", "c"), np.array([[0.8, 0.9, NO]])), 0.8).values, equal_nan=True)


def test_the_ceiling_is_the_mean_over_pairs_by_their_answers() -> None:
    """The first two people have 20 answers in common with kappa 0.5, the last two 10 with kappa 1: the mean is (20 × 0.5 + 10) / 30.

    On the 20, both accept half and agree on 15: 0.75 against 0.5 by chance.
    """
    one, other = table(7, 3, 2, 8)
    first, second = one + [NO] * 10, other + [1.0, 0.0] * 5
    third = [NO] * 20 + [1.0, 0.0] * 5
    # 9 of 20 are accepted by the second: by chance they agree on half all the same, as the first accepts half.
    assert pytest.approx((20 * 0.5 + 10) / 30) == ceiling(of(first, second, third), draws_of(30))[0]


def test_a_pair_whose_kappa_is_undefined_does_not_count() -> None:
    """Two people who both accept all five of their answers agree, and show nothing by it."""
    one, other = table(7, 3, 2, 8)
    pair = of([*one, *[NO] * 5], [*other, *[1.0] * 5], [*[NO] * 20, *[1.0] * 5])

    assert pytest.approx(0.5) == ceiling(pair, draws_of(25))[0]


def test_without_an_answer_in_common_there_is_no_ceiling() -> None:
    """One annotator; two who labelled different answers; nobody."""
    for annotations in (of([1.0, 0.0]), of([1.0, NO], [NO, 0.0]), Annotations((), np.zeros((2, 0)))):
        assert np.isnan(ceiling(annotations, draws_of(2, 3))).all()
        assert np.isnan(ceiling_difference(annotations, np.array([1.0, 0.0]), draws_of(2, 3))).all()


def test_a_judge_is_held_against_each_annotator_alone() -> None:
    """Kappa 0.5 with one on 20 answers, 1 with another on 10; where the judge failed, nothing counts."""
    one, other = table(7, 3, 2, 8)
    judge = np.array([*one, *[1.0, 0.0] * 5, NO])
    people = of([*other, *[NO] * 11], [*[NO] * 20, *[1.0, 0.0] * 5, 1.0])

    assert pytest.approx((20 * 0.5 + 10) / 30) == single_kappa(people, judge, draws_of(31))[0]


def test_where_everybody_labelled_everything_the_difference_is_single_kappa_less_ceiling() -> None:
    """In every draw."""
    generator = np.random.default_rng(4)
    truth = generator.integers(0, 2, 60).astype(float)
    people = of(*(noisy(truth, generator, 0.2) for _ in range(3)))
    judge, draws = np.array(noisy(truth, generator, 0.3)), draws_of(60, 50)

    expected = single_kappa(people, judge, draws) - ceiling(people, draws)

    assert pytest.approx(expected.tolist()) == ceiling_difference(people, judge, draws).tolist()


def test_a_copy_of_one_of_two_annotators_gains_half_of_what_they_lack() -> None:
    """It has kappa 1 with the one and 0.5 with the other, who have 0.5 with each other: a gain of 0.25."""
    one, other = table(7, 3, 2, 8)

    assert pytest.approx(0.25) == ceiling_difference(of(one, other), np.array(one), draws_of(20))[0]


def test_a_judge_that_errs_as_people_do_reaches_the_ceiling() -> None:
    """One more person of their kind has a difference near 0, though labels are missing; a judge that errs less is above it."""
    generator = np.random.default_rng(6)
    truth = (generator.random(6000) < 0.6).astype(float)
    values = np.array([noisy(truth, generator, 0.2) for _ in range(4)])
    values[generator.random(values.shape) < 0.4] = NO
    people = Annotations(("a", "b", "c", "d"), values.T)

    alike, better = (ceiling_difference(people, np.array(noisy(truth, generator, errors)), draws_of(6000))[0] for errors in (0.2, 0.05))

    assert pytest.approx(0, abs=0.03) == alike
    assert better > 0.1


def test_a_judge_that_never_errs_in_the_sample_still_may() -> None:
    """The bootstrap of a judge that is never wrong sees people's errors alone; one error more makes the interval wider, downwards most.

    The figure itself is that of the data.
    """
    generator = np.random.default_rng(9)
    truth = (np.arange(40) % 2).astype(float)
    people, draws = of(*(noisy(truth, generator, 0.1) for _ in range(3))), draws_of(40, 400)

    bare, estimate = draws.figure(ceiling_difference(people, truth, draws)), ceiling_estimate(people, truth, draws)

    assert bare.low is not None
    assert estimate.low is not None
    assert (bare.value, True) == (estimate.value, estimate.low < bare.low)


def test_a_judge_that_says_what_all_people_say_has_an_interval() -> None:
    """It is at the ceiling, and 40 answers leave room for a distance of more than 0.02."""
    truth = (np.arange(40) % 2).astype(float)

    estimate = ceiling_estimate(of(truth.tolist(), truth.tolist()), truth, draws_of(40, 400))

    assert (0.0, None) == (estimate.value, estimate.reason)
    assert estimate.low is not None
    assert estimate.low < -0.02


def test_the_distance_to_a_ceiling_that_is_not_there_says_why() -> None:
    """Nobody shares an answer; everybody accepts everything."""
    nobody, everything = of([1.0, NO] * 20, [NO, 0.0] * 20), of([1.0] * 40, [1.0] * 40)

    reasons = [ceiling_estimate(people, np.ones(40), draws_of(40, 100)).reason for people in (nobody, everything)]

    assert ["few_annotators", "undefined"] == reasons
