"""What an answer looks like, whatever its passage says: one that explains a thing by itself, and one that ends before it says anything."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from judge.probes.drafts import stem
from judge.probes.overlap import words
from judge.tables.items import Item

_SMALL_WORDS = re.compile(
    r"an?|and|are|as|at|be|been|by|can|do|does|for|from|ha[ds]|have|how|in|is|its?|o[fnr]|that|the|their|these|they|this|those|to|"
    r"was|were|what|when|where|which|who|whose|why|with",
)

FEATURES = ("repeated_words", "only_asked_words", "ends_open")


def measure(items: Sequence[Item]) -> npt.NDArray[np.float64]:
    """The features of answers: (items, features), columns as in `FEATURES`.

    `repeated_words` is the share of an answer's content words that it has had before, in [0, 1]; `only_asked_words` is 1 where it has no
    content word that the question lacks; `ends_open` is 1 where it ends with a colon or an ellipsis. The other values are 0.
    """
    return np.array([_features(item) for item in items], dtype=np.float64).reshape(-1, len(FEATURES))


def _features(item: Item) -> tuple[float, float, float]:
    said, asked = _content(item.answer or ""), set(_content(item.question))
    repeated = 1.0 - len(set(said)) / len(said) if said else 0.0
    return repeated, float(asked.issuperset(said)), float((item.answer or "").rstrip().endswith((":", "...", "…")))


def _content(text: str) -> list[str]:
    return [stem(word) for word in words(text) if not _SMALL_WORDS.fullmatch(word)]
