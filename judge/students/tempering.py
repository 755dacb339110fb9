"""The last step from a student's heads to its levels: a temperature and a tilt, fitted on answers that the heads had not learnt from."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from judge.tables.levels import LEVELS


class Tempering(NamedTuple):
    """How a distribution over the levels is corrected: p becomes p^(1/temperature) * exp(tilt * level), with sum 1.

    A temperature above 1 makes a student less sure (Guo et al. 2017), a tilt above 0 more lenient: it moves mass up the levels, as
    a bias corrects a classifier whose training rows have another share of classes than the answers that it judges.
    """

    temperature: float = 1.0
    tilt: float = 0.0

    def apply(self, levels: Sequence[float]) -> tuple[float, ...]:
        """The corrected distribution: 11 probabilities that sum to 1; a level without mass stays without."""
        if self == Tempering():
            return tuple(levels)
        weights = [
            math.log(mass) / self.temperature + self.tilt * level if mass else -math.inf for mass, level in zip(levels, LEVELS, strict=True)
        ]
        most = max(weights)
        masses = [math.exp(weight - most) for weight in weights]
        total = math.fsum(masses)
        return tuple(mass / total for mass in masses)
