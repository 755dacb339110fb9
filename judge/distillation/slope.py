"""The slopes with which a judge's score becomes its probability that an answer is acceptable."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from judge.tables.levels import Slopes

# Beyond it the probability leaves 0 and 1 only within a hundredth of the threshold; where scores separate the classes, none is steepest.
STEEPEST = 500.0
# A judge whose scores say nothing of the class, or the opposite, is as good as undecided.
FLATTEST = 1e-3
# A side with fewer scores has no slope of its own.
_FEWEST_A_SIDE = 20

Array = npt.NDArray[np.float64]


def fit(scores: Sequence[float], acceptable: Sequence[bool], threshold: float) -> Slopes:
    """The slopes of `levels.acceptable_probability` under which the classes are likeliest (Platt 1999, without the offset).

    Args:
        scores: in [0, 1], of a judge that has not learnt from these answers.
        acceptable: the class of each.
        threshold: of the class.

    Returns:
        Numbers from `FLATTEST` to `STEEPEST`. A side of the threshold with fewer than 20 scores has the slope that is likeliest for both
        sides together; `FLATTEST` where there is no score, or but one class: nothing tells how sure to be.
    """
    if len(set(acceptable)) < 2:
        return Slopes(FLATTEST, FLATTEST)
    given = np.asarray(scores, dtype=np.float64)
    # Above 0 on the right side of the threshold.
    margins = (given - threshold) * np.where(acceptable, 1.0, -1.0)
    is_above = given > threshold
    both = _likeliest(margins)
    above, below = (_likeliest(margins[side]) if side.sum() >= _FEWEST_A_SIDE else both for side in (is_above, ~is_above))
    return Slopes(above, below)


def _likeliest(margins: Array) -> float:
    from scipy.optimize import minimize_scalar

    def loss(logarithm: float) -> float:
        return float(np.logaddexp(0.0, -math.exp(logarithm) * margins).mean())

    # It has one minimum: in the slope itself it is convex.
    found = minimize_scalar(loss, bounds=(math.log(FLATTEST), math.log(STEEPEST)), method="bounded", options={"xatol": 1e-9})
    return float(np.clip(math.exp(found.x), FLATTEST, STEEPEST))
