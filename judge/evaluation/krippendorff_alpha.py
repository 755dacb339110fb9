"""Krippendorff's alpha: how far people agree among themselves beyond chance, whoever labelled what.

Krippendorff, "Content Analysis", 4th edition, 2018, chapter 12, and "Computing Krippendorff's Alpha-Reliability", 2011.
The package `krippendorff` gives one number; an interval takes thousands, so alpha is reckoned here for all draws of a bootstrap at once,
and a test holds it equal to the package's.
"""

from typing import Literal

import numpy as np

from judge.evaluation.bootstrap import Array, Draws

Level = Literal["nominal", "interval"]
"""What counts as disagreement: any two values that differ, or the square of the distance between them."""


def alpha(values: Array, level: Level, draws: Draws) -> Array:
    """Alpha in each draw: (draws,). Answers with fewer than two labels say nothing of agreement and are left out.

    Alpha is 1 less the ratio of the disagreement within answers to that between any two labels. It is undefined, NaN, where all
    labels of a draw are the same: nothing tells agreement from habit there.

    Args:
        values: (answers, annotators), NaN where an annotator gave no label.
        level: what counts as disagreement.
        draws: the draws of the answers.
    """
    paired = (~np.isnan(values)).sum(axis=1) >= 2
    if not paired.any():
        return np.full(len(draws.counts), np.nan)
    draws, values = draws.of(paired), values[paired]
    known = np.unique(values[~np.isnan(values)])
    apart = (known[:, None] != known).astype(float) if level == "nominal" else (known[:, None] - known) ** 2
    # How often each value stands at each answer: (answers, values). All that alpha needs are sums of these over the answers.
    counts = (values[:, :, None] == known).sum(axis=1).astype(float)
    within = ((counts @ apart) * counts).sum(axis=1) / (counts.sum(axis=1) - 1)
    *totals, observed = draws.sums(np.column_stack([counts, within])).T
    of_value = np.column_stack(totals)
    # Counts are whole numbers, so this is exactly 0 where a draw holds one value alone.
    between = ((of_value @ apart) * of_value).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(between > 0, 1 - (of_value.sum(axis=1) - 1) * observed / between, np.nan)
