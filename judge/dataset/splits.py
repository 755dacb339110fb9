"""Cut the dataset into train and test."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from judge.errors import SplitError
from judge.settings import Settings
from judge.tables.identity import shuffled, unit_hash
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE
from judge.tables.schema import Row


class SplitSettings(Settings):
    """How the dataset is cut."""

    train_fraction: float = Field(gt=0.0, lt=1.0, description="share of the rows that goes to train; the rest goes to test")
    group_by: Literal["document", "question", "answer"] = Field(
        description="what is never torn apart: all rows of a document, of a question, or nothing (`answer`, the tutorial's plain shuffle)",
    )


class Split(NamedTuple):
    """Rows of the dataset table, each on one side."""

    train: list[Row]
    test: list[Row]


def split(rows: Sequence[Row], settings: SplitSettings, seed: int) -> Split:
    """Cut the rows into train and test, by the seed and the ids alone.

    By document or question, a group goes to train when its salted hash, read as a number in [0, 1), is below
    `train_fraction`: an added document moves no other one, and the share is met in expectation.
    By answer, the rows are shuffled and cut at exactly that share, as in the tutorial.

    Raises:
        SplitError: a side has no row, or none of one of the two classes.
    """
    key = f"{settings.group_by}_id"
    groups = {row[key] for row in rows}
    if settings.group_by == "answer":
        train_groups = set(shuffled(groups, seed, "split")[: round(len(groups) * settings.train_fraction)])
    else:
        train_groups = {group for group in groups if is_below(group, settings.train_fraction, seed)}
    sides = Split([row for row in rows if row[key] in train_groups], [row for row in rows if row[key] not in train_groups])
    counts = {name: Counter(row["teacher_class"] for row in side) for name, side in zip(("train", "test"), sides, strict=True)}
    if not all(counts[name][label] for name in counts for label in (ACCEPTABLE, UNACCEPTABLE)):
        described = "; ".join(
            f"{name} has {count[ACCEPTABLE]} acceptable, {count[UNACCEPTABLE]} unacceptable, {count[None]} without a score"
            for name, count in counts.items()
        )
        raise SplitError(
            f"The split leaves a side empty or with one class: {described}.\n"
            f"It cut {len(rows)} rows in {len(groups)} groups (split.group_by={settings.group_by}) "
            f"at split.train_fraction={settings.train_fraction}.\n"
            "Next: add documents, or change split.train_fraction, seed or label.threshold.",
        )
    return sides


def is_below(group: str, fraction: float, seed: int) -> bool:
    """Whether the salted hash of an id, read as a number in [0, 1), is below a fraction: what is below one is below every larger one."""
    return unit_hash(seed, "split", group) < fraction
