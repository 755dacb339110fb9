"""Intervals from the cluster bootstrap: whole documents are drawn, because the answers about one document resemble each other.

Rows drawn one by one would make every interval too narrow.
See Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 13 and 14, and for clusters Field and Welsh,
"Bootstrapping clustered data", Journal of the Royal Statistical Society B 69(3), 2007.

A draw is kept as one count per cluster, so that a sum over its rows, or over its pairs of rows, is a matrix product.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Below this the spread between clusters is itself hardly known, and an interval would claim too much.
FEWEST_CLUSTERS = 10
# A figure that many draws leave undefined (one class, constant scores) has no honest interval.
LARGEST_UNDEFINED_SHARE = 0.05
# The last bits of a matrix product depend on the number of threads; twelve places are the same everywhere.
PLACES = 12
_BLOCK = 256

NoInterval = Literal["undefined", "few_documents", "undefined_resamples", "no_spread"]
REASONS: dict[str, str] = {
    "undefined": "undefined: the formula has no value here, as with one class only or scores that are all the same",
    "few_documents": f"no interval: fewer than {FEWEST_CLUSTERS} documents",
    "undefined_resamples": f"no interval: more than {LARGEST_UNDEFINED_SHARE:.0%} of the resamples leave the figure undefined",
    "no_spread": "no interval: every resample gives the same figure",
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

    Row 0 of `counts` (1 + resamples, clusters) is the data as it is, each cluster once; the others are resamples.
    `cluster_of` (rows,) gives the column of each row; every column has a row.
    `confidence` is the share of intervals that shall hold the true figure, such as 0.95.
    """

    counts: Array
    cluster_of: Integers
    confidence: float

    @property
    def clusters(self) -> int:
        """How many clusters the rows come from."""
        return len(self.counts.T)

    def of(self, rows: Mask) -> "Draws":
        """The same draws, seen by the rows that are marked in `rows` (rows,)."""
        columns, cluster_of = np.unique(self.cluster_of[rows], return_inverse=True)
        return Draws(self.counts[:, columns], cluster_of, self.confidence)

    def sums(self, values: Array) -> Array:
        """The sum of each of the `values` (rows, k) over the rows of each draw: (draws, k)."""
        by_cluster = np.zeros((self.clusters, values.shape[1]))
        np.add.at(by_cluster, self.cluster_of, values)
        return np.asarray(self.counts @ by_cluster)

    def pair_sums(self, kernel: Callable[[Integers], Array]) -> Array:
        """The sum of a kernel over all ordered pairs of rows of each draw: (draws,).

        `kernel(chosen)` gives its values for the rows numbered in `chosen` against all rows: (chosen, rows).
        """
        order = np.argsort(self.cluster_of, kind="stable")
        starts = np.searchsorted(self.cluster_of[order], np.arange(self.clusters))
        by_cluster = np.zeros((self.clusters, self.clusters))
        for first in range(0, len(order), _BLOCK):
            chosen = order[first : first + _BLOCK]
            np.add.at(by_cluster, self.cluster_of[chosen], np.add.reduceat(kernel(chosen)[:, order], starts, axis=1))
        return np.asarray(np.einsum("dc,dc->d", self.counts @ by_cluster, self.counts))

    def weights(self) -> Iterator[Array]:
        """How often each row stands in each draw, some draws at a time: (some draws, rows)."""
        for first in range(0, len(self.counts), _BLOCK):
            yield self.counts[first : first + _BLOCK, self.cluster_of]

    def figure(self, values: Array) -> Figure:
        """The figure of the data with its percentile interval.

        `values` (1 + resamples,) is the figure in each draw, the data first; NaN where a draw leaves it undefined.
        A difference of two judges gets its interval from the difference of their values in the same draws.
        """
        estimate, resampled = float(values[0]), values[1:]
        if np.isnan(estimate):
            return Figure(None, None, None, "undefined")
        value = round(estimate, PLACES)
        if self.clusters < FEWEST_CLUSTERS:
            return Figure(value, None, None, "few_documents")
        if np.isnan(resampled).mean() > LARGEST_UNDEFINED_SHARE:
            return Figure(value, None, None, "undefined_resamples")
        low, high = np.nanquantile(resampled, [(1 - self.confidence) / 2, (1 + self.confidence) / 2])
        if low == high:
            # An AUROC of 1.0 stays 1.0 in every resample, and a bootstrap cannot tell how far below it the truth may lie.
            return Figure(value, None, None, "no_spread")
        return Figure(value, round(float(low), PLACES), round(float(high), PLACES), None)


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
    counts = np.random.default_rng(seed).multinomial(size, np.full(size, 1.0 / size), size=resamples)
    return Draws(np.vstack([np.ones((1, size)), counts]), cluster_of, confidence)


def reflected(values: Array) -> Array:
    """The draws (1 + resamples,) mirrored at the figure of the data; their percentile interval is the "basic" one.

    It suits a figure that is biased upwards, such as a sum of absolute gaps: a resample adds that bias once more, the mirror removes it.
    See Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 5.2.
    """
    return np.asarray(2 * values[0] - values)
