"""The labels that people gave: read from data/labels, and written there one line at a time.

Each annotator has a file, and a line is never altered: who thinks again says so in a later line, which counts.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from judge.errors import TableError
from judge.tables.files import row_fault
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE, classify
from judge.tables.schema import LABELS, Row

FOLDER = Path("data/labels")
# The name of a file on every system, so that each annotator has one.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Label(NamedTuple):
    """What one person says of one answer: the columns of the labels table, in their order.

    `label` is in [0, 1]; None where the answer was skipped, or an earlier label taken back.
    """

    item_id: str
    annotator: str
    label: float | None
    comment: str | None = None
    queue: str | None = None


def path_of(annotator: str, folder: Path = FOLDER) -> Path:
    """The file of an annotator.

    Raises:
        TableError: the name is none that a file may have on every system.
    """
    if not _NAME.fullmatch(annotator):
        raise TableError(
            f"{annotator!r} is no name for an annotator.\nNext: use letters of a to z, digits, '.', '_' and '-', at most 64, such as anna."
        )
    return folder / f"{annotator}.jsonl"


def append(label: Label, folder: Path = FOLDER) -> None:
    """Write a label behind the others of its annotator; when this returns it is on the disk, and survives a crash of the machine.

    Half a line that a crash left behind is removed first: it was never said to be there.

    Raises:
        TableError: a value is none that the table may hold; nothing is written.
        OSError: the disk is full or the folder cannot be written.
    """
    path = path_of(label.annotator, folder)
    row: Row = label._asdict()
    wrong = row_fault(LABELS, row)
    if wrong:
        raise TableError(f"The label was not written: {wrong}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    line = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
    with path.open("a+b") as file:
        # Two servers may write for one annotator: one line at a time.
        fcntl.flock(file, fcntl.LOCK_EX)
        end = _end_of_lines(file.seek(0, os.SEEK_END), path)
        file.truncate(end)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        folder_handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder_handle)
        finally:
            os.close(folder_handle)


def read(folder: Path = FOLDER) -> list[Label]:
    """Every label that counts: the last one of each annotator about each answer, sorted by answer and annotator; skips among them.

    Half a line at the end of a file is left out, as a crash leaves it: its label was never said to be there.

    Raises:
        TableError: a line is no label, or one of another annotator than the file's name says; the message names file and line.
    """
    last: dict[tuple[str, str], Label] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for label in read_file(path):
            last[label.item_id, label.annotator] = label
    return [last[key] for key in sorted(last)]


def read_file(path: Path) -> list[Label]:
    """The labels of one annotator's file in the order of its lines; raises as `read` does."""
    *lines, _ = path.read_bytes().split(b"\n")
    return [_parsed(line, path, number) for number, line in enumerate(lines, start=1)]


def by_item(labels: Iterable[Label]) -> dict[str, dict[str, float]]:
    """For each answer that has a label, those that it has by annotator; skips are left out. Answers and annotators are sorted."""
    given: dict[str, dict[str, float]] = {}
    for label in sorted(labels):
        if label.label is not None:
            given.setdefault(label.item_id, {})[label.annotator] = label.label
    return given


def verdict(labels: Mapping[str, float], threshold: float) -> str:
    """What people say together of an answer: acceptable when more than half of them do, by the threshold that holds for every judge.

    Where they are divided evenly the answer is unacceptable: half of its readers would not take it.
    """
    accepted = sum(classify(label, threshold) == ACCEPTABLE for label in labels.values())
    return ACCEPTABLE if 2 * accepted > len(labels) else UNACCEPTABLE


def verdicts(labels: Iterable[Label], threshold: float) -> dict[str, str]:
    """For each answer that has a label, what people say together of it (`verdict`)."""
    return {item: verdict(given, threshold) for item, given in by_item(labels).items()}


def lost(labels: Iterable[Label], items: Sequence[str]) -> list[str]:
    """The answers that have a label and are not among `items`, sorted: gone since, as after another generator or another document."""
    return sorted(set(by_item(labels)) - set(items))


def _end_of_lines(size: int, path: Path) -> int:
    """Where the last whole line of a file ends, in bytes from its start."""
    if not size:
        return 0
    content = path.read_bytes()[:size]
    return content.rfind(b"\n") + 1


# The page for annotators reads a file again for each label; a line that it knows is not taken apart again.
@lru_cache(maxsize=1 << 15)
def _parsed(line: bytes, path: Path, number: int) -> Label:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise _corrupt(path, number, f"no valid JSON ({error})") from None
    wrong = row_fault(LABELS, row)
    if not wrong and row["annotator"] != path.stem:
        wrong = f"annotator is {row['annotator']!r}, and the file is of {path.stem!r}"
    if wrong:
        raise _corrupt(path, number, wrong)
    return Label(**row)


def _corrupt(path: Path, number: int, what: str) -> TableError:
    return TableError(
        f"{path}, line {number}: {what}.\n"
        f"Next: mend the line, or take it out; where it is committed, `git log -p {path}` shows what it was."
    )
