"""How far people agree among themselves on the class, and a judge with each of them alone.

What people reach among themselves is about what a judge can reach against one of them: the ceiling.
A judge held against the verdict of several people has an easier task than any one of them, since the verdict of several is steadier
than that of one. So where a judge is held against the ceiling, it takes the place of one person in front of another.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from judge.evaluation.agreement import class_agreement, is_acceptable
from judge.evaluation.bootstrap import Array, Draws, Mask


class Annotations(NamedTuple):
    """The labels of some answers.

    `names` are those of the annotators, sorted; `values` (answers, annotators) is NaN where a label is missing.
    """

    names: tuple[str, ...]
    values: Array

    @property
    def given(self) -> Mask:
        """Where there is a label: (answers, annotators)."""
        return ~np.isnan(self.values)

    @property
    def shared(self) -> Mask:
        """The answers that two or more people labelled: (answers,)."""
        return np.asarray(self.given.sum(axis=1) >= 2)

    def pairs(self) -> Iterator[tuple[int, int, Mask]]:
        """Any two annotators, as columns of `values`, who have labels in common, and the answers (answers,) that both labelled."""
        for one, other in combinations(range(len(self.names)), 2):
            both = self.given[:, one] & self.given[:, other]
            if both.any():
                yield one, other, both


def line_up(labels: Mapping[str, Mapping[str, float]], items: Sequence[str]) -> Annotations:
    """The labels of the answers `items`, in their order; labels of other answers are left aside, and people who gave no other with them.

    Args:
        labels: for each answer the labels in [0, 1] that it has, by annotator (`judge.people.labels.by_item`).
        items: the ids of the answers.
    """
    names = tuple(sorted({name for item in items for name in labels.get(item, {})}))
    values = [[labels.get(item, {}).get(name, np.nan) for name in names] for item in items]
    return Annotations(names, np.array(values, dtype=np.float64).reshape(len(items), len(names)))


def classes(annotations: Annotations, threshold: float) -> Annotations:
    """The class of each label: 1 for acceptable, strictly above the threshold, and 0 for unacceptable."""
    accepted = is_acceptable(np.nan_to_num(annotations.values).ravel(), threshold).reshape(annotations.values.shape)
    return annotations._replace(values=np.where(annotations.given, accepted.astype(float), np.nan))


def kappa(one: Array, other: Array, rows: Mask, draws: Draws) -> Array:
    """Cohen's kappa of two columns of classes (answers,) on the marked rows, in each draw: (draws,); NaN where it is undefined."""
    return class_agreement(one[rows] == 1, other[rows] == 1, draws.of(rows))["kappa"]


def ceiling(classed: Annotations, draws: Draws) -> Array:
    """What people reach among themselves: the mean of Cohen's kappa over all pairs of annotators, in each draw: (draws,).

    A pair counts by the answers that both labelled; one whose kappa a draw leaves undefined does not count in that draw.
    Light, "Measures of response agreement for qualitative data", Psychological Bulletin 76, 1971, takes the mean over pairs.
    """
    values = classed.values.T
    kappas = [kappa(values[one], values[other], both, draws) for one, other, both in classed.pairs()]
    return _weighted(kappas, [both for *_, both in classed.pairs()], draws)


def single_kappa(classed: Annotations, judge: Array, draws: Draws) -> Array:
    """Cohen's kappa of a judge with one annotator, the mean over annotators, each counting by the answers that both judged: (draws,).

    `judge` (answers,) is 1 for acceptable, 0 for unacceptable and NaN where the judge failed.
    """
    rows = [given & ~np.isnan(judge) for given in classed.given.T]
    kappas = [kappa(judge, column, both, draws) for column, both in zip(classed.values.T, rows, strict=True)]
    return _weighted(kappas, rows, draws)


def ceiling_difference(classed: Annotations, judge: Array, draws: Draws) -> Array:
    """The judge's kappa with single annotators less that of people among themselves, like with like, in each draw: (draws,).

    For each pair of annotators the judge takes the place of either in front of the other, on the answers that all three judged: the
    mean of its two kappas is held against the pair's own. A judge that is one more person of their kind has 0 here; above 0 it is
    a better colleague to them than they are to each other. The pairs count by their answers.
    """
    values, judged = classed.values.T, ~np.isnan(judge)
    rows = [(one, other, both & judged) for one, other, both in classed.pairs()]
    gains = [
        (kappa(judge, values[one], both, draws) + kappa(judge, values[other], both, draws)) / 2
        - kappa(values[one], values[other], both, draws)
        for one, other, both in rows
    ]
    return _weighted(gains, [both for *_, both in rows], draws)


def _weighted(figures: Sequence[Array], rows: Sequence[Mask], draws: Draws) -> Array:
    """The mean of some figures, each (draws,), by how many of its rows each draw holds; NaN where none of them is defined."""
    if not figures:
        return np.full(len(draws.counts), np.nan)
    weights = draws.sums(np.column_stack(rows).astype(float)).T
    values = np.stack(figures)
    defined = ~np.isnan(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(defined, weights * values, 0.0).sum(axis=0) / (weights * defined).sum(axis=0))
