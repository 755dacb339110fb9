"""Fit a student's tempering: the temperature and tilt under which its out-of-fold distributions reach the objective best."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from judge.distillation.slope import STEEPEST
from judge.students.tempering import Tempering
from judge.tables.levels import LEVELS

# Fewer answers tell a correction from chance too badly.
_FEWEST = 50
_FIRST_SLOPE = 10.0
_BOUNDS = ((math.log(0.2), math.log(5.0)), (-10.0, 10.0), (math.log(0.1), math.log(STEEPEST)))
_LEAST_MASS = 1e-12


def fit(
    student: Sequence[Sequence[float]],
    teacher: Sequence[Sequence[float]],
    acceptable: Sequence[bool | None],
    threshold: float,
    alpha: float,
) -> Tempering:
    """The tempering that minimises alpha * CE + (1 - alpha) * KL, with the slope of CE's probability free besides.

    Args:
        student: (rows, 11), distributions of answers by what had not learnt from them.
        teacher: (rows, 11), the teacher's.
        acceptable: the class to be learnt of each; None where there is none, which has no cross-entropy.
        threshold: of the class.
        alpha: in [0, 1].

    Returns:
        A temperature from 0.2 to 5 and a tilt from -10 to 10; none at all below 50 answers.
    """
    from scipy.optimize import minimize

    if len(student) < _FEWEST:
        return Tempering()
    logarithms = np.log(np.maximum(np.asarray(student, dtype=np.float64), _LEAST_MASS))
    masses, levels = np.asarray(teacher, dtype=np.float64), np.array(LEVELS)
    # 1 and -1 on the two sides, 0 where there is no class.
    sides = np.array([0.0 if is_one is None else 1.0 if is_one else -1.0 for is_one in acceptable])

    def loss(values: npt.NDArray[np.float64]) -> float:
        temperature, tilt, steepness = math.exp(values[0]), values[1], math.exp(values[2])
        logits = logarithms / temperature + tilt * levels
        logits = logits - logits.max(axis=1, keepdims=True)
        normalised = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        margins = (np.exp(normalised) @ levels - threshold) * sides
        cross_entropy = np.where(sides == 0, 0.0, np.logaddexp(0.0, -steepness * margins)).mean()
        divergence = -(masses * normalised).sum(axis=1).mean()
        return float(alpha * cross_entropy + (1.0 - alpha) * divergence)

    start = np.array([0.0, 0.0, math.log(_FIRST_SLOPE)])
    # Without gradients: the few values are found to the last digits that matter, the same on every kind of CPU.
    found = minimize(loss, start, method="Nelder-Mead", bounds=_BOUNDS, options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 2000})
    return Tempering(float(math.exp(found.x[0])), float(found.x[1]))
