"""A student that judges at once, and in whose judgments one sees what it was given together; and files of rows."""

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from judge.serving import columns, formats, scoring
from judge.serving.chunks import Judging
from judge.serving.scoring import Counts, Job
from judge.students.options import StudentOption
from judge.students.student import CardTexts, Student, judge_worded
from judge.tables.items import Item
from judge.tables.levels import Judgment, interpolate
from tests.conftest import option


class Batchwise(Student):
    """A student whose scores depend on all texts that it reads together, as the last digits of an encoder's do."""

    FILES = ()

    def __init__(self, evidence: str = "context") -> None:
        super().__init__(option("student", "late-interaction", StudentOption, evidence=evidence), 0.5, {})
        self.batches: list[int] = []

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """A score from the hash of the batch and of the answer."""
        self.batches.append(len(items))
        return judge_worded(items, self._judge)

    def _judge(self, items: Sequence[Item]) -> list[Judgment]:
        together = hashlib.sha256(repr(items).encode()).digest()
        return [Judgment(interpolate(hashlib.sha256(together + repr(item).encode()).digest()[0] / 255)) for item in items]

    @classmethod
    def restore(cls, option: Any, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path) -> Self:
        """It is never saved."""
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def write(self, folder: Path) -> None:
        """Nothing."""

    def card_texts(self) -> CardTexts:
        """It has no card."""
        raise NotImplementedError


def row(number: int, **more: Any) -> dict[str, Any]:
    """A row; three of them share a passage."""
    return {
        "question": f"What is said of {number}?",
        "answer": f"It is said that {number} is a number.",
        "context": f"Passage {number // 3} speaks of numbers.",
        **more,
    }


def write_jsonl(path: Path, rows: Iterable[Any]) -> Path:
    """An object a line; a text is a line as it is."""
    path.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in rows), encoding="utf-8")
    return path


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A table with the columns of the first row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def score(
    source: Path,
    target: Path,
    student: Student | None = None,
    *,
    names: str | None = None,
    keep: str | None = None,
    judging: Judging | None = None,
    **how: Any,
) -> Counts:
    """Judge a file with such a student, or with another, here or where `judging` does it."""
    job = Job(
        str(source),
        formats.of(str(source), None, "--format"),
        str(target),
        formats.of(str(target), None, "--output-format"),
        columns.parse(names, keep),
        **how,
    )
    return scoring.score(job, student or Batchwise(), "a hash", judging)
