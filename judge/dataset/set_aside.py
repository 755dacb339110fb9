"""Which of a run's own passages a teacher is calibrated on, where the corpus sets no documents aside for that."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from judge.dataset.splits import is_below
from judge.tables.schema import Row

ALWAYS_TRAIN = 0.5
"""The documents below this cut are in train whatever `split.train_fraction` is from here on, so no choice of it calibrates anew."""

# As many as a fit draws its bootstrap samples from, at least.
_FEWEST_TO_FIT = 2


class Chosen(NamedTuple):
    """Passages, as rows of the chunks table, and the column that says which of them belong together."""

    chunks: list[Row]
    unit: Literal["document_id", "chunk_id"]


def own_passages(chunks: Sequence[Row], seed: int) -> Chosen:
    """Choose the run's own passages that a teacher is calibrated on.

    They are those of the documents that `splits.split` puts into train by document from a train fraction of 0.5 on.
    A corpus with too few documents for that is cut by passage, with the same hash, and each passage stands for a document.
    Where even the passages are too few, all of them are taken and none is left to probe.

    Args:
        chunks: rows of the chunks table, all of the run.
        seed: that of the split.
    """
    units: tuple[Literal["document_id", "chunk_id"], ...] = ("document_id", "chunk_id")
    for unit in units:
        ids = {row[unit] for row in chunks}
        chosen = {one for one in ids if is_below(one, ALWAYS_TRAIN, seed)}
        if len(chosen) >= _FEWEST_TO_FIT and chosen < ids:
            return Chosen([row for row in chunks if row[unit] in chosen], unit)
    return Chosen(list(chunks), "chunk_id")
