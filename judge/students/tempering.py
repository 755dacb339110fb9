"""The last step from a student's heads to its levels: a correction that is fitted on answers that the heads had not learnt from."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from judge.tables.levels import LEVELS


class Tempering(NamedTuple):
    """How a distribution over the levels is corrected: p becomes p^(1/temperature) * exp(bias of the level), with sum 1.

    A temperature above 1 makes a student less sure. Biases that rise with the level make it more lenient: the mean of several heads
    keeps away from both ends, and the threshold is near one of them. It is the vector scaling of Guo et al. (2017) with one temperature.
    """

    temperature: float = 1.0
    biases: tuple[float, ...] = (0.0,) * len(LEVELS)

    def apply(self, levels: Sequence[float]) -> tuple[float, ...]:
        """The corrected distribution: 11 probabilities that sum to 1; a level without mass stays without."""
        if self == Tempering():
            return tuple(levels)
        weights = [math.log(mass) / self.temperature + bias if mass else -math.inf for mass, bias in zip(levels, self.biases, strict=True)]
        most = max(weights)
        masses = [math.exp(weight - most) for weight in weights]
        total = math.fsum(masses)
        return tuple(mass / total for mass in masses)
