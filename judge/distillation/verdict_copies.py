"""The objective through the data, for trainers that take only hard examples: each row in several copies, each with one verdict.

In expectation the copies' cross-entropy is α·CE of the reported level + (1 - α)·KL from the teacher's
distribution at T = 1, up to a constant: both terms are cross-entropies, and so is their mixture.
"""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

from judge.tables.identity import unit_hash
from judge.tables.levels import nearest


def target(levels: Sequence[float], score: float, alpha: float) -> tuple[float, ...]:
    """The mixture that the copies stand for: α on the reported level, 1 - α spread as the teacher spread it.

    Args:
        levels: the teacher's distribution over the 11 levels.
        score: its score in [0, 1]; the reported level is the nearest one.
        alpha: in [0, 1].
    """
    reported = nearest(score)
    return tuple(alpha * one + (1.0 - alpha) * mass for one, mass in zip(reported, levels, strict=True))


def counts(levels: Sequence[float], score: float, alpha: float, copies: int, *salt: object) -> tuple[int, ...]:
    """How many of the copies carry each of the 11 verdicts.

    Systematic sampling (Madow 1949): one random start, then equal steps through the mixture. So the counts sum to `copies`, each
    is its expectation rounded down or up, and over starts it is its expectation on average. A verdict's share is thus off by less
    than 1 / copies, and so is the gradient of the copies' mean cross-entropy by the logit of that level.

    Args:
        levels: the teacher's distribution over the 11 levels.
        score: its score in [0, 1].
        alpha: share of the reported level.
        copies: at least 1.
        salt: what the start depends on, such as a seed and the row's id.
    """
    start = unit_hash("verdict copies", *salt)
    mixture = target(levels, score, alpha)
    total = math.fsum(mixture)
    # Rounded, so that a sum that is a whole number but for its last bit falls on that number.
    bounds = [round(copies * part / total, 9) for part in accumulate(mixture)]
    passed = [0, *(math.ceil(bound - start) for bound in bounds[:-1]), copies]
    return tuple(after - before for before, after in pairwise(passed))
