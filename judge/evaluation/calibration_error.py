"""How far the probabilities that a judge states lie from what comes true, estimated without the bias of few rows."""

import numpy as np

from judge.evaluation.bootstrap import PLACES, Array, Draws, Integers, Mask

BINS = 10


def calibration_bin(probabilities: Array) -> Integers:
    """The bin of each probability (rows,), from 0; the last one includes 1.0."""
    return np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)


def calibration_error(probabilities: Array, positive: Mask, draws: Draws) -> Array:
    """The root mean square, over the rows, of the gap between mean probability and share positive in the row's bin: (draws,).

    The usual ECE, a sum of absolute gaps, is above 0 for a judge without error, the more so the fewer rows there are (Bröcker 2012).
    Here the square of a gap is estimated by products of the surpluses, probability less fact, of rows of different documents.
    Their mean has no bias, whatever rows of one document have in common, as the debiased estimator of Kumar, Liang and Ma ("Verified
    uncertainty calibration", 2019), the one of Ferro and Fricker (2012), and the pairs of Widmann, Lindsten and Zachariah (2019).
    Without bias an estimate of 0 falls below it half of the time: the root has the sign of what is under it.
    At the same gaps it is as large as the usual ECE or larger, since it is a quadratic mean.

    Args:
        probabilities: (rows,) of being positive, in [0, 1].
        positive: (rows,) what came true.
        draws: the draws of these rows.

    Returns:
        In [-1, 1]; a bin with rows of one document only says nothing and is left out, and NaN is for draws that have no other.
    """
    bins = calibration_bin(probabilities)
    rows, surplus = np.zeros((2, draws.clusters, BINS))
    weights = np.ones(len(bins)) if draws.weights is None else draws.weights
    np.add.at(rows, (draws.cluster_of, bins), weights)
    np.add.at(surplus, (draws.cluster_of, bins), weights * (probabilities - positive))
    # A document that a resample holds twice is still one: its copies make no pair.
    both = np.hstack([rows, surplus])
    count, summed = np.hsplit(draws.total(both), 2)
    own_pairs, own_products = np.hsplit(draws.total(both**2, power=2), 2)
    pairs, products = count**2 - own_pairs, summed**2 - own_products
    # Rows that weigh unequally leave a rest of rounding where there is no pair.
    known = pairs > 1e-9 * count**2
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.where(known, products / pairs, 0.0)
        mean_square = (count * gaps).sum(axis=1) / np.where(known, count, 0.0).sum(axis=1)
    # The last bits of a matrix product, which differ from machine to machine, would grow under a root.
    mean_square = np.round(mean_square, PLACES)
    return np.asarray(np.sign(mean_square) * np.sqrt(np.abs(mean_square)))
