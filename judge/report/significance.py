"""When a difference between two trained students is more than chance: chance in the documents, and in the training seed.

A trained student is one draw. Its figures move with the training seed even where recipe and data stay the same, and an interval
over documents knows nothing of that, so each interval is widened by the spread of both sides over their training seeds.
Of many figures a few differ by chance, so one, `definitions.PRIMARY`, is judged by its interval, and the others are corrected together.
"""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from judge.evaluation import figures
from judge.evaluation.bootstrap import PLACES
from judge.evaluation.definitions import FIGURES, PRIMARY
from judge.evaluation.figures import SeedSpread

if TYPE_CHECKING:
    import pandas as pd

    from judge.report.paired import Paired, PairedFigure


class Significance(NamedTuple):
    """The difference B less A in one figure, and whether it is more than chance.

    `low` and `high` are the ends of its interval, widened by `spread`; where `spread` is None they hold the documents alone, and
    nothing is called significant. `p` is corrected in every figure but the primary one. Where a number is None, `reason` says why.
    """

    difference: float | None
    low: float | None
    high: float | None
    reason: str | None
    spread: SeedSpread | None
    p: float | None
    significant: bool


def of_difference(a: "pd.DataFrame", b: "pd.DataFrame") -> dict[str, SeedSpread]:
    """The spread over training seeds of B less A in each figure whose spread both tables of figures have.

    The trainings of the two sides know nothing of each other, so their variances add up; `trainings` is the smaller number of the two.
    """
    spreads = {}
    for name in FIGURES:
        sides = figures.seed_spread(a, name), figures.seed_spread(b, name)
        if sides[0] is not None and sides[1] is not None:
            spreads[name] = SeedSpread(math.hypot(sides[0].deviation, sides[1].deviation), min(sides[0].trainings, sides[1].trainings))
    return spreads


def reach(spread: SeedSpread, confidence: float) -> float:
    """How far the training seed alone moves a difference, at a confidence such as 0.95.

    It is the deviation times a quantile of Student's t with one degree of freedom less than there were trainings: the deviation is
    itself an estimate from a few of them, and with 8 the normal quantile, 1.96 where t has 2.36, would promise too much.
    """
    from scipy import stats

    return float(stats.t.ppf((1 + confidence) / 2, spread.trainings - 1)) * spread.deviation


def widened(difference: float, low: float, high: float, spread: SeedSpread, confidence: float) -> tuple[float, float]:
    """The interval [low, high] of a difference over documents, widened by the training seed.

    Documents and seeds are independent causes, so the squares of the distances from the difference to an end add up.
    """
    seeds = reach(spread, confidence)
    ends = difference - math.hypot(difference - low, seeds), difference + math.hypot(high - difference, seeds)
    return round(ends[0], PLACES), round(ends[1], PLACES)


def judge_figures(paired: "Paired", spreads: Mapping[str, SeedSpread]) -> dict[str, Significance]:
    """Every paired figure with its widened interval, its p value, and whether it is significant.

    The primary figure is where its interval excludes 0, at the confidence of the run.
    Every other one is where its p value, after Holm's correction over all the others that have one, is below 1 - confidence
    (Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979).
    """
    tested = {name: _widened(figure, spreads.get(name), paired.confidence) for name, figure in paired.figures.items()}
    corrected = holm({name: each.p for name, each in tested.items() if each.p is not None and name != PRIMARY})
    alpha = 1 - paired.confidence
    judged = {
        name: each._replace(p=corrected[name], significant=corrected[name] < alpha) for name, each in tested.items() if name in corrected
    }
    return tested | judged


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's corrected p values: the i-th smallest of m, times m - i + 1, and never below that of a smaller one."""
    corrected: dict[str, float] = {}
    largest = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[name]))
        corrected[name] = largest
    return corrected


def _widened(figure: "PairedFigure", spread: SeedSpread | None, confidence: float) -> Significance:
    """A figure with its own p value, which for the primary one decides."""
    plain = Significance(figure.difference, figure.low, figure.high, figure.reason, spread, None, significant=False)
    if figure.difference is None or figure.low is None or figure.high is None or spread is None:
        # Two students that judge alike have no interval: they differ by nothing.
        return plain
    low, high = widened(figure.difference, figure.low, figure.high, spread, confidence)
    p = _p_value(figure.difference, low, high, confidence)
    return plain._replace(low=low, high=high, p=p, significant=not low <= 0.0 <= high)


def _p_value(difference: float, low: float, high: float, confidence: float) -> float:
    """The two-sided p value of no difference, with the distance to the end on the side of 0 taken as that of a normal distribution.

    So it is below 1 - confidence exactly where the interval excludes 0.
    """
    distance = difference - low if difference > 0 else high - difference
    if difference == 0.0 or distance <= 0.0:
        return float(low <= 0.0 <= high)
    normal = NormalDist()
    return 2 * (1 - normal.cdf(normal.inv_cdf((1 + confidence) / 2) * abs(difference) / distance))
