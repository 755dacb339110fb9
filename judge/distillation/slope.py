"""The slope with which a judge's score becomes its probability that an answer is acceptable."""

import math
from collections.abc import Sequence

import numpy as np

# Beyond it the probability leaves 0 and 1 only within a hundredth of the threshold; where scores separate the classes, none is steepest.
STEEPEST = 500.0
# A judge whose scores say nothing of the class, or the opposite, is as good as undecided.
FLATTEST = 1e-3


def fit(scores: Sequence[float], acceptable: Sequence[bool], threshold: float) -> float:
    """The slope of `levels.acceptable_probability` under which the classes are likeliest (Platt 1999, without the offset).

    Args:
        scores: in [0, 1], of a judge that has not learnt from these answers.
        acceptable: the teacher's class of each.
        threshold: of the class.

    Returns:
        A number from `FLATTEST` to `STEEPEST`; `FLATTEST` where there is no score, or but one class: nothing tells how sure to be.
    """
    from scipy.optimize import minimize_scalar

    if len(set(acceptable)) < 2:
        return FLATTEST
    # Above 0 on the right side of the threshold.
    margins = (np.asarray(scores, dtype=np.float64) - threshold) * np.where(acceptable, 1.0, -1.0)

    def loss(logarithm: float) -> float:
        return float(np.logaddexp(0.0, -math.exp(logarithm) * margins).mean())

    # It has one minimum: in the slope itself it is convex.
    found = minimize_scalar(loss, bounds=(math.log(FLATTEST), math.log(STEEPEST)), method="bounded", options={"xatol": 1e-9})
    return float(np.clip(math.exp(found.x), FLATTEST, STEEPEST))
