"""How many labels it takes: before people begin, and when they have made a start."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from judge.errors import TableError
from judge.evaluation import figures
from judge.evaluation.figures import NONE, Estimate

if TYPE_CHECKING:
    import pandas as pd

SIZES = (25, 50, 100, 200, 400)


class Assumed(NamedTuple):
    """What is taken to be true of judge and people before there are labels.

    Attributes:
        kappa: Cohen's kappa of the two, in (-1, 1).
        judge: the share of answers that the judge accepts, in (0, 1).
        people: the share that people accept, in (0, 1).
        design: by how much documents with several answers make the variance of kappa larger, at `judged` answers; 1 or more.
        judged: how many answers the judge has judged.
        confidence: such as 0.95.
    """

    kappa: float
    judge: float
    people: float
    design: float
    judged: int
    confidence: float


class Planned(NamedTuple):
    """What to expect of `labels` labels: half the width of the interval of kappa, and of a corrected share of acceptable answers."""

    labels: int
    kappa: float
    share: float


def assumed(table: "pd.DataFrame") -> Assumed:
    """What the student's agreement with its teacher suggests, where people take the teacher's place.

    Raises:
        TableError: kappa is undefined, or one of the two accepts all answers or none, so that it suggests nothing.
    """
    kappa = figures.get(table, "student", "kappa")
    judge, people = (figures.get(table, name, "acceptable_share", NONE).value or 0.0 for name in ("student", "teacher"))
    confidence = figures.get(table, "interval", "confidence", NONE).value
    if kappa.value is None or not kappa.n or confidence is None or not (0 < judge < 1 and 0 < people < 1):
        raise TableError(
            "Kappa of student and teacher is undefined, and suggests nothing about labels of people.\n"
            "Next: `judge annotate`; with a few labels the figures say how many more it takes."
        )
    given = Assumed(kappa.value, judge, people, 1.0, kappa.n, confidence)
    plain = kappa_half_width(given, kappa.n)
    if kappa.low is not None and kappa.high is not None and plain > 0:
        given = given._replace(design=max(1.0, ((kappa.high - kappa.low) / 2 / plain) ** 2))
    return given


def plan(given: Assumed, sizes: Sequence[int] = SIZES) -> list[Planned]:
    """What to expect of each number of labels, of those that there are answers for; all of these where there are fewer."""
    fitting = sorted({min(size, given.judged) for size in sizes})
    return [Planned(size, kappa_half_width(given, size), share_half_width(given, size)) for size in fitting]


def kappa_half_width(given: Assumed, labels: int) -> float:
    """Half the width of kappa's interval to expect of so many labels.

    By the large-sample variance of Fleiss, Cohen and Everitt (Psychological Bulletin 72, 1969, 323), times the design effect.
    """
    return _reach(given, _kappa_variance(given) * _design(given, labels) / labels)


def share_half_width(given: Assumed, labels: int) -> float:
    """Half the width to expect of the interval of a corrected share, from so many labels of all judged answers.

    The judge takes as much of the variance away as its class explains of the labels, the square of their correlation; its probability
    mostly explains more. What cannot fall below the variance of the judged answers themselves is allowed for.
    """
    both, *_ = _table(given)
    spread = given.people * (1 - given.people)
    explained = min(1.0, (both - given.people * given.judge) ** 2 / (spread * given.judge * (1 - given.judge)))
    return _reach(given, spread * ((1 - explained) / labels + explained / given.judged) * _design(given, labels))


def labels_missing(now: Estimate, bound: float) -> int | None:
    """How many more labels until the low end of an interval is above a bound, as an interval narrows with the root of its labels.

    0 where it is already; None where no number is enough, as the figure itself is not above it, or where there is no interval yet.
    """
    if now.value is None or now.low is None or not now.n or now.value <= bound:
        return None
    share = ((now.value - now.low) / (now.value - bound)) ** 2
    return max(0, math.floor(round(now.n * share, 6)) + 1 - now.n)


def _table(given: Assumed) -> tuple[float, float, float, float]:
    """The shares of answers that both accept, only people, only the judge, and neither, as kappa and the two shares have them.

    Where such a kappa cannot be, because the shares lie too far apart, it is the nearest that can.
    """
    chance = given.people * given.judge + (1 - given.people) * (1 - given.judge)
    agreed = given.kappa * (1 - chance) + chance
    both = (agreed + given.people + given.judge - 1) / 2
    both = min(max(both, given.people + given.judge - 1, 0.0), given.people, given.judge)
    return both, given.people - both, given.judge - both, 1 - given.people - given.judge + both


def _kappa_variance(given: Assumed) -> float:
    """The variance of kappa times the number of labels, for two classes."""
    both, only_people, only_judge, neither = _table(given)
    chance = given.people * given.judge + (1 - given.people) * (1 - given.judge)
    agreed = both + neither
    kappa = (agreed - chance) / (1 - chance)
    sums = (given.people + given.judge, 2 - given.people - given.judge)
    same = both * (1 - sums[0] * (1 - kappa)) ** 2 + neither * (1 - sums[1] * (1 - kappa)) ** 2
    # A row that people accept and the judge does not adds the judge's share of acceptable and the people's of the other class.
    crossed = only_people * (given.judge + 1 - given.people) ** 2 + only_judge * (given.people + 1 - given.judge) ** 2
    constant = (kappa - chance * (1 - kappa)) ** 2
    return max(0.0, (same + (1 - kappa) ** 2 * crossed - constant) / (1 - chance) ** 2)


def _design(given: Assumed, labels: int) -> float:
    """The design effect at so many labels: with fewer of them, fewer are about one document (Kish, 1965, section 5.4)."""
    return 1 + (given.design - 1) * (labels - 1) / max(1, given.judged - 1)


def _reach(given: Assumed, variance: float) -> float:
    return NormalDist().inv_cdf((1 + given.confidence) / 2) * math.sqrt(variance)
