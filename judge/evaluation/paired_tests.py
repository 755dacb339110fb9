"""Tests of two judges who judged the same answers, against people: McNemar's for the class, Williams' for the correlation.

Both take answers as independent, and Williams' takes scores as normal. Several answers about one document resemble each other, and scores
pile up at both ends: at 0.05, of equal judges, McNemar's rejected 4 to 7 times of a hundred and Williams' 9 to 16 (`bench/people.py`).
So the one to go by is the interval of the difference, which draws whole documents; these stand beside it because reviewers ask for them.
"""

from typing import NamedTuple

import numpy as np

from judge.evaluation.bootstrap import Array, Mask

# Nearer to singular than this, three correlations leave nothing to divide by.
_SINGULAR = 1e-12


class McNemar(NamedTuple):
    """Whether two judges are right equally often, on the answers of which one is right and the other wrong.

    `only_one` and `only_other` count these. `statistic` is chi-squared with one degree of freedom, without correction for continuity,
    and `p_of_statistic` its p-value; None where there is no such answer. `p` is the mid-p of the exact test, two-sided, in [0, 1], and
    `p_exact` that of the exact one, which rejects too rarely.
    """

    only_one: int
    only_other: int
    statistic: float | None
    p_of_statistic: float | None
    p_exact: float
    p: float


class Williams(NamedTuple):
    """Whether two judges correlate with people equally well: t with `freedom` degrees of freedom, and its two-sided p-value."""

    t: float
    freedom: int
    p: float


def mcnemar(people: Mask, one: Mask, other: Mask) -> McNemar:
    """McNemar's test (Psychometrika 12, 1947) of the classes of two judges, each (answers,), True for acceptable.

    Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91, 2013, compare its variants and advise the mid-p.
    """
    right, right_other = one == people, other == people
    return of_counts(int((right & ~right_other).sum()), int((~right & right_other).sum()))


def of_counts(only_one: int, only_other: int) -> McNemar:
    """McNemar's test from the two counts that decide it; those of answers that both got right, or both wrong, do not matter."""
    from scipy import stats
    from statsmodels.stats import contingency_tables

    table = [[0, only_one], [only_other, 0]]
    discordant = only_one + only_other
    if not discordant:
        return McNemar(0, 0, None, None, 1.0, 1.0)
    exact = float(contingency_tables.mcnemar(table, exact=True).pvalue)
    by_normal = contingency_tables.mcnemar(table, exact=False, correction=False)
    # Half of the chance of just this outcome is taken off, on either side; with equal counts both sides are the same outcome.
    outcome = float(stats.binom.pmf(only_one, discordant, 0.5))
    middle = exact - (outcome / 2 if only_one == only_other else outcome)
    return McNemar(only_one, only_other, float(by_normal.statistic), float(by_normal.pvalue), exact, middle)


def williams(people: Array, one: Array, other: Array) -> Williams | None:
    """Williams' test of the correlations of two judges' scores with people's labels, all (answers,); None where it is undefined.

    That is with fewer than four answers, where one of the three never varies, and for two judges whose scores say the same.
    """
    if len(people) < 4 or any(np.ptp(scores) == 0 for scores in (people, one, other)):
        return None
    correlations = np.corrcoef([people, one, other])
    return of_correlations(correlations[0, 1], correlations[0, 2], correlations[1, 2], len(people))


def of_correlations(with_one: float, with_other: float, between: float, n: int) -> Williams | None:
    """Williams' t (Journal of the Royal Statistical Society B 21, 1959), as Steiger, Psychological Bulletin 87, 1980, states it.

    Args:
        with_one: the correlation of people and one judge.
        with_other: that of people and the other.
        between: that of the two judges.
        n: the answers behind them, four or more.
    """
    from scipy import special

    determinant = 1 - with_one**2 - with_other**2 - between**2 + 2 * with_one * with_other * between
    mean = (with_one + with_other) / 2
    divisor = 2 * (n - 1) / (n - 3) * determinant + mean**2 * (1 - between) ** 3
    if divisor < _SINGULAR:
        return None
    t = float((with_one - with_other) * np.sqrt((n - 1) * (1 + between) / divisor))
    return Williams(t, n - 3, float(2 * special.stdtr(n - 3, -abs(t))))
