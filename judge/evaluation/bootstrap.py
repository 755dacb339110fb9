"""Intervals from the cluster bootstrap: whole documents are drawn, because the answers about one document resemble each other.

Rows drawn one by one would make every interval too narrow.
See Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 13 and 14, and for clusters Field and Welsh,
"Bootstrapping clustered data", Journal of the Royal Statistical Society B 69(3), 2007.

A draw is kept as one count per cluster, so that a sum over its rows, or over its pairs of rows, is a matrix product.

An interval is the figure plus and minus Student's t times the bootstrap's standard error, on the scale that suits the figure.
Percentiles of the resamples held the truth 89 to 95 times of 100 at 60 documents; these hold it 93 to 97 times: `bench/coverage.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from judge.evaluation.definitions import Scale
from judge.evaluation.intervals import degrees_of_freedom, ends, shares_of_spread, student_t, wilson

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Counts = Array | npt.NDArray[np.uint8]

# Below this the spread between clusters is itself hardly known, and an interval would claim too much.
FEWEST_CLUSTERS = 10
# Where fewer documents than this make up the spread, nobody knows how large it is: a Brier score with one accepted answer, say.
FEWEST_DECIDING = 2.5
# Nearer to 1 than this an AUROC of few statements has an interval that is too wide: 98 to 100 of a hundred held the truth.
NEAR_ONE = 0.99
# A figure that many draws leave undefined (one class, constant scores) has no honest interval.
LARGEST_UNDEFINED_SHARE = 0.05
# The last bits of a matrix product depend on the number of threads; twelve places are the same everywhere.
PLACES = 12
_BLOCK, _CLOSE_BY = 256, 1_000_000
# The counts of more clusters than this take a byte each, not eight, and are counted from drawn clusters, ten times as fast as drawn counts.
MOST_DRAWN = 5000
# The weight of each document is read from the resamples, of which there have to be this many for each.
_RESAMPLES_A_DOCUMENT = 4

NoInterval = Literal[
    "undefined", "few_documents", "undefined_resamples", "no_spread", "few_deciding", "near_one", "few_annotators", "of_a_test"
]
REASONS: dict[str, str] = {
    "undefined": "undefined: the formula has no value here, as with one class only or scores that are all the same",
    "few_documents": f"no interval: fewer than {FEWEST_CLUSTERS} documents",
    "undefined_resamples": f"no interval: more than {LARGEST_UNDEFINED_SHARE:.0%} of the resamples leave the figure undefined",
    "no_spread": "no interval: every resample gives the same figure",
    "few_deciding": "no interval: one or two documents decide how far the figure may move",
    "near_one": f"no interval: above {NEAR_ONE} it would be wider than it says",
    "few_annotators": "no figure: too few people labelled the same answers; agreement takes two, the alternative annotator test three "
    "with 30 answers each",
    "of_a_test": "no interval: it is what a test says of chance",
}
"""What each `reason` means, in words for a reader."""


class Figure(NamedTuple):
    """A figure with its interval; where something is None, `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    reason: NoInterval | None


@dataclass(frozen=True)
class Draws:
    """Draws of clusters, and the rows that they carry.

    Row 0 of `counts` (1 + resamples, clusters) is the data as it is, each cluster once; the others are resamples. They may be bytes.
    `cluster_of` (rows,) gives the column of each row; every column has a row.
    `confidence` is the share of intervals that shall hold the true figure, such as 0.95.
    `weights` (rows,) is what each row counts for, above 0, where rows were not all equally likely to be chosen; None: 1 each.
    """

    counts: Counts
    cluster_of: Integers
    confidence: float
    weights: Array | None = None

    @property
    def clusters(self) -> int:
        """How many clusters the rows come from."""
        return len(self.counts.T)

    def of(self, rows: Mask) -> "Draws":
        """The same draws, seen by the rows that are marked in `rows` (rows,)."""
        kept = np.bincount(self.cluster_of[rows], minlength=self.clusters) > 0
        # All counts of 33,000 documents are 67 MB, which need no copy where no document is gone.
        counts = self.counts if kept.all() else self.counts[:, kept]
        cluster_of = (np.cumsum(kept) - 1)[self.cluster_of[rows]]
        return Draws(counts, cluster_of, self.confidence, None if self.weights is None else self.weights[rows])

    def weighted(self, weights: Array) -> "Draws":
        """The same draws of rows that count for `weights` (rows,) each.

        Where a weight is 1 / the chance that the row had to be chosen, a mean is the estimator of Hájek (1971).
        All equal they are left out, so that such figures are those without weights to the last bit; else their mean is made 1.
        """
        return replace(self, weights=None if not len(weights) or np.ptp(weights) == 0.0 else weights / weights.mean())

    def sums(self, values: Array) -> Array:
        """The sum of each of the `values` (rows, k) over the rows of each draw: (draws, k)."""
        by_cluster = np.zeros((self.clusters, values.shape[1]))
        np.add.at(by_cluster, self.cluster_of, values if self.weights is None else values * self.weights[:, None])
        return self.total(by_cluster)

    def total(self, by_cluster: Array, power: int = 1) -> Array:
        """The sum of values `by_cluster` (clusters, k) over the clusters of each draw, by their counts to the `power`: (draws, k)."""
        if self.clusters <= MOST_DRAWN:
            # In one product, since the last bits of a sum depend on how it is cut up.
            return np.asarray((self.counts if power == 1 else self.counts**power) @ by_cluster)
        # Some draws at a time, as many as the processor has room for close by.
        some = np.empty((max(1, _CLOSE_BY // self.clusters), self.clusters))
        sums = np.empty((len(self.counts), by_cluster.shape[1]))
        for first in range(0, len(sums), len(some)):
            counts = some[: len(sums) - first]
            counts[:] = self.counts[first : first + len(counts)]
            np.matmul(counts if power == 1 else counts**power, by_cluster, out=sums[first : first + len(counts)])
        return sums

    def pair_sums(self, kernel: Callable[[Integers], Array]) -> Array:
        """The sum of a kernel over all ordered pairs of rows of each draw: (draws,).

        `kernel(chosen)` gives its values for the rows numbered in `chosen` against all rows: (chosen, rows).
        """
        order = np.argsort(self.cluster_of, kind="stable")
        starts = np.searchsorted(self.cluster_of[order], np.arange(self.clusters))
        by_cluster = np.zeros((self.clusters, self.clusters))
        for first in range(0, len(order), _BLOCK):
            chosen = order[first : first + _BLOCK]
            values = kernel(chosen) if self.weights is None else kernel(chosen) * self.weights[chosen, None] * self.weights
            np.add.at(by_cluster, self.cluster_of[chosen], np.add.reduceat(values[:, order], starts, axis=1))
        return np.asarray(np.einsum("dc,dc->d", self.total(by_cluster), self.counts))

    def row_counts(self) -> Iterator[Array]:
        """How often each row stands in each draw, times its weight, some draws at a time: (some draws, rows)."""
        for first in range(0, len(self.counts), _BLOCK):
            counts = self.counts[first : first + _BLOCK, self.cluster_of].astype(np.float64)
            yield counts if self.weights is None else counts * self.weights

    def figure(self, values: Array, scale: Scale = "difference", clusters: int | None = None) -> Figure:
        """The figure of the data with its interval.

        `values` (1 + resamples,) is the figure in each draw, the data first; NaN where a draw leaves it undefined.
        `scale` says what sort of figure it is (`definitions.Scale`).
        `clusters` is how many clusters decide the figure, where it is fewer than there are: those of the rarer class of an AUROC.
        A difference of two judges gets its interval from the difference of their values in the same draws.

        The standard error is that of the resamples (Efron and Tibshirani, 1993, chapter 6), times the root of C / (C - 1) for C clusters.
        Student's t has C - 1 degrees of freedom, fewer where some clusters weigh much more than others (`intervals.degrees_of_freedom`).
        """
        estimate, resampled = float(values[0]), values[1:]
        if np.isnan(estimate):
            return Figure(None, None, None, "undefined")
        # A root may come out below 0, which says that there is less error than chance alone would show.
        value = round(max(0.0, estimate) if scale == "root" else estimate, PLACES)
        clusters = self.clusters if clusters is None else clusters
        defined = ~np.isnan(resampled)
        reason = _unfit(value, resampled[defined], float(defined.sum()) / max(1, len(defined)), scale, clusters)
        if reason is not None:
            return Figure(value, None, None, reason)
        freedom = clusters - 1.0
        if scale in _WEIGHED and self.clusters * _RESAMPLES_A_DOCUMENT <= len(resampled):
            shares = shares_of_spread(self.counts[1:][defined], resampled[defined])
            if scale not in _RANKED and 1 / (shares**2).sum() < FEWEST_DECIDING:
                return Figure(value, None, None, "few_deciding")
            freedom = min(freedom, degrees_of_freedom(shares))
        # The square of a root is what has no bias, and what is spread evenly about the truth.
        spread = resampled[defined] * np.abs(resampled[defined]) if scale == "root" else resampled[defined]
        error = float(spread.std()) * np.sqrt(clusters / (clusters - 1))
        low, high = ends(estimate, error, student_t(self.confidence, freedom), scale)
        return Figure(value, round(low, PLACES), round(high, PLACES), None)

    def share(self, marked: Mask) -> Figure:
        """The share of the rows that are `marked` (rows,), with the interval of Wilson (1927) for a sample of clusters.

        The number of rows is divided by the design effect (Kish, 1965), which is that of the bootstrap and at least 1,
        and the normal quantile gives way to Student's, as in Korn and Graubard (Survey Methodology 24, 1998).
        Where all rows or none are marked there is no design effect to be seen, and each document counts once.
        """
        if not len(marked):
            return Figure(None, None, None, "undefined")
        weights = np.ones(len(marked)) if self.weights is None else self.weights
        share = float(marked.mean()) if self.weights is None else float(weights @ marked / weights.sum())
        if self.clusters < FEWEST_CLUSTERS:
            return Figure(round(share, PLACES), None, None, "few_documents")
        size = float(self.clusters)
        if 0 < share < 1:
            # The variance of a ratio over clusters (Cochran, 1977, section 6.3): what a bootstrap of infinitely many draws would find.
            surplus = np.bincount(self.cluster_of, weights=(marked - share) * weights)
            variance = self.clusters / (self.clusters - 1) * float((surplus**2).sum()) / float(weights.sum()) ** 2
            # Documents that are all alike have no variance between them, and no design effect either.
            size = min(float(len(marked)), share * (1 - share) / variance) if variance > 0 else float(len(marked))
        low, high = wilson(share, size, student_t(self.confidence, self.clusters - 1.0))
        return Figure(round(share, PLACES), round(low, PLACES), round(high, PLACES), None)


def _unfit(value: float, defined: Array, share_defined: float, scale: Scale, clusters: int) -> NoInterval | None:
    """Why a figure has no honest interval, from its values in those resamples that define it; None where it may have one."""
    if clusters < FEWEST_CLUSTERS:
        return "few_documents"
    if not len(defined) or 1 - share_defined > LARGEST_UNDEFINED_SHARE:
        return "undefined_resamples"
    if np.ptp(defined) < 10.0**-PLACES:
        # An AUROC of 1.0 stays 1.0 in every resample, and a bootstrap cannot tell how far below it the truth may lie.
        return "no_spread"
    return "near_one" if scale == "auroc_of_kind" and value > NEAR_ONE else None


# Where one document may weigh any amount, and where, of these, the weight of one is bounded.
_RANKED = frozenset({"auroc", "auroc_of_kind"})
_WEIGHED = frozenset({"correlation", "agreement", "error", "signed"}) | _RANKED


def draw(clusters: Sequence[str], resamples: int, confidence: float, seed: int) -> Draws:
    """Draw whole clusters with replacement.

    Args:
        clusters: the cluster of each row, a document_id here; at least one row.
        resamples: how many draws to make beside the data themselves.
        confidence: the share of intervals that shall hold the true figure, in (0, 1).
        seed: the same seed and clusters give the same draws, in any order of the rows.
    """
    names, cluster_of = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    size = len(names)
    if size > MOST_DRAWN:
        return Draws(_many_counts(size, resamples, seed), cluster_of, confidence)
    counts = np.random.default_rng(seed).multinomial(size, np.full(size, 1.0 / size), size=resamples)
    return Draws(np.vstack([np.ones((1, size)), counts]), cluster_of, confidence)


def _many_counts(size: int, resamples: int, seed: int) -> npt.NDArray[np.uint8]:
    """The counts of many clusters: (1 + resamples, size). None is ever drawn 256 times, of thousands that are equally likely."""
    generator = np.random.default_rng(seed)
    counts = np.ones((1 + resamples, size), dtype=np.uint8)
    for row in counts[1:]:
        row[:] = np.bincount(generator.integers(size, size=size), minlength=size)
    return counts
