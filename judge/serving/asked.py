"""The rows of an input as items that a student can judge."""

import json
from typing import Any, NamedTuple

from judge.errors import StudentError
from judge.serving.columns import ID, Columns
from judge.serving.formats import Format
from judge.serving.inputs import Record
from judge.students import asked_rows, evidence
from judge.students.options import Evidence
from judge.tables.items import Item, has_words

LONGEST_ROW = 50_000
"""Characters of a row's texts together; what is longer is refused, so that no row fills the memory."""


class Asked(NamedTuple):
    """A row of the input: its item, the id in the output, and what goes along; or why it cannot be judged, in words."""

    line: int
    item: Item | None
    id: str | int = 0
    kept: dict[str, Any] | None = None
    fault: str | None = None

    @property
    def texts(self) -> list[str]:
        """What a student reads of it."""
        return asked_rows.texts(self.item) if self.item else []


class Asker(NamedTuple):
    """What turns records into items: the columns, the format that they come from, and the evidence that the student needs."""

    columns: Columns
    form: Format
    evidence: Evidence

    def of(self, record: Record) -> Asked:
        """The item of a record, or its fault."""
        if record.row is None:
            return Asked(record.line, None, fault=record.fault)
        row = self.columns.read(record.row)
        if self.form == "csv":
            row = _typed(row)
        kept = self.columns.keep(record.row)
        fault = self._fault(row, kept)
        if fault:
            return Asked(record.line, None, fault=fault)
        row_id = row.get(ID)
        return Asked(record.line, asked_rows.item(row, record.line), record.line if row_id in (None, "") else row_id, kept)

    def _fault(self, row: dict[str, Any], kept: dict[str, Any]) -> str | None:
        found = asked_rows.faults(row)
        if found:
            return "; ".join(found)
        item, row_id = asked_rows.item(row, 0), row.get(ID)
        if not has_words(item.question):
            return "there is no question"
        if row_id is not None and (isinstance(row_id, bool) or not isinstance(row_id, str | int)):
            return f"`{ID}` has to be text or a whole number, got {row_id!r}"
        texts = asked_rows.texts(item)
        if (length := sum(map(len, texts))) > LONGEST_ROW:
            return f"its texts have {length:,} characters, and at most {LONGEST_ROW:,} are read"
        try:
            "".join([*texts, str(row_id)]).encode()
            json.dumps(kept, ensure_ascii=False, allow_nan=False, default=str).encode()
        except ValueError as error:
            return f"a value cannot be written as UTF-8 or JSON ({error})"
        # An answer without words gets no verdict, whatever the evidence.
        return _missing_evidence(item, self.evidence) if has_words(item.answer) else None


def _missing_evidence(item: Item, needed: Evidence) -> str | None:
    try:
        evidence.require(item, needed)
    except StudentError as error:
        return str(error).partition(" for the question ")[0]
    return None


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a CSV file, where every value is a text: an empty passage or reference is none, a JSON list of texts is a list."""
    return row | {
        name: _listed(row[name]) if name == "reference" else row[name] or None for name in ("context", "reference") if name in row
    }


def _listed(text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
            return listed
    return text or None
