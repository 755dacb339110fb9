"""The two ends of an interval, from a figure, its standard error and what sort of figure it is; and how well that error is known."""

from typing import Any

import numpy as np
import numpy.typing as npt

from judge.evaluation.definitions import Scale

Array = npt.NDArray[np.float64]


def student_t(confidence: float, freedom: float) -> float:
    """The quantile of Student's t between whose negative and itself a share of `confidence` lies."""
    from scipy import special

    return float(special.stdtrit(freedom, (1 + confidence) / 2))


def wilson(share: float, size: float, quantile: float) -> tuple[float, float]:
    """Both ends of Wilson's score interval of a share of `size` rows, which need not be a whole number (Wilson, 1927)."""
    middle = share + quantile**2 / (2 * size)
    half = quantile * np.sqrt(share * (1 - share) / size + quantile**2 / (4 * size**2))
    grown = 1 + quantile**2 / size
    return max(0.0, float((middle - half) / grown)), min(1.0, float((middle + half) / grown))


def ends(value: float, error: float, quantile: float, scale: Scale) -> tuple[float, float]:
    """Both ends of the interval, reckoned where the figure's distribution is nearly symmetric, and brought back.

    Args:
        value: the figure; of a `root` with the sign of what is under it.
        error: its standard error; of a `root` that of its square, which is what has no bias.
        quantile: of Student's t.
        scale: what sort of figure it is.
    """
    if scale == "root":
        square = value * abs(value)
        return float(np.sqrt(max(0.0, square - quantile * error))), float(np.sqrt(max(0.0, square + quantile * error)))
    if scale in ("correlation", "rank_correlation") and abs(value) < 1:
        # Fisher, 1915: the inverse hyperbolic tangent of a correlation has nearly the same spread everywhere.
        middle, half = np.arctanh(value), quantile * error / (1 - value**2)
        return float(np.tanh(middle - half)), float(np.tanh(middle + half))
    if scale in ("rate", "auroc") and 0 < value < 1:
        # As for an AUROC in Kottas, Kuss and Zapf, BMC Medical Research Methodology 14:26, 2014.
        return wilson(value, value * (1 - value) / error**2, quantile)
    if scale == "auroc_of_kind" and 0 < value < 1:
        # With few rows of a kind the rare ones that rank badly are often missed; the logit allows for them (Pepe, 2003, section 5.2).
        middle, half = np.log(value / (1 - value)), quantile * error / (value * (1 - value))
        return float(1 / (1 + np.exp(half - middle))), float(1 / (1 + np.exp(-half - middle)))
    if scale == "error" and value > 0:
        return float(value * np.exp(-quantile * error / value)), float(value * np.exp(quantile * error / value))
    low, high = value - quantile * error, value + quantile * error
    return (low, high) if scale in ("difference", "signed") else (max(-1.0, low), min(1.0, high))


def shares_of_spread(counts: npt.NDArray[Any], values: Array) -> Array:
    """The share of the figure's variance that each cluster brings, (clusters,), which add up to 1.

    How far a cluster moves the figure is the slope on its count in a regression over the resamples (Efron, 1992, section 5):
    `counts` (resamples, clusters), `values` (resamples,).
    """
    centred = counts - counts.mean(axis=0)
    # All counts of a resample may add up to the same, which leaves the sum of the slopes open: adding 1 everywhere makes it 0.
    slopes = np.linalg.solve(centred.T @ centred + 1.0, centred.T @ (values - values.mean()))
    squares = (slopes - slopes.mean()) ** 2
    return np.asarray(squares / squares.sum())


def degrees_of_freedom(shares: Array) -> float:
    """How many degrees of freedom a variance has whose clusters bring these shares of it; at least 1.

    A variance from n values whose kurtosis is K varies by (K - 1) / n, and one with v degrees of freedom by 2 / v
    (Satterthwaite, Biometrics Bulletin 2, 1946).
    """
    kurtosis = len(shares) * float((shares**2).sum())
    return max(1.0, 2 * len(shares) / max(kurtosis - 1, 1e-9))
