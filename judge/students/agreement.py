"""How far two students that should be the same agree, as one whose encoder another runtime computes with the one that it was."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from judge.tables.levels import Judgment, mean

LEAST_PEARSON = 0.999
"""Below this agreement of scores another runtime does not compute the same student."""


class Agreement(NamedTuple):
    """How far two runs of scores agree.

    Attributes:
        rows: answers that both have judged.
        pearson: of the scores, in [-1, 1]; NaN where they do not vary.
        largest: the largest difference between two scores of an answer.
        other_classes: answers whose class is another one.
    """

    rows: int
    pearson: float
    largest: float
    other_classes: int

    def __str__(self) -> str:
        return (
            f"On {self.rows:,} answers its scores correlate with those of the student before at r = {self.pearson:.6f}; "
            f"the largest difference is {self.largest:.4f}, and {self.other_classes} of the answers have another class"
        )


def agreement(before: Sequence[Judgment], after: Sequence[Judgment], threshold: float) -> Agreement:
    """How far the judgments of the same answers agree; those without a verdict are left out."""
    pairs = [
        (mean(old.levels), mean(new.levels))
        for old, new in zip(before, after, strict=True)
        if old.levels is not None and new.levels is not None
    ]
    if len({old for old, _ in pairs}) < 2 or len({new for _, new in pairs}) < 2:
        return Agreement(len(pairs), float("nan"), max((abs(old - new) for old, new in pairs), default=float("nan")), 0)
    old, new = np.array(pairs).T
    others = int(((old > threshold) != (new > threshold)).sum())
    return Agreement(len(pairs), float(np.corrcoef(old, new)[0, 1]), float(np.abs(old - new).max()), others)
