"""The rank figures of many rows: how far each row moves them is reckoned once, and a resample is a sum of that.

A rank figure is a mean over pairs or triples of rows. In every resample it would take all of these anew: 4 seconds for 5,000 rows, and
100 times that for ten times as many. What moves it is nearly all in the mean of what each row brings by itself, against all rows of the
data: the projection of Hoeffding ("A class of statistics with asymptotically normal distribution", Annals of Mathematical Statistics 19,
1948). What is left out of the resamples is what pairs of rows bring beyond that, and its part in the standard error falls as 1 / the
number of documents; the figures of the data are exact. For an AUROC it is the method of DeLong, DeLong and Clarke-Pearson (Biometrics
44, 1988), by document as in Obuchowski (Biometrics 53, 1997). `bench/ranks.py` holds it beside resamples that take every pair.
"""

import numpy as np

from judge.evaluation.bootstrap import Array, Draws, Integers, Mask


def correlations(x: Array, y: Array, draws: Draws) -> dict[str, Array]:
    """Spearman's rho and Kendall's tau-b, `spearman` and `kendall`, each (draws,), of two scores (rows,); NaN where one is constant."""
    weights = _weights(draws)
    order_x, order_y = _order(x), _order(y)
    rank_x, rank_y = (_won_less_lost(order, np.ones(len(x)), weights) for order in (order_x, order_y))
    # The mean of a product of ranks over triples: a row stands in it once itself, and twice as one of those that it is ranked against.
    both = rank_x * rank_y - _won_less_lost(order_x, rank_y, weights) - _won_less_lost(order_y, rank_x, weights)
    of_x, of_y = (rank**2 - 2 * _won_less_lost(order, rank, weights) for order, rank in ((order_x, rank_x), (order_y, rank_y)))
    untied_x, untied_y = (1 - _tied(order, weights) for order in (order_x, order_y))
    agreed = _concordance(order_x, order_y, weights)
    outside = [order != np.bincount(order).argmax() for order in (order_x, order_y)]
    columns = [both / 3, of_x / 3, of_y / 3, agreed, untied_x, untied_y, *outside, np.ones(len(x))]
    *sums, other_x, other_y, total = draws.sums(np.column_stack(columns).astype(float)).T
    degrees = (3, 3, 3, 2, 2, 2)
    product, square_x, square_y, concordant, pairs_x, pairs_y = (
        _expanded(values / total, degree) for values, degree in zip(sums, degrees, strict=True)
    )
    # Where a draw has no other value than the commonest there is no correlation.
    varied = (other_x > 0) & (other_y > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "spearman": np.where(varied, product / np.sqrt(square_x * square_y), np.nan),
            "kendall": np.where(varied, concordant / np.sqrt(pairs_x * pairs_y), np.nan),
        }


def auroc(scores: Array, positive: Mask, draws: Draws) -> Array:
    """The probability that a positive row outscores a negative one, a tie counting half: (draws,); NaN where a draw holds one class."""
    weights, order = _weights(draws), _order(scores)
    share = []
    for own, others in ((positive, ~positive), (~positive, positive)):
        beaten = (1 + _won_less_lost(order, others.astype(float), weights) * weights.sum() / max(weights[others].sum(), 1e-300)) / 2
        share.append(np.where(own, beaten, 0.0))
    positives, negatives, won, lost = draws.sums(np.column_stack([positive, ~positive, *share]).astype(float)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        by_positive, by_negative = won / positives, 1 - lost / negatives
        return np.asarray(by_positive + by_negative - by_negative[0])


def _expanded(means: Array, degree: int) -> Array:
    """The mean over groups of `degree` rows in each draw, from that of what each row brings against the data: both (draws,)."""
    return np.asarray(means[0] + degree * (means - means[0]))


def _weights(draws: Draws) -> Array:
    return np.ones(len(draws.cluster_of)) if draws.weights is None else draws.weights


def _order(values: Array) -> Integers:
    """The place of each value among the distinct ones, from 0: (rows,)."""
    return np.unique(values, return_inverse=True)[1]


def _won_less_lost(order: Integers, values: Array, weights: Array) -> Array:
    """The mean over all rows of their `values`, with a minus for those above the row, and 0 for those that are tied with it: (rows,)."""
    tied = np.bincount(order, weights=weights * values)
    up_to = np.cumsum(tied)
    return np.asarray((2 * up_to - tied - up_to[-1])[order] / weights.sum())


def _tied(order: Integers, weights: Array) -> Array:
    """The share of all rows that are tied with each row, itself among them: (rows,)."""
    return np.asarray(np.bincount(order, weights=weights)[order] / weights.sum())


def _concordance(x: Integers, y: Integers, weights: Array) -> Array:
    """The share of all rows that are ordered against each row alike by both sides, less the share ordered the other way round: (rows,)."""
    down_x, down_y = x.max() - x, y.max() - y
    alike = _below_in_both(x, y, weights) + _below_in_both(down_x, down_y, weights)
    return np.asarray((alike - _below_in_both(x, down_y, weights) - _below_in_both(down_x, y, weights)) / weights.sum())


def _below_in_both(x: Integers, y: Integers, weights: Array) -> Array:
    """The weight of the rows that are below each row in x and in y: (rows,), in about n log n steps.

    Rows are put in the order of x and split by y, first in halves, then each of these in halves, and so on: at each split the rows of
    the upper half count those of the lower half that stand before them.
    """
    # Rows tied in x stand with the larger y first, so that none of them has a tied one below it in y before it.
    rows = np.lexsort((-y, x))
    found = np.zeros(len(x))
    for bit in reversed(range(int(y.max()).bit_length())):
        part = y[rows] >> bit
        upper = part % 2 == 1
        lower = np.concatenate([[0.0], np.cumsum(np.where(upper, 0.0, weights[rows]))])
        first = np.searchsorted(part >> 1, part >> 1)
        found[rows[upper]] += (lower[:-1] - lower[first])[upper]
        rows = rows[np.argsort(part, kind="stable")]
    return found
