"""The judgment that every judge here gives: a distribution over the levels 0.0, 0.1, … 1.0.

From it comes the score, its mean. Acceptable means one thing everywhere, in labels, objective, figures and `judge.load`: a score
strictly above the threshold. A judge that was trained may give a probability of that as well (`acceptable_probability`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import Field

from judge.errors import JudgmentError
from judge.settings import Settings
from judge.tables.usage import Usage


class LabelSettings(Settings):
    """Where acceptable begins."""

    threshold: float = Field(ge=0.0, lt=1.0, description="an answer is acceptable when its score is strictly above this")


LEVELS: tuple[float, ...] = tuple(step / 10 for step in range(11))

ACCEPTABLE = "acceptable"
UNACCEPTABLE = "unacceptable"

Reason = Literal["no_verdict", "out_of_range", "refused", "error"]

Source = Literal["logprobs", "samples", "verdict", "decision", "recorded", "model"]
"""Where a distribution is from: the log-probabilities of the score's tokens, the histogram of several verdicts, a single
verdict, a server's typed decision, judgments made before, or a model of this project."""


@dataclass(frozen=True)
class Judgment:
    """What a judge says of one answer: a distribution over `LEVELS`, or the reason why there is none.

    `rationale` is what the judge wrote besides, and `usage` what a hosted judge took for it.
    `acceptable` is the judge's probability, in [0, 1], that the answer is acceptable; None for a judge that gives none: its class
    is certain.
    """

    levels: tuple[float, ...] | None
    reason: Reason | None = None
    source: Source = "model"
    rationale: str | None = None
    usage: Usage | None = None
    acceptable: float | None = None

    @property
    def score(self) -> float | None:
        """The mean of the distribution, in [0, 1]; None for a failed judgment."""
        return None if self.levels is None else mean(self.levels)


def mean(levels: Sequence[float]) -> float:
    """The mean level of a distribution, in [0, 1]."""
    # Rounded where no figure is meant any more: two verdicts of 0.4 and 0.8 are 0.6 and not above a threshold of 0.6.
    return round(min(1.0, max(0.0, math.fsum(mass * level for mass, level in zip(levels, LEVELS, strict=True)))), 12)


class Slopes(NamedTuple):
    """How fast a judge is sure of its class as its score leaves the threshold, upwards and downwards; both above 0.

    With a threshold of 0.8 there is little room above it, so a judge that is right at 0.9 has to be sure of it at a tenth.
    """

    above: float
    below: float


def acceptable_probability(score: float, threshold: float, slopes: Slopes) -> float:
    """The probability that an answer is acceptable: the logistic function of slope * (score - threshold), in [0, 1].

    Platt's mapping of a score to a probability (Platt 1999) without its offset, so that it is above one half exactly where the score
    is above the threshold: class and probability cannot contradict each other.

    Args:
        score: in [0, 1].
        threshold: in [0, 1).
        slopes: the slope on either side.
    """
    slope = slopes.above if score > threshold else slopes.below
    # By tanh, which overflows nowhere.
    return 0.5 + 0.5 * math.tanh(0.5 * slope * (score - threshold))


def classify(score: float, threshold: float) -> str:
    """`acceptable` when the score is strictly above the threshold, else `unacceptable`."""
    return ACCEPTABLE if score > threshold else UNACCEPTABLE


def nearest(score: float) -> tuple[float, ...]:
    """All mass on the level nearest to a score in [0, 1]; a tie goes to the lower level.

    Raises:
        JudgmentError: the score is outside [0, 1] or not a number.
    """
    _require_in_range(score)
    closest = min(range(len(LEVELS)), key=lambda index: (abs(LEVELS[index] - score), index))
    return tuple(float(index == closest) for index in range(len(LEVELS)))


def interpolate(score: float) -> tuple[float, ...]:
    """The mass shared by the two neighbouring levels so that the mean is the score itself.

    Raises:
        JudgmentError: the score is outside [0, 1] or not a number.
    """
    _require_in_range(score)
    position = score * (len(LEVELS) - 1)
    lower = min(int(position), len(LEVELS) - 2)
    upper_mass = position - lower
    masses = [0.0] * len(LEVELS)
    masses[lower], masses[lower + 1] = 1.0 - upper_mass, upper_mass
    return tuple(masses)


def from_scale(value: float, lowest: float, highest: float) -> float:
    """A grade on a scale, such as 1 to 5, mapped onto [0, 1]: the lowest grade is 0, the highest 1.

    Raises:
        JudgmentError: the grade is outside its scale or not a number.
    """
    if not lowest <= value <= highest:
        message = f"A grade has to lie between {lowest} and {highest}, got {value!r}."
        raise JudgmentError(message)
    return (value - lowest) / (highest - lowest)


def average(distributions: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The mean of several distributions: the histogram, where each is a single verdict.

    Raises:
        JudgmentError: there is nothing to average.
    """
    if not distributions:
        message = "No distribution to average; a judgment without a verdict needs a reason instead."
        raise JudgmentError(message)
    count = len(distributions)
    return tuple(math.fsum(column) / count for column in zip(*distributions, strict=True))


def _require_in_range(score: float) -> None:
    if not 0.0 <= score <= 1.0:
        message = f"A score has to lie between 0 and 1, got {score!r}."
        raise JudgmentError(message)
