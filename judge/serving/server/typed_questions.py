"""Typed questions, answered from the one distribution that a student has.

A student was distilled to say one thing: how good an answer is. So every question is read as that one, whatever its instructions say:
a score question asks for its level, a yes-or-no question whether it is acceptable, and a choice has to be one between two names for
acceptable and not. What cannot be read so is refused.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from judge.serving.server.rows import UnfitError, fault
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, LEVELS, Judgment, classify

PAIRS = (("acceptable", "unacceptable"), ("yes", "no"), ("true", "false"), ("correct", "incorrect"), ("supported", "unsupported"))
"""What the two options of a choice may be called, in any case and order: the first is that the answer is acceptable."""

MOST_LEVELS = 26


def row_of(evidence: Any, *where: str | int) -> dict[str, Any]:
    """The row in a request: a JSON object with `question`, `answer`, `context`, `reference`, or the text of one.

    Raises:
        UnfitError: there is none.
    """
    if isinstance(evidence, str):
        try:
            evidence = json.loads(evidence)
        except (ValueError, RecursionError):
            evidence = None
    if not isinstance(evidence, dict):
        fields = ", ".join(f"`{name}`" for name in Item._fields)
        raise UnfitError([fault(f"What is judged has to be a JSON object, or the text of one, with {fields}.", *where)])
    return {name: evidence[name] for name in Item._fields if name in evidence}


def levels(judgment: Sequence[float], count: int) -> list[float]:
    """A distribution over the eleven levels as one over `count` levels from 0 to 1, which has the same mean.

    The mass of a level between two others is shared between them by how near it is to each.
    """
    masses = [0.0] * count
    for mass, level in zip(judgment, LEVELS, strict=True):
        place = level * (count - 1)
        # The levels are tenths, whose products are off by a last digit.
        place = round(place, 9)
        lower = min(math.floor(place), count - 2)
        masses[lower] += mass * (1 - (place - lower))
        masses[lower + 1] += mass * (place - lower)
    return masses


def acceptable(judgment: Judgment, threshold: float) -> float:
    """The probability that an answer is acceptable; of a judgment with levels."""
    if judgment.acceptable is not None:
        return judgment.acceptable
    return float(classify(judgment.score or 0.0, threshold) == ACCEPTABLE)


def score(masses: Sequence[float]) -> tuple[float, float]:
    """The mean of a distribution over the levels 0, 1, 2 and so on, and how sure it is.

    Sure is 1 where all mass is on one level, and 0 where it lies as far from the likeliest one as a uniform distribution from its middle.
    """
    count = len(masses)
    best = max(range(count), key=masses.__getitem__)
    distance = math.fsum(mass * abs(level - best) for level, mass in enumerate(masses))
    uniform = math.fsum(abs(level - (count - 1) / 2) for level in range(count)) / count
    return math.fsum(level * mass for level, mass in enumerate(masses)), max(0.0, 1 - distance / uniform)


def choice(options: Sequence[str], probability: float, *where: str | int) -> tuple[str, dict[str, float], float]:
    """Of two options the likelier one, the probability of each, and how sure it is: 0 for even, 1 for certain.

    Raises:
        UnfitError: they are no names of acceptable and not.
    """
    require_pair(options, *where)
    firsts = {first for first, _ in PAIRS}
    masses = {option: probability if option.casefold() in firsts else 1 - probability for option in options}
    best = max(options, key=masses.__getitem__)
    return best, masses, 2 * masses[best] - 1


def require_pair(options: Sequence[str], *where: str | int) -> None:
    """Refuse a choice that is none between acceptable and not.

    Raises:
        UnfitError: it is none.
    """
    if sorted(option.casefold() for option in options) not in [sorted(pair) for pair in PAIRS]:
        pairs = ", ".join(map("/".join, PAIRS))
        said = f"A choice has to be one of {pairs}: this judge says whether an answer is good, and nothing else. Next: ask for a score."
        raise UnfitError([fault(said, *where)], 400)


def require_levels(count: int, *where: str | int) -> None:
    """Refuse a score question with too few or too many levels.

    Raises:
        UnfitError: it has.
    """
    if not 2 <= count <= MOST_LEVELS:
        raise UnfitError([fault(f"A score question has 2 to {MOST_LEVELS} levels, got {count}.", *where)], 400)


def usage(row: dict[str, Any]) -> int:
    """About how many tokens a row has: its words. Nothing is billed by it."""
    texts = [text for value in row.values() for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    return sum(len(text.split()) for text in texts)
