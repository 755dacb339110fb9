"""The calibration error, against a simulation whose truth is known."""

import numpy as np
import pytest

from judge.evaluation.bootstrap import Array, Draws, Figure, Mask, draw
from judge.evaluation.calibration_error import calibration_bin, calibration_error

DOCUMENTS, ANSWERS = 60, 3
# Chances that are spread over the tenths, and stated too boldly by this factor on their log-odds.
BOLDNESS = 2.0


def simulated(seed: int, documents: int, boldness: float) -> tuple[Array, Mask, Array]:
    """What a judge states, what comes true, and the chance that it does: (documents * ANSWERS,) each.

    Answers about one document come true together more often than chance has it.
    """
    generator = np.random.default_rng(seed)
    chance = generator.uniform(0.02, 0.98, (documents, ANSWERS))
    # The normal quantile of each uniform, shared in part by a document: a Gaussian copula.
    shared = 0.6 * generator.normal(size=(documents, 1)) + 0.8 * generator.normal(size=(documents, ANSWERS))
    from scipy.stats import norm

    odds = (chance / (1 - chance)) ** boldness
    return (odds / (1 + odds)).ravel(), (norm.cdf(shared) < chance).ravel(), chance.ravel()


def usual(stated: Array, positive: Array | Mask) -> float:
    """The usual ECE: the mean absolute gap over tenths, weighed by their rows."""
    bins = calibration_bin(stated)
    return sum(abs(float((stated - positive)[bins == tenth].sum())) for tenth in range(10)) / len(stated)


def estimates(boldness: float, runs: int = 300) -> tuple[Array, Array]:
    """The signed square of the calibration error and the usual ECE, of each of some simulated runs: (runs,)."""
    square, plain = np.empty((2, runs))
    for run in range(runs):
        stated, positive, _ = simulated(run, DOCUMENTS, boldness)
        root = calibration_error(stated, positive, draws(DOCUMENTS, 0))[0]
        square[run], plain[run] = root * abs(root), usual(stated, positive)
    return square, plain


def draws(documents: int, resamples: int) -> Draws:
    """Draws of documents with three answers each."""
    return draw([f"{number // ANSWERS:05d}" for number in range(documents * ANSWERS)], resamples, 0.95, 1)


def true_square(boldness: float) -> float:
    """The mean squared gap of stated and true chance over tenths, from a large sample without noise."""
    stated, _, chance = simulated(1, 100_000, boldness)
    bins = calibration_bin(stated)
    inside = [bins == tenth for tenth in range(10)]
    return sum(float(rows.mean() * (stated[rows] - chance[rows]).mean() ** 2) for rows in inside)


def test_without_error_the_estimate_is_zero_on_average_and_the_usual_one_is_not() -> None:
    """A judge whose chances are the true ones: the square is nil within what 300 runs leave open; the usual ECE finds 0.07 or more."""
    square, plain = estimates(1.0)

    assert abs(square.mean()) < 3 * square.std() / np.sqrt(len(square))
    assert plain.mean() > 0.07


def test_a_known_error_is_met_on_average() -> None:
    """A judge that is too bold: the mean of the square is the true one, though answers of a document come true together."""
    square, _ = estimates(BOLDNESS)

    truth = true_square(BOLDNESS)
    assert truth > 0.01
    assert abs(square.mean() - truth) < 3 * square.std() / np.sqrt(len(square))


@pytest.mark.parametrize("boldness", [1.0, BOLDNESS])
def test_the_interval_holds_the_truth(boldness: float) -> None:
    """In at least 93 of 100 runs, of a judge without error as of one that is too bold."""
    held = []
    for run in range(100):
        stated, positive, _ = simulated(1000 + run, DOCUMENTS, boldness)
        drawn = draws(DOCUMENTS, 200)
        found = drawn.figure(calibration_error(stated, positive, drawn), "root")
        assert found.low is not None
        assert found.high is not None
        held.append(found.low <= true_square(boldness) ** 0.5 <= found.high if boldness > 1 else found.low == 0.0)
    assert sum(held) >= 93


def test_a_known_gap_is_its_own_size() -> None:
    """One who states 0.9 where two of three come true in every document is off by 0.9 - 2/3, in the usual way of counting as well."""
    positive = np.tile([True, True, False], DOCUMENTS)
    stated = np.full(len(positive), 0.9)

    expected = pytest.approx(0.9 - 2 / 3)

    assert expected == calibration_error(stated, positive, draws(DOCUMENTS, 0))[0]
    assert expected == usual(stated, positive)


def test_a_root_below_zero_is_shown_as_zero() -> None:
    """An estimate that falls short of nothing is no error; its interval begins at 0 and ends above it."""
    values = np.concatenate([[-0.02], np.random.default_rng(0).normal(0.0, 0.05, 400)])

    found = draws(DOCUMENTS, 400).figure(values, "root")

    assert isinstance(found, Figure)
    assert (0.0, 0.0) == (found.value, found.low)
    assert found.high is not None
    assert 0 < found.high < 0.15


def test_one_document_a_bin_says_nothing() -> None:
    """Answers of a single document make no pair, so there is no figure."""
    drawn = draw(["only"] * 4, 0, 0.95, 0)

    assert np.isnan(calibration_error(np.array([0.1, 0.4, 0.6, 0.9]), np.array([True, False, True, True]), drawn)).all()


def test_a_probability_of_one_falls_into_the_last_bin() -> None:
    """The last bin includes its upper end, here and in the picture of the reliability."""
    expected = [0, 0, 1, 9, 9]

    assert expected == calibration_bin(np.array([0.0, 0.09, 0.1, 0.95, 1.0])).tolist()
