"""How far an output has got, so that a run that was killed goes on where it was.

Beside `OUT.partial`, the rows so far, stands `OUT.partial.json`: which rows of the input are done, and how long the output was then.
It is replaced after every chunk, when the chunk is on disk; what was appended later is cut off.
"""

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from judge.serving.errors import ScoreError


class Journal(BaseModel):
    """What is done.

    Attributes:
        asked: what the bytes of the output depend on, by name: the options and a hash of the student.
        input: a hash of what has been read.
        rows: how many rows have been read.
        judged: how many of them stand in the output.
        size: bytes of the output.
    """

    model_config = ConfigDict(extra="forbid")

    asked: dict[str, Any]
    input: str = ""
    rows: int = 0
    judged: int = 0
    size: int = 0

    @property
    def bad(self) -> int:
        """How many rows were kept out."""
        return self.rows - self.judged

    def write(self, path: Path) -> None:
        """Put it on disk, whole or not at all."""
        # A name that is always the same: a run that is killed here leaves one file, which the next one replaces.
        new = path.with_name(f"{path.name}.new")
        with new.open("w", encoding="utf-8") as file:
            file.write(self.model_dump_json() + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


def partial_of(target: Path) -> Path:
    """Where the rows so far stand."""
    return target.with_name(f"{target.name}.partial")


def path_of(target: Path) -> Path:
    """Where the journal stands."""
    return target.with_name(f"{target.name}.partial.json")


def begun(target: Path, asked: dict[str, Any], *, restart: bool) -> Journal:
    """The journal to go on from: that of a run that was broken off, or a new one.

    Raises:
        ScoreError: the run that was broken off was asked something else, or what it left is damaged.
    """
    path, partial = path_of(target), partial_of(target)
    if restart or not path.exists():
        path.unlink(missing_ok=True)
        return Journal(asked=asked)
    try:
        journal = Journal.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, ValueError):
        raise refused(target, f"{path} cannot be read") from None
    changed = sorted(name for name in asked.keys() | journal.asked.keys() if asked.get(name) != journal.asked.get(name))
    if changed:
        raise refused(target, f"{', '.join(changed)} differ{'s' * (len(changed) == 1)} from what it was")
    if partial.stat().st_size < journal.size:
        raise refused(target, f"{partial} has {partial.stat().st_size} bytes, and {journal.size} were written")
    return journal


def refused(target: Path, why: str) -> ScoreError:
    """The error of a run that cannot go on."""
    return ScoreError(
        f"{target} was begun and not finished, and cannot be gone on with: {why}.\n"
        "Next: run it as it was begun, or begin anew with --restart, which drops what is there."
    )
