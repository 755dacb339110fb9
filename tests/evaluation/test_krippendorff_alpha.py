"""Krippendorff's alpha: equal to his own example and to the package, in every draw."""

import krippendorff
import numpy as np
import pytest

from judge.evaluation.bootstrap import Array, Draws, draw
from judge.evaluation.krippendorff_alpha import Level, alpha

NO = np.nan
# Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011: twelve units (columns) and four observers.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
        [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
    ]
).T


def draws_of(answers: int, resamples: int = 0) -> Draws:
    """Draws of answers, two about each document."""
    return draw([f"document {number // 2:03d}" for number in range(answers)], resamples, 0.95, 3)


def random_labels(values: list[float]) -> Array:
    """Labels of 40 answers by four people who agree in about half of them; a third of the labels is missing."""
    generator = np.random.default_rng(8)
    truth = generator.choice(values, size=(40, 1))
    labels = np.where(generator.random((40, 4)) < 0.5, truth, generator.choice(values, size=(40, 4)))
    return np.where(generator.random((40, 4)) < 0.33, np.nan, labels)


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("interval", 0.849)])
def test_his_own_example(level: Level, expected: float) -> None:
    """Four observers with labels missing: 0.743 and 0.849; the twelfth unit, with one label, does not count."""
    assert expected == round(float(alpha(PUBLISHED, level, draws_of(12))[0]), 3)


@pytest.mark.parametrize("level", ["nominal", "interval"])
@pytest.mark.parametrize("values", [[0.0, 1.0], [0.0, 0.3, 0.7, 1.0]])
def test_every_draw_is_what_the_package_says(level: Level, values: list[float]) -> None:
    """On the answers written out as often as a draw holds them."""
    labels, draws = random_labels(values), draws_of(40, 30)

    drawn = alpha(labels, level, draws)

    rows = [np.repeat(np.arange(40), counts[draws.cluster_of].astype(int)) for counts in draws.counts]
    expected = [krippendorff.alpha(reliability_data=labels[chosen].T, level_of_measurement=level) for chosen in rows]
    assert pytest.approx(expected) == drawn.tolist()


def test_of_two_values_both_levels_are_the_same() -> None:
    """The square of a distance of 1 is 1."""
    labels, draws = random_labels([0.0, 1.0]), draws_of(40, 30)

    assert pytest.approx(alpha(labels, "nominal", draws)) == alpha(labels, "interval", draws)


def test_people_who_always_agree_have_one() -> None:
    """As soon as they use more than one label."""
    assert 1.0 == alpha(np.array([[0.2, 0.2], [0.9, 0.9], [0.2, 0.2]]), "interval", draws_of(3))[0]


@pytest.mark.parametrize("labels", [[[0.3] * 3] * 7, [[1.0, NO], [NO, 0.0], [0.0, NO]]])
def test_one_label_or_one_person_leaves_it_undefined(labels: list[list[float]]) -> None:
    """Everybody always says 0.3; nobody labelled what another did."""
    for level in ("nominal", "interval"):
        assert np.isnan(alpha(np.array(labels), level, draws_of(len(labels), 3))).all()
