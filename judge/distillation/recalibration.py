"""Fit a student's tempering: the correction under which its out-of-fold distributions reach the objective best.

Import this module only where a student is trained: it loads torch.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize

from judge.students.tempering import Tempering
from judge.tables.levels import LEVELS

# Fewer answers tell a correction from chance too badly.
_FEWEST = 50
# The penalty weighs like this many answers that ask for no bias.
_PENALTY = 10.0
_FIRST_SLOPE = 10.0
_LEAST_MASS = 1e-12


def fit(
    student: Sequence[Sequence[float]],
    teacher: Sequence[Sequence[float]],
    acceptable: Sequence[bool | None],
    threshold: float,
    alpha: float,
) -> Tempering:
    """The tempering that minimises alpha * CE + (1 - alpha) * KL, with the slope of CE's probability free besides.

    Its biases are held near 0 by a penalty on their squares, as 12 numbers from few answers would fit chance.

    Args:
        student: (rows, 11), distributions of answers by what had not learnt from them.
        teacher: (rows, 11), the teacher's.
        acceptable: the class to be learnt of each; None where there is none, which has no cross-entropy.
        threshold: of the class.
        alpha: in [0, 1].

    Returns:
        The tempering; one that changes nothing below 50 answers.
    """
    if len(student) < _FEWEST:
        return Tempering()
    logarithms = torch.tensor(student, dtype=torch.float64).clamp_min(_LEAST_MASS).log()
    masses, levels = torch.tensor(teacher, dtype=torch.float64), torch.tensor(LEVELS, dtype=torch.float64)
    # 1 and -1 on the two sides, 0 where there is no class.
    sides = torch.tensor([0.0 if is_one is None else 1.0 if is_one else -1.0 for is_one in acceptable], dtype=torch.float64)
    strength = _PENALTY / len(student)

    def loss(values: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        """The objective with its gradient, at the logarithm of the temperature, that of the slope, and the biases."""
        free = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        normalised = torch.log_softmax(logarithms * torch.exp(-free[0]) + free[2:], dim=1)
        margins = (normalised.exp() @ levels - threshold) * sides
        cross_entropy = (torch.nn.functional.softplus(-torch.exp(free[1]) * margins) * sides.abs()).mean()
        divergence = -(masses * normalised).sum(dim=1).mean()
        total = alpha * cross_entropy + (1.0 - alpha) * divergence + strength * free[2:].square().sum()
        (gradient,) = torch.autograd.grad(total, free)
        return float(total.detach()), gradient.numpy()

    start = np.array([0.0, math.log(_FIRST_SLOPE), *[0.0] * len(LEVELS)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-9})
    return Tempering(math.exp(found.x[0]), tuple(float(bias) for bias in found.x[2:]))
