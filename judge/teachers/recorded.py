"""The teacher that repeats judgments made before."""

from collections.abc import Sequence
from typing import Literal

from judge.settings import Option
from judge.tables.levels import Judgment
from judge.tables.schema import Row


class RecordedTeacher(Option):
    """The recorded scores as they are, as the teacher; needs a corpus of kind `recorded`."""

    kind: Literal["recorded"]


def judgments(rows: Sequence[Row]) -> list[Judgment]:
    """The judgments of the teacher `recorded`: what the rows of the recorded table hold, in their order."""
    return [Judgment(None if row["levels"] is None else tuple(row["levels"]), row["reason"], source="recorded") for row in rows]
