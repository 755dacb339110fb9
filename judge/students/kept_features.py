"""Features of training rows, kept in the cache: another α or another seed asks for the same ones.

A row's features depend on nothing but its texts, the encoder, and the code that measures them, so each is kept by a hash of these.
"""

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from judge.models.folders import cache_folder
from judge.models.replies import ReplyStore
from judge.tables.identity import digest
from judge.tables.items import Item

# All code that features may come from: a hash that is too fine measures once more, one too coarse gives what no longer holds.
_CODE = ("models", "probes", "students", "tables")
_PACKAGES = ("numpy", "openvino", "tokenizers", "torch", "transformers")
_AT_ONCE = 256

Features = Sequence[float]


def measure(items: Sequence[Item], source: str, take: Callable[[Sequence[Item]], Sequence[Features]]) -> list[Features]:
    """The features of items, in order; only those that are not kept are measured, a few hundred at a time, and kept.

    Args:
        items: narrowed items.
        source: names the encoder, its runtime, and the features.
        take: measures features of items, in order.
    """
    made_by = digest(source, _code(), *(f"{name} {version(name)}" for name in _PACKAGES))
    keys = [digest(made_by, item.question, item.answer or "", item.context or "", *item.references) for item in items]
    store = ReplyStore(cache_folder() / "features.sqlite")
    try:
        known = {key: store.get(key) for key in dict.fromkeys(keys)}
        left = {key: item for key, item in zip(keys, items, strict=True) if known[key] is None}
        missing = list(left)
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            taken = dict(zip(some, [list(each) for each in take([left[key] for key in some])], strict=True))
            store.record(taken, [])
            known.update(taken)
    finally:
        store.close()
    return [known[key] or () for key in keys]


def _code() -> str:
    """A hash of the source files that features come from."""
    root = Path(__file__).parents[1]
    known = hashlib.sha256()
    for path in sorted(path for name in _CODE for path in (root / name).glob("*.py")):
        known.update(path.read_bytes())
    return known.hexdigest()
