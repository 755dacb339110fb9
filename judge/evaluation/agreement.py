"""How far a judge agrees with its teacher: on the scores, on the class, and in the probability that it gives the class.

Every function gives a figure for each draw of a bootstrap at once, the data themselves first (see `bootstrap.Draws`):
the figure and its interval come from the same lines. Inside this module NaN marks an undefined figure.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from judge.errors import JudgmentError
from judge.evaluation import rank_figures
from judge.evaluation.bootstrap import Array, Draws, Mask
from judge.evaluation.calibration_error import calibration_error
from judge.evaluation.definitions import FIGURES
from judge.tables.levels import ACCEPTABLE, classify
from judge.tables.schema import Row

MOST_PAIRED = 5000
"""Up to this many rows the rank figures take every pair of rows anew in every draw; above it, `rank_figures` has them."""


class Judgments(NamedTuple):
    """One judge's judgments in the order of the items.

    `scores` (items,) in [0, 1] and `probabilities` (items,) of acceptable are NaN where the judgment failed; `reasons` says why.
    """

    scores: Array
    probabilities: Array
    reasons: list[str | None]

    @property
    def judged(self) -> Mask:
        """Where there is a judgment: (items,)."""
        return ~np.isnan(self.scores)


def line_up(judge: str, items: Sequence[str], judgments: Iterable[Row], threshold: float) -> Judgments:
    """The judgments of the items, in their order; judgments of other items are left aside.

    The probability of acceptable is `acceptable` of the row; a judge that states none has its class for certain.

    Raises:
        JudgmentError: an item has no judgment, not even a failed one.
    """
    by_item = {row["item_id"]: row for row in judgments}
    missing = [item for item in items if item not in by_item]
    if missing:
        raise JudgmentError(
            f"The {judge} has no judgment of {len(missing)} of {len(items)} items, {missing[0]} among them.\n"
            "Next: `dvc repro` makes the judgments again.",
        )
    rows = [by_item[item] for item in items]
    return Judgments(
        np.array([np.nan if row["score"] is None else row["score"] for row in rows], dtype=np.float64),
        np.array([_probability(row, threshold) for row in rows], dtype=np.float64),
        [row["reason"] for row in rows],
    )


def agreement(teacher: Judgments, judge: Judgments, rows: Mask, threshold: float, draws: Draws) -> dict[str, Array]:
    """All `FIGURES` of a judge against its teacher.

    Args:
        teacher: the teacher's judgments.
        judge: the judge's judgments on the same items; Brier score, calibration error and calibration are of its probability of acceptable.
        rows: (items,) the items to count, all of them judged by both.
        threshold: a score strictly above it is acceptable, for teacher and judge alike.
        draws: the draws of all items.

    Returns:
        For each metric (draws,), NaN where it is undefined, and everywhere when there are fewer than two rows.
        AUROC ranks by score, not by probability: a judge that states no probability has it at 0 or 1.
    """
    if rows.sum() < 2:
        return {name: np.full(len(draws.counts), np.nan) for name in FIGURES}
    draws = draws.of(rows)
    scores, probabilities = judge.scores[rows], judge.probabilities[rows]
    positive = is_acceptable(teacher.scores[rows], threshold)
    figures = (
        score_agreement(teacher.scores[rows], scores, draws)
        | class_agreement(positive, is_acceptable(scores, threshold), draws)
        | {"auroc": auroc(scores, positive, draws), "brier": brier(probabilities, positive, draws)}
        | {"ece": calibration_error(probabilities, positive, draws), "calibration": calibration(probabilities, positive, draws)}
    )
    return {name: figures[name] for name in FIGURES}


def is_acceptable(scores: Sequence[float] | Array, threshold: float) -> Mask:
    """The class of each score (rows,), as `levels.classify` has it: True for acceptable."""
    return np.asarray(np.asarray(scores, dtype=np.float64) > threshold)


def score_agreement(teacher: Array, scores: Array, draws: Draws) -> dict[str, Array]:
    """Pearson's r, Spearman's rho, Kendall's tau-b (Kendall, 1945) and the mean absolute error, each (draws,).

    A correlation is undefined where the scores of either side are all the same.
    """
    # Centred first, so that subtracting squares of large means costs no precision.
    x, y = teacher - teacher.mean(), scores - scores.mean()
    total, sum_x, sum_y, sum_xx, sum_yy, sum_xy, error = draws.sums(
        np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y, np.abs(teacher - scores)]),
    ).T
    ranked = rank_figures.correlations(x, y, draws) if len(x) > MOST_PAIRED else _paired_correlations(x, y, draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = sum_xy - sum_x * sum_y / total
        spread = np.sqrt((sum_xx - sum_x**2 / total) * (sum_yy - sum_y**2 / total))
        # Kendall's counts ties in whole numbers: a variance of 1e-17 would let rounding pass for a correlation.
        pearson = np.where(np.isnan(ranked["kendall"]), np.nan, np.clip(covariance / spread, -1.0, 1.0))
        return {"pearson": pearson, **ranked, "mae": error / total}


def class_agreement(actual: Mask, predicted: Mask, draws: Draws) -> dict[str, Array]:
    """Agreement on the class, each (draws,), from the classes of teacher and judge (rows,).

    Cohen's kappa (Cohen, 1960), accuracy, F1 of either class, rates of the acceptable class, Matthews' correlation (Matthews, 1975).
    Each is undefined where its formula divides by 0: kappa where both know only one and the same class, MCC where either knows only one.
    """
    both, only_teacher, only_judge, neither = draws.sums(
        np.column_stack([actual & predicted, actual & ~predicted, ~actual & predicted, ~actual & ~predicted]).astype(float),
    ).T
    positives, negatives = both + only_teacher, only_judge + neither
    called, uncalled = both + only_judge, only_teacher + neither
    total = positives + negatives
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "kappa": kappa(both, only_teacher, only_judge, neither),
            "accuracy": (both + neither) / total,
            "f1": 2 * both / (positives + called),
            "f1_unacceptable": 2 * neither / (negatives + uncalled),
            "mcc": (both * neither - only_teacher * only_judge) / np.sqrt(positives * negatives * called * uncalled),
            "true_positive_rate": both / positives,
            "true_negative_rate": neither / negatives,
        }


def kappa(both: Array, only_one: Array, only_other: Array, neither: Array) -> Array:
    """Cohen's kappa (Cohen, 1960) from how many rows both, one, the other and neither of two judges accept, in arrays of one shape."""
    by_chance = (both + only_one) * (only_one + neither) + (both + only_other) * (only_other + neither)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(2 * (both * neither - only_one * only_other) / by_chance)


def auroc(scores: Array, positive: Mask, draws: Draws) -> Array:
    """The probability that a positive row outscores a negative one, a tie counting half (Hanley and McNeil, 1982): (draws,).

    Undefined where a draw holds only one class.
    """
    if len(scores) > MOST_PAIRED:
        return rank_figures.auroc(scores, positive, draws)
    won = draws.pair_sums(lambda rows: positive[rows, None] * ~positive * (np.sign(scores[rows, None] - scores) + 1) / 2)
    positives, negatives = draws.sums(np.column_stack([positive, ~positive]).astype(float)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(won / (positives * negatives))


def brier(probabilities: Array, positive: Mask, draws: Draws) -> Array:
    """The mean squared distance between the probability of being positive and the fact, 0 or 1 (Brier, 1950): (draws,)."""
    return mean((probabilities - positive) ** 2, draws)


def calibration(probabilities: Array, positive: Mask, draws: Draws) -> Array:
    """Calibration in the large: the mean probability of being positive less the share that is, in [-1, 1]: (draws,).

    Above 0 the judge is too lenient. Unlike a sum of absolute gaps over bins it has no bias.
    See Cox, "Two further applications of a model for binary regression", Biometrika 45, 1958, and Steyerberg,
    "Clinical Prediction Models", 2nd edition, 2019, section 15.3.
    """
    return mean(probabilities - positive, draws)


def mean(values: Array | Mask, draws: Draws) -> Array:
    """The mean of `values` (rows,) in each draw: (draws,)."""
    summed, total = draws.sums(np.column_stack([values, np.ones(len(values))]).astype(float)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(summed / total)


def _probability(row: Row, threshold: float) -> float:
    if row["score"] is None:
        return np.nan
    stated = row.get("acceptable")
    return float(classify(row["score"], threshold) == ACCEPTABLE) if stated is None else float(stated)


def _paired_correlations(x: Array, y: Array, draws: Draws) -> dict[str, Array]:
    """Spearman's rho and Kendall's tau-b from every pair of rows of each draw, each (draws,)."""
    untied_x = draws.pair_sums(lambda rows: (x[rows, None] != x).astype(float))
    untied_y = draws.pair_sums(lambda rows: (y[rows, None] != y).astype(float))
    concordance = draws.pair_sums(lambda rows: np.sign(x[rows, None] - x) * np.sign(y[rows, None] - y))
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"spearman": _spearman(x, y, draws), "kendall": concordance / np.sqrt(untied_x * untied_y)}


def _spearman(x: Array, y: Array, draws: Draws) -> Array:
    figures = []
    for weights in draws.row_counts():
        middle = weights.sum(axis=1, keepdims=True) / 2
        rank_x, rank_y = _midranks(x, weights) - middle, _midranks(y, weights) - middle
        spread = np.sqrt((weights * rank_x**2).sum(axis=1) * (weights * rank_y**2).sum(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            figures.append((weights * rank_x * rank_y).sum(axis=1) / spread)
    return np.concatenate(figures)


def _midranks(values: Array, weights: Array) -> Array:
    """The mean rank, less one half, of each row (rows,) where row i stands weights[d, i] times in draw d: (draws, rows)."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(group.max() + 1))
    group_sizes = np.add.reduceat(weights[:, order], starts, axis=1)
    return np.asarray((np.cumsum(group_sizes, axis=1) - group_sizes / 2)[:, group])
