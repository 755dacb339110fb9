"""CSV for a spreadsheet, as RFC 4180 has it: a line an answer, and a column to write the label into.

A text that a spreadsheet would run as a formula, or an id that it would take for a number, gets an apostrophe in front, which is
taken off again when the file is read (OWASP, "CSV Injection").
"""

import csv
import io
import re
from collections.abc import Sequence

from judge.annotation.exchange import Content, ExchangeError, Said, Task
from judge.people.labels import Label

COLUMNS = (*Task._fields, "label", "annotator", "comment")
_NEEDED = ("item_id", "label")
_FORMULA = re.compile(r"[=+\-@\t\r']")
_NUMBER = re.compile(r"[0-9.]+([eE][0-9]+)?")


def write(tasks: Sequence[Task], labels: Sequence[Label]) -> str:
    """The text of the file; of a labelled answer there is a line a label."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    by_item: dict[str, list[Label]] = {}
    for label in labels:
        by_item.setdefault(label.item_id, []).append(label)
    for task in tasks:
        for label in by_item.get(task.item_id, [Label(task.item_id, "", None)]):
            value = "skip" if label.label is None and label.annotator else "" if label.label is None else f"{label.label:g}"
            writer.writerow([*map(_guarded, task), value, _guarded(label.annotator), _guarded(label.comment or "")])
    return text.getvalue()


def read(text: str, path: str) -> Content:
    """What a file says; only the columns item_id, label, annotator and comment are read, wherever they stand.

    The export CSV of Label Studio is such a file. Commas, semicolons and tabs are known as separators. A line without a label says nothing.

    Raises:
        ExchangeError: a column is missing, or a line has another number of cells than the first; the message names the line.
    """
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in _NEEDED if header.count(name) != 1]
        if missing:
            raise ExchangeError(
                f"{path}, line 1: the columns have to include {', '.join(missing)}, once each; there are {', '.join(header) or 'none'}.\n"
                "Next: begin with the file that `judge labels --export FILE --format csv` writes."
            )
        said: list[Said] = []
        without = 0
        for cells in reader:
            where = f"{path}, line {reader.line_num}"
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise ExchangeError(f"{where}: {len(cells)} cells, and the first line has {len(header)}.\nNext: mend the line.")
            row = dict(zip(header, cells, strict=True))
            if row["label"].strip():
                said.append(Said(where, _plain(row["item_id"].strip()), _cell(row, "annotator"), row["label"], _cell(row, "comment")))
            else:
                without += 1
    except csv.Error as error:
        raise ExchangeError(f"{path}, line {reader.line_num}: {error}.\nNext: mend the line.") from None
    return Content(said, without)


def _cell(row: dict[str, str], name: str) -> str | None:
    return _plain(row.get(name, "").strip()) or None


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) or _NUMBER.fullmatch(cell) else cell


def _plain(cell: str) -> str:
    """What was written before `_guarded`."""
    rest = cell[1:]
    return rest if cell.startswith("'") and (_FORMULA.match(rest) or _NUMBER.fullmatch(rest)) else cell
