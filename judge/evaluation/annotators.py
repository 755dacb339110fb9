"""How far people agree among themselves on the class, and a judge with each of them alone.

What people reach among themselves is about what a judge can reach against one of them: the ceiling.
A judge held against the verdict of several people has an easier task than any one of them, since the verdict of several is steadier
than that of one. So where a judge is held against the ceiling, it takes the place of one person in front of another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from judge.evaluation.agreement import is_acceptable, kappa
from judge.evaluation.bootstrap import PLACES, Array, Draws, Figure, Mask


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


def kappas(columns: Sequence[tuple[Array, Array, Mask]], draws: Draws) -> tuple[Array, Array]:
    """Cohen's kappa of pairs of columns of classes, each on its marked rows, and the rows behind it, in each draw: both (pairs, draws).

    A column (answers,) is 1 for acceptable and 0 for unacceptable on the rows (answers,) that are marked; undefined kappas are NaN.
    """
    if not columns:
        return np.zeros((0, len(draws.counts))), np.zeros((0, len(draws.counts)))
    cells = [(one == mine) & (other == its) & rows for one, other, rows in columns for mine in (1, 0) for its in (1, 0)]
    counts = draws.sums(np.column_stack(cells).astype(float)).T.reshape(len(columns), 4, -1)
    both, only_one, only_other, neither = np.moveaxis(counts, 1, 0)
    return kappa(both, only_one, only_other, neither), np.asarray(counts.sum(axis=1))


def ceiling(classed: Annotations, draws: Draws) -> Array:
    """What people reach among themselves: the mean of Cohen's kappa over all pairs of annotators, in each draw: (draws,).

    A pair counts by the answers that both labelled; one whose kappa a draw leaves undefined does not count in that draw.
    Light, "Measures of response agreement for qualitative data", Psychological Bulletin 76, 1971, takes the mean over pairs.
    """
    values = classed.values.T
    return _mean(*kappas([(values[one], values[other], both) for one, other, both in classed.pairs()], draws))


def single_kappas(classed: Annotations, judge: Array, draws: Draws) -> tuple[Array, Array]:
    """Cohen's kappa of a judge with each annotator, and the answers that both judged, in each draw: both (annotators, draws).

    `judge` (answers,) is 1 for acceptable, 0 for unacceptable and NaN where the judge failed.
    """
    return kappas(
        [(judge, column, given & ~np.isnan(judge)) for column, given in zip(classed.values.T, classed.given.T, strict=True)], draws
    )


def single_kappa(classed: Annotations, judge: Array, draws: Draws) -> Array:
    """The mean of `single_kappas` over annotators, each counting by its answers: (draws,)."""
    return _mean(*single_kappas(classed, judge, draws))


def ceiling_difference(classed: Annotations, judge: Array, draws: Draws) -> Array:
    """The judge's kappa with single annotators less that of people among themselves, like with like, in each draw: (draws,).

    For each pair of annotators the judge takes the place of either in front of the other, on the answers that all three judged: the
    mean of its two kappas is held against the pair's own. A judge that is one more person of their kind has 0 here; above 0 it is
    a better colleague to them than they are to each other. The pairs count by their answers.
    """
    values, judged = classed.values.T, ~np.isnan(judge)
    pairs = [(values[one], values[other], both & judged) for one, other, both in classed.pairs()]
    own, counts = kappas(pairs, draws)
    with_one, _ = kappas([(judge, one, rows) for one, _, rows in pairs], draws)
    with_other, _ = kappas([(judge, other, rows) for _, other, rows in pairs], draws)
    return _mean((with_one + with_other) / 2 - own, counts)


def ceiling_estimate(classed: Annotations, judge: Array, draws: Draws) -> Figure:
    """`ceiling_difference` with its interval, by document.

    A good judge errs so seldom that a small sample may hold none of its errors, and the bootstrap then takes it for one that never errs:
    where people agree at kappa 0.8, intervals of 40 answers held the truth 84 times of a hundred. So the interval, not the figure, is that
    of the answers and one more, half of it acceptable and half not, in which all people agree and the judge is alone against them; as
    Agresti and Coull, American Statistician 52, 1998, add failures to a sample before they take the interval of a share.
    """
    shared = classed.shared & ~np.isnan(judge)
    # Answers that fewer than two people labelled have no part in it, and may be very many.
    classed, judge, draws = classed._replace(values=classed.values[shared]), judge[shared], draws.of(shared)
    value = float(ceiling_difference(classed, judge, replace(draws, counts=draws.counts[:1]))[0])
    if np.isnan(value):
        return Figure(None, None, None, "undefined" if shared.any() else "few_annotators")
    drawn = ceiling_difference(*_with_an_error(classed, judge, draws))
    return draws.figure(drawn)._replace(value=round(value, PLACES))


def _with_an_error(classed: Annotations, judge: Array, draws: Draws) -> tuple[Annotations, Array, Draws]:
    """Classes, judgments and draws with two answers more, each half an answer, about documents of their own."""
    truth = np.array([1.0, 0.0])
    values = np.vstack([classed.values, np.repeat(truth[:, None], len(classed.names), axis=1)])
    # A document stands in a resample about as often as a Poisson variable of mean 1 says; in the data it stands once.
    halves = 0.5 * np.random.default_rng(0).poisson(1.0, size=(len(draws.counts), 2))
    halves[0] = 0.5
    cluster_of = np.concatenate([draws.cluster_of, draws.clusters + np.arange(2)])
    weights = None if draws.weights is None else np.append(draws.weights, [1.0, 1.0])
    extended = Draws(np.hstack([draws.counts, halves]), cluster_of, draws.confidence, weights)
    return classed._replace(values=values), np.concatenate([judge, 1 - truth]), extended


def _mean(figures: Array, counts: Array) -> Array:
    """The mean over the first axis of those figures that are defined, by the rows behind each: (draws,); NaN where none is."""
    defined = ~np.isnan(figures)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(defined, counts * figures, 0.0).sum(axis=0) / (counts * defined).sum(axis=0))
