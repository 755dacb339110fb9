"""How far a judge that was asked several times agrees with itself: no student can be expected to agree with it better.

What is kept of the several verdicts is their histogram. It says which share of them is acceptable, and not how many there were: a
verdict that could not be read leaves no trace in it. So where the number is not told, the chance that two verdicts agree counts a
verdict as a partner of itself, and is too high: of k verdicts by a k-th of the chance that two others differ.
A verdict between two levels is shared among them (`levels.interpolate`), and one that lies between the threshold and the level above it
counts in part on either side.
"""

from collections.abc import Sequence

import numpy as np

from judge.errors import JudgmentError
from judge.evaluation.agreement import mean
from judge.evaluation.bootstrap import Array, Draws
from judge.evaluation.figures import ALL, NONE, measured
from judge.tables.levels import ACCEPTABLE, LEVELS, classify
from judge.tables.schema import Row

SAMPLES = "samples"
"""The `source` of judgments that are the histogram of several verdicts."""


def self_agreement(judge: str, judgments: Sequence[Row], threshold: float, draws: Draws, samples: int | None = None) -> list[Row]:
    """The figures self_agreement and self_kappa of a judge, as rows of the table; none where no answer was judged several times.

    `self_agreement` is the chance that two verdicts about an answer are of one class, the mean over answers, and `self_kappa` the same
    beyond chance, to be read beside Cohen's kappa.

    Args:
        judge: its name in the table.
        judgments: rows of a judgments table, one for each row of the draws; those from another source or without levels are left aside.
        threshold: a verdict strictly above it is acceptable.
        draws: the draws of the answers.
        samples: how many verdicts each answer has, at least 2, where all could be read; None where that is not known.

    Raises:
        JudgmentError: `samples` is less than 2.
    """
    if samples is not None and samples < 2:
        raise JudgmentError(f"A judge agrees with itself in two verdicts or more, got samples = {samples}.\nNext: ask it twice at least.")
    rows = np.array([row["source"] == SAMPLES and row["levels"] is not None for row in judgments], dtype=np.bool_)
    if not rows.any():
        return []
    above = np.array([classify(level, threshold) == ACCEPTABLE for level in LEVELS], dtype=np.float64)
    accepted = np.array([row["levels"] for row, chosen in zip(judgments, rows, strict=True) if chosen], dtype=np.float64) @ above
    of_rows = draws.of(rows)
    agreed = mean(same_class(accepted, samples), of_rows)
    share = mean(accepted, of_rows)
    by_chance = share**2 + (1 - share) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        # Where a draw knows one class alone, within rounding, nothing tells agreement from habit.
        beyond = np.where(by_chance < 1 - 1e-12, (agreed - by_chance) / (1 - by_chance), np.nan)
    n = int(rows.sum())
    return [
        measured(judge, NONE, ALL, "self_agreement", n, of_rows.figure(agreed, "rate")),
        measured(judge, NONE, ALL, "self_kappa", n, of_rows.figure(beyond, "agreement")),
    ]


def same_class(accepted: Array, samples: int | None = None) -> Array:
    """The chance that two verdicts about an answer are of one class: (answers,), from the share of its verdicts that are acceptable.

    With `samples` verdicts for each answer the two are different ones; without that number a verdict may meet itself.
    """
    met = accepted**2 + (1 - accepted) ** 2
    if samples is None:
        return np.asarray(met)
    # Of the samples² ordered pairs, each verdict makes one with itself, which always agrees.
    return np.asarray(np.clip((samples * met - 1) / (samples - 1), 0.0, 1.0))
