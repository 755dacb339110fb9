"""The alternative annotator test: whether a judge may stand in for the people who labelled.

Calderon, Reichart and Dror, "The Alternative Annotator Test for LLM-as-a-Judge: How to Statistically Justify Replacing Human Annotators
with LLMs", ACL 2025. One annotator at a time is left out, and judge and annotator are held against the remaining ones: whose labels are
nearer to theirs? As its authors do, the test takes answers as independent. Several answers about one document are not, so its p-values
are somewhat too small here; the interval of the average advantage probability draws whole documents and is not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from judge.evaluation.annotators import Annotations
from judge.evaluation.bootstrap import PLACES, Array, Draws, Mask

EPSILONS: Mapping[str, float] = {"experts": 0.2, "skilled": 0.15, "crowd": 0.1}
"""By how much people's label may be better and the judge still preferred, for it costs less: the authors' advice by who labelled."""

FEWEST_ANNOTATORS = 3
"""With two, what remains is one person, and there is nothing that they have in common."""
FEWEST_ITEMS = 30
"""The t-test takes the mean of fewer answers as too far from normal."""
FALSE_DISCOVERY_RATE = 0.05
PASSING_RATE = 0.5

Alignment = Callable[[Array, Array], Array]
"""How near labels (answers,) are to those of the remaining annotators (answers, annotators), NaN where one is missing: (answers,)."""


class LeftOut(NamedTuple):
    """One annotator against the judge.

    Attributes:
        annotator: the name.
        n: the answers that annotator, judge and one other at least have judged.
        judge_wins: the share in which the judge is at least as near to the others (rho of this annotator).
        annotator_wins: the share in which the annotator is; both count where they are equally near.
        p: of the null hypothesis that the annotator wins more often than the judge by epsilon or more.
        won: whether that is rejected, among all annotators.
    """

    annotator: str
    n: int
    judge_wins: float
    annotator_wins: float
    p: float
    won: bool


class Outcome(NamedTuple):
    """The outcome: those who labelled enough, in the order of their names, the winning rate and the average advantage probability.

    With fewer than `FEWEST_ANNOTATORS` of them the two rates are None: the test has nothing to say.
    `advantage_drawn` (draws,) is the average advantage probability in each draw of documents; NaN where one of them has no answer.
    """

    left_out: list[LeftOut]
    winning_rate: float | None
    advantage: float | None
    advantage_drawn: Array

    @property
    def passed(self) -> bool | None:
        """Whether the judge wins against half of the people or more; None where the test has nothing to say."""
        return None if self.winning_rate is None else self.winning_rate >= PASSING_RATE


def accuracy(labels: Array, remaining: Array) -> Array:
    """The share of the remaining labels that are the same, for classes."""
    known = ~np.isnan(remaining)
    return np.asarray(((remaining == labels[:, None]) & known).sum(axis=1) / known.sum(axis=1))


def nearness(labels: Array, remaining: Array) -> Array:
    """The root of the mean squared distance to the remaining labels, negative so that more is nearer, for levels."""
    # Rounded, so that 0.3 and 0.5 are equally near to 0.4.
    return np.asarray(np.round(-np.sqrt(np.nanmean((remaining - labels[:, None]) ** 2, axis=1)), PLACES))


def alternative_annotator_test(annotations: Annotations, judge: Array, alignment: Alignment, epsilon: float, draws: Draws) -> Outcome:
    """Hold a judge against each annotator who labelled `FEWEST_ITEMS` answers that the judge and others have judged too.

    The p-values, one-sided, are corrected as the authors do (Benjamini and Yekutieli, Annals of Statistics 29, 2001), at a false
    discovery rate of 0.05.

    Args:
        annotations: the labels of the answers, classes or levels.
        judge: (answers,) what the judge says in the same terms; NaN where it failed.
        alignment: how near labels are to others: `accuracy` of classes, `nearness` of levels.
        epsilon: what the judge is given ahead, one of `EPSILONS`.
        draws: the draws of the answers.
    """
    names, wins, losses, masks = [], [], [], []
    for column, name in enumerate(annotations.names):
        others = np.delete(annotations.values, column, axis=1)
        rows = annotations.given[:, column] & ~np.isnan(others).all(axis=1) & ~np.isnan(judge)
        if rows.sum() < FEWEST_ITEMS:
            continue
        mine = alignment(annotations.values[rows, column], others[rows])
        its = alignment(judge[rows], others[rows])
        names.append(name)
        wins.append(its >= mine)
        losses.append(mine >= its)
        masks.append(rows)
    if len(names) < FEWEST_ANNOTATORS:
        return Outcome([], None, None, np.full(len(draws.counts), np.nan))
    p_values = [_p_value(lost.astype(float) - won, epsilon) for won, lost in zip(wins, losses, strict=True)]
    rejected = _rejected(p_values)
    left_out = [
        LeftOut(name, len(won), float(won.mean()), float(lost.mean()), p, is_rejected)
        for name, won, lost, p, is_rejected in zip(names, wins, losses, p_values, rejected, strict=True)
    ]
    advantage = float(np.mean([one.judge_wins for one in left_out]))
    drawn = _shares(wins, masks, draws).mean(axis=0)
    return Outcome(left_out, sum(rejected) / len(rejected), advantage, drawn)


def _shares(wins: Sequence[Mask], rows: Sequence[Mask], draws: Draws) -> Array:
    """The share of wins among the marked rows (answers,) of each annotator in each draw: (annotators, draws)."""
    won = np.column_stack(rows).astype(float)
    for column, (own, marked) in enumerate(zip(wins, rows, strict=True)):
        won[marked, column] = own
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((draws.sums(won) / draws.sums(np.column_stack(rows).astype(float))).T)


def _p_value(differences: Array, epsilon: float) -> float:
    """Of the t-test of one sample against a mean of epsilon or more."""
    from scipy import stats

    if np.ptp(differences) == 0:
        # No spread and no t: differences that are all the same lie below epsilon for certain, or not.
        return 0.0 if differences[0] < epsilon else 1.0
    return float(stats.ttest_1samp(differences, epsilon, alternative="less").pvalue)


def _rejected(p_values: list[float]) -> list[bool]:
    from scipy import stats

    return [bool(one <= FALSE_DISCOVERY_RATE) for one in stats.false_discovery_control(p_values, method="by")]
