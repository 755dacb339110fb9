"""The share of acceptable answers by Rogan and Gladen (American Journal of Epidemiology 107, 1978), with its uncertainty.

The judge accepts a share of a system's answers; how often it accepts what people accept (sensitivity) and rejects what they reject
(specificity) is known from the labelled answers of all systems. This takes the judge to err alike on all of them, and is wrong by as much
as it does not; prediction-powered inference asks for nothing of the sort.
"""

from statistics import NormalDist

import numpy as np

from judge.evaluation.bootstrap import FEWEST_CLUSTERS, PLACES, Array, Figure, Mask
from judge.evaluation.corrected import Answers, design_effect, effective

# Added to each of the four counts, so that a judge that has made no error yet is not taken to make none.
_ADDED = 0.5


def rogan_gladen(answers: Answers, own: Mask, confidence: float) -> Figure:
    """The share of a system with an interval; undefined where the judge is not known to tell right from wrong.

    The interval holds every share that the labels do not speak against (Fieller, Journal of the Royal Statistical Society B 16, 1954): at
    a true share x the judge accepts x times sensitivity and 1 - x times 1 - specificity, but for chance. A judge that hardly tells right
    from wrong gets a wide one, up to [0, 1]. Labelled answers of the system count in both its share and the errors, and are allowed for.

    Args:
        answers: all answers of all systems.
        own: those of the system: (answers,).
        confidence: such as 0.95.
    """
    weights, people = answers.weights, np.where(answers.labelled, answers.people, 0.0)
    good, bad = weights * people, weights * (1 - people)
    if not good.any() or not bad.any():
        return Figure(None, None, None, "undefined")
    accepted = answers.accepted.astype(float)
    raw = _Errors(answers, own, 0.0)
    value = raw.share_at()
    if value is None or raw.certainly_useless(confidence):
        return Figure(None, None, None, "undefined")
    value = round(min(1.0, max(0.0, value)), PLACES)
    if len(np.unique(answers.document[answers.labelled])) < FEWEST_CLUSTERS:
        return Figure(value, None, None, "few_documents")
    moved = (
        own * (accepted - raw.accepted) / own.sum()
        - value * good * (accepted - raw.sensitivity) / good.sum()
        - (1 - value) * bad * (accepted - 1 + raw.specificity) / bad.sum()
    )
    variance = raw.variance()
    design = design_effect(moved, answers.document, float(variance @ value ** np.arange(3)))
    quantile = NormalDist().inv_cdf((1 + confidence) / 2)
    smoothed = _Errors(answers, own, _ADDED)
    low, high = _holding(*smoothed.line(), smoothed.variance() * design * quantile**2)
    return Figure(value, round(min(low, value), PLACES), round(max(high, value), PLACES), None)


class _Errors:
    """How often the judge errs on the labelled answers, and how often it accepts the system's, with `added` to each of the four counts."""

    def __init__(self, answers: Answers, own: Mask, added: float) -> None:
        rows = answers.labelled
        weights = answers.weights * effective(answers.weights[rows])
        people, accepted = np.where(rows, answers.people, 0.0), answers.accepted.astype(float)
        good, bad = weights * people, weights * (1 - people)
        self.judged = float(own.sum()) + 2 * added
        self.accepted = (float(own @ accepted) + added) / self.judged
        self.good, self.bad = float(good.sum()) + 2 * added, float(bad.sum()) + 2 * added
        # The last bit of a sum of weights may lift a share above 1.
        self.sensitivity = min(1.0, (float(good @ accepted) + added) / self.good)
        self.specificity = min(1.0, (float(bad @ (1 - accepted)) + added) / self.bad)
        # The share of the labels behind each of them that are the system's own, and so count twice.
        self.own_good, self.own_bad = float(good @ own) / self.good, float(bad @ own) / self.bad

    def line(self) -> tuple[float, float]:
        """Accepted share less what a true share x explains, as `start - slope * x`."""
        return self.accepted - 1 + self.specificity, self.sensitivity + self.specificity - 1

    def share_at(self) -> float | None:
        """The true share that explains the accepted one; None where the judge tells nothing."""
        start, slope = self.line()
        return start / slope if slope > 10.0**-PLACES else None

    def variance(self) -> Array:
        """That of the line at a true share x: the factors of 1, x and x², (3,)."""
        of_sensitivity = self.sensitivity * (1 - self.sensitivity)
        of_specificity = self.specificity * (1 - self.specificity)
        with_good, with_bad = self.own_good * of_sensitivity / self.judged, -self.own_bad * of_specificity / self.judged
        one, other = of_sensitivity / self.good, of_specificity / self.bad
        own = self.accepted * (1 - self.accepted) / self.judged
        return np.array([own + other + 2 * with_bad, -2 * other - 2 * with_good - 2 * with_bad, one + other])

    def certainly_useless(self, confidence: float) -> bool:
        """Whether sensitivity and specificity add up to 1 or less for certain."""
        error = np.sqrt(self.sensitivity * (1 - self.sensitivity) / self.good + self.specificity * (1 - self.specificity) / self.bad)
        return bool(self.line()[1] + NormalDist().inv_cdf((1 + confidence) / 2) * error <= 0)


def _holding(start: float, slope: float, bounds: Array) -> tuple[float, float]:
    """The least and the largest x in [0, 1] at which (start - slope x)² is at most bounds[0] + bounds[1] x + bounds[2] x²."""
    square, linear, constant = slope**2 - bounds[2], -2 * start * slope - bounds[1], start**2 - bounds[0]
    roots = np.sort(np.roots([square, linear, constant]))
    edges = np.array([0.0, 1.0, *roots[np.isreal(roots)].real.clip(0.0, 1.0)])
    middles = (np.sort(edges)[1:] + np.sort(edges)[:-1]) / 2
    spans = zip(np.sort(edges)[:-1], np.sort(edges)[1:], square * middles**2 + linear * middles + constant <= 0, strict=True)
    held = [(float(low), float(high)) for low, high, holds in spans if holds and high > low]
    # Where no share explains what was seen, the nearest end does best.
    return (held[0][0], held[-1][1]) if held else (float(start > slope / 2),) * 2
