r"""The only reader and writer of the tables, which checks every row against `judge.tables.schema`.

A table is a UTF-8 file with one JSON object a line, sorted by key, `\n` at the end of each line, floats in full precision, no NaN.
"""

import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from judge.errors import TableError
from judge.tables import atomic
from judge.tables.levels import LEVELS
from judge.tables.schema import ANSWERS, Row, Table, judgments_in


def read(table: Table, columns: Sequence[str] | None = None) -> list[Row]:
    """Read and check a table from its path.

    Args:
        table: which.
        columns: what to keep of each row once all of it is checked, as of 100,000 rows of which texts are not needed; None: everything.

    Raises:
        TableError: the file is missing or not UTF-8, or a line is no JSON object, lacks a column, has one too many,
            holds null where none may be or a value of another type, or repeats a key. The message names file and line.
    """
    path = Path(table.path)
    try:
        with path.open("rb") as file:
            return _rows(table, _decoded(file, table.path), str(path), columns)
    except FileNotFoundError:
        raise TableError(f"{path} is missing.\nNext: `dvc repro` makes it, `dvc pull` fetches it.") from None


def read_answers(generators: Sequence[str]) -> list[Row]:
    """The answers of the chosen generators, one generator after the other.

    Raises:
        TableError: as `read` does, or the table was made for another choice of generators.
    """
    rows = read(ANSWERS)
    wrote = {row["generator"] for row in rows}
    # Where recorded judgments are used nobody answers, and the table is empty.
    if rows and wrote != set(generators):
        raise TableError(
            f"{ANSWERS.path} holds the answers of {', '.join(sorted(wrote))}; `generators` names {', '.join(generators)}.\n"
            "Next: `dvc repro gather` makes it again.",
        )
    return [row for generator in generators for row in rows if row["generator"] == generator]


def read_folder(folder: str, columns: Sequence[str] | None = None) -> dict[str, list[Row]]:
    """The judgments tables of a folder by the judge's name, sorted; none where there is no such folder.

    Raises:
        TableError: as `read` does.
    """
    names = sorted(path.stem for path in Path(folder).glob("*.jsonl"))
    return {name: read(judgments_in(folder, name), columns) for name in names}


def parse(table: Table, text: str, path: str) -> list[Row]:
    """Check the text of a table that comes from `path`; raises as `read` does."""
    return _rows(table, io.StringIO(text, newline="\n"), path, None)


def _rows(table: Table, lines: Iterable[str], path: str, columns: Sequence[str] | None) -> list[Row]:
    """The checked rows of lines with their ends, which are line feeds: str.splitlines knows more, that models write inside a text."""
    rows: list[Row] = []
    first_lines: dict[str, int] = {}
    names = _names(table)
    for number, line in enumerate(lines, start=1):
        if not line.endswith("\n"):
            raise _corrupt(path, number, "the line has no end; the file was cut off")
        try:
            row = _DECODER.decode(line)
        except ValueError as error:
            raise _corrupt(path, number, f"no valid JSON ({error})") from None
        wrong = _fault(table, names, row)
        if wrong:
            raise _corrupt(path, number, wrong)
        key = row[table.key]
        if key in first_lines:
            raise _corrupt(path, number, f"{table.key} {key!r} stands on line {first_lines[key]} already")
        first_lines[key] = number
        rows.append(row if columns is None else {name: row[name] for name in columns})
    return rows


def _decoded(file: BinaryIO, path: str) -> Iterator[str]:
    start = 0
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _corrupt(path, number, f"byte {start + error.start} is not UTF-8") from None
        start += len(line)


def write(table: Table, rows: Iterable[Row]) -> None:
    """Write a table to its path, sorted by its key, whole or not at all.

    Raises:
        TableError: a row breaks the table's rules, or two rows share a key; nothing is written.
        JudgeError: the disk is full or the folder cannot be written.
    """
    ordered = sorted(rows, key=lambda row: str(row.get(table.key)))
    for number, row in enumerate(ordered, start=1):
        wrong = row_fault(table, row)
        if not wrong and number > 1 and ordered[number - 2][table.key] == row[table.key]:
            wrong = f"{table.key} {row[table.key]!r} stands there twice"
        if wrong:
            raise TableError(f"{table.path} was not written: in row {number}, {wrong}. This is a fault of the stage that makes it.")
    names = [column.name for column in table.columns]
    lines = [json.dumps({name: row[name] for name in names}, ensure_ascii=False, allow_nan=False) + "\n" for row in ordered]
    atomic.write_text(Path(table.path), "".join(lines))


def row_fault(table: Table, row: Any) -> str | None:
    """What is wrong with a row of a table, in words that end no sentence; None where nothing is."""
    return _fault(table, _names(table), row)


def _names(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.columns)


def _fault(table: Table, names: frozenset[str], row: Any) -> str | None:
    if not isinstance(row, dict):
        return f"a JSON object is needed, got {type(row).__name__}"
    if row.keys() != names:
        missing = [column.name for column in table.columns if column.name not in row]
        if missing:
            return f"the column {', '.join(missing)} is missing"
        return f"there is no column {', '.join(sorted(set(row) - names))} in this table"
    for column in table.columns:
        value = row[column.name]
        if value is None:
            if not column.nullable:
                return f"{column.name} is null, and may not be"
        elif not _TYPES[column.type](value):
            return f"{column.name} has to be {_TYPE_WORDS[column.type]}, got {str(value)[:60]!r}"
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_unit(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0


def _is_levels(value: Any) -> bool:
    tolerance = 1e-6
    return (
        isinstance(value, list | tuple)
        and len(value) == len(LEVELS)
        # Most of reading a large table is this check: types, smallest and largest say of all masses what `_is_unit` says of one.
        and (_NUMBERS.issuperset(map(type, value)) or all(map(_is_unit, value)))
        and min(value) >= 0.0
        and max(value) <= 1.0
        and abs(math.fsum(value) - 1.0) <= tolerance
    )


_NUMBERS = frozenset({int, float})
_TYPES = {
    "text": _is_text,
    "texts": lambda value: isinstance(value, list | tuple) and len(value) > 0 and all(map(_is_text, value)),
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "amount": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= 0,
    "flag": lambda value: isinstance(value, bool),
    "unit": _is_unit,
    "levels": _is_levels,
}
_TYPE_WORDS = {
    "text": "a text that is not empty",
    "texts": "a list of texts, none of them empty",
    "count": "a whole number from 0",
    "amount": "a number from 0",
    "flag": "true or false",
    "unit": "a number from 0 to 1",
    "levels": f"{len(LEVELS)} probabilities that sum to 1",
}


def _refuse_constant(name: str) -> Any:
    message = f"{name} is no JSON number"
    raise ValueError(message)


# One for all lines: json.loads makes a decoder anew for each where constants are refused.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _corrupt(path: str, line: int, what: str) -> TableError:
    return TableError(
        f"{path}, line {line}: {what}.\n"
        "Next: tables are made by the stages and not edited by hand; `dvc checkout --force` restores it, `dvc repro` makes it again.",
    )
