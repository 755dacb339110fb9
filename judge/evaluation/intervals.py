"""The two ends of an interval, from a figure, its standard error and what sort of figure it is."""

import numpy as np

from judge.evaluation.definitions import Scale


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
