"""Texts and numbers that a request determines: no clock, no order of arrival."""

import hashlib
import json
import math
import re
from collections.abc import Sequence
from typing import Any


def canonical(body: Any) -> str:
    """A JSON body as one text, whatever the order of its keys: the key of `OpenAIServer.paid`."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def unit(text: str) -> float:
    """A number in [0, 1) that a text determines."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def digest(value: Any) -> str:
    """An id that a value determines."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:24]


def level_probabilities(text: str, size: int = 11) -> tuple[float, ...]:
    """The distribution over `size` levels that the default replies give a text; it has one peak and sums to 1."""
    peak = int(unit(text) * size)
    weights = [math.exp(-1.1 * abs(level - peak)) * (0.7 + 0.3 * unit(f"{level}|{text}")) for level in range(size)]
    return tuple(weight / math.fsum(weights) for weight in weights)


# How a GPT tokenizer cuts text before it merges: the pattern of cl100k_base, with Python's classes for letters and digits.
_PIECES = re.compile(r"[^\r\n\w]?[^\W\d_]+|\d{1,3}| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def split_tokens(text: str) -> list[str]:
    """A text as tokens that join to it again: "Score: 0.7" is Score, :, a space, 0, ., 7."""
    return _PIECES.findall(text)


def text_of(content: Any) -> str:
    """The text of a message, whether plain or in parts."""
    parts = content if isinstance(content, list) else [{"text": content}]
    return "".join(part.get("text") or "" for part in parts)


def draw(masses: Sequence[float], point: float) -> int:
    """The option that a point in [0, 1) falls on."""
    for index, mass in enumerate(masses):
        point -= mass
        if point < 0:
            return index
    return len(masses) - 1


def mean(probabilities: Sequence[float]) -> float:
    """The mean level of a distribution over the levels 0, 1, 2 and so on."""
    return math.fsum(value * mass for value, mass in enumerate(probabilities))


def choice_confidence(probabilities: Sequence[float]) -> float:
    """How far the most probable option stands above chance: 0 is uniform, 1 certain."""
    chance = 1 / len(probabilities)
    return 1.0 if chance == 1 else max(0.0, (max(probabilities) - chance) / (1 - chance))


def score_confidence(probabilities: Sequence[float]) -> float:
    """How near the mass lies to the most probable level, against a uniform distribution: 0 to 1."""
    count = len(probabilities)
    best = max(range(count), key=probabilities.__getitem__)
    distance = math.fsum(mass * abs(value - best) for value, mass in enumerate(probabilities))
    uniform = sum(abs(value - (count - 1) / 2) for value in range(count)) / count
    return 1.0 if count == 1 else max(0.0, 1 - distance / uniform)
