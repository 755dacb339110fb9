"""What a test set can show: which loss it would find, and how many rows a margin needs.

For the rules of `not_worse`, with the difference of two equal judges taken as normal, and a chance of 80%.
With z the normal quantile of the confidence and u that of 80%, e the half-width of the paired interval over documents at n rows,
s the deviation of the difference over training seeds and q its t quantile (`significance.reach`), there are at N rows

    half-width            E(N) = sqrt(e² n/N + (q s)²)
    standard deviation    σ(N) = sqrt((e/z)² n/N + s²)

A loss is found where the whole interval lies beyond 0, and its far end beyond the margin m too, so the loss found with 80% is
max(E, m - E) + u σ; an equal judge passes with 80% where m ≥ E + u σ.
Both are the usual formulas for normal data (Julious, "Sample sizes for clinical trials with Normal data", Statistics in Medicine 23,
2004, section 5), with the seed added.
More rows shrink e alone. What of s is of the rows at hand, and would shrink too, is not told apart, so N is rather too large.
"""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import NamedTuple

from judge.evaluation.figures import SeedSpread
from judge.report import significance
from judge.report.gate_settings import GateSettings, NotWorse

CHANCE = 0.8


class Precision(NamedTuple):
    """How precisely a difference in a figure is known: the half-width of its interval over documents, and what the seed adds.

    `spread` is that of the difference; None where it is not known.
    """

    half_width: float
    spread: SeedSpread | None


class Basis(NamedTuple):
    """What the precisions were taken from, in words, and of how many rows and documents; `precision` has no figure without an interval.

    `remark` is a sentence on which way they err.
    """

    words: str
    remark: str
    rows: int
    documents: int
    confidence: float
    precision: Mapping[str, Precision]


class Power(NamedTuple):
    """What the test set can show of one rule.

    `loss` is found with 80% probability; with `rows` rows of `documents` documents, and never fewer than `minimum_rows`, an equal judge
    passes with 80%; they are None where no number of rows is enough. `seeds_alone` is the margin that the training seed alone would need.
    """

    rule: NotWorse
    loss: float
    rows: int | None
    documents: int | None
    seeds_alone: float
    spread_known: bool


def powers(settings: GateSettings, basis: Basis) -> list[Power]:
    """What the test set can show of each rule of `not_worse` whose figure has a precision."""
    chosen = [rule for rule in settings.not_worse if rule.figure in basis.precision]
    return [_power(rule, basis.precision[rule.figure], basis, settings.minimum_rows) for rule in chosen]


def smallest_margin(precision: Precision, confidence: float, share: float = 1.0) -> float:
    """The margin within which an equal judge passes with 80% probability, where the test set is `share` times as large."""
    half_width, deviation = _at(precision, confidence, share)
    return half_width + _chance() * deviation


def found_loss(margin: float, precision: Precision, confidence: float) -> float:
    """The loss for which the rule fails with 80% probability."""
    half_width, deviation = _at(precision, confidence, 1.0)
    return max(half_width, margin - half_width) + _chance() * deviation


def _power(rule: NotWorse, precision: Precision, basis: Basis, minimum_rows: int) -> Power:
    seeds_alone = smallest_margin(precision, basis.confidence, math.inf)
    known = precision.spread is not None
    loss = found_loss(rule.margin, precision, basis.confidence)
    if seeds_alone >= rule.margin:
        return Power(rule, loss, None, None, seeds_alone, known)
    share = max(_share(rule.margin, precision, basis.confidence), minimum_rows / basis.rows)
    return Power(rule, loss, math.ceil(round(basis.rows * share, 6)), math.ceil(round(basis.documents * share, 6)), seeds_alone, known)


def _share(margin: float, precision: Precision, confidence: float) -> float:
    """How many times as many rows the margin needs, by bisection: the smallest margin falls as rows are added."""
    low, high = 0.0, 1.0
    while smallest_margin(precision, confidence, high) > margin:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle and smallest_margin(precision, confidence, middle) > margin else (low, middle)
    return high


def _at(precision: Precision, confidence: float, share: float) -> tuple[float, float]:
    """Half-width and standard deviation of the difference, with `share` times as many rows."""
    documents = precision.half_width / math.sqrt(share)
    seeds, deviation = (significance.reach(precision.spread, confidence), precision.spread.deviation) if precision.spread else (0.0, 0.0)
    normal = NormalDist().inv_cdf((1 + confidence) / 2)
    return math.hypot(documents, seeds), math.hypot(documents / normal, deviation)


def _chance() -> float:
    return NormalDist().inv_cdf(CHANCE)
