"""Files of records: an object a line, a list of objects, or a table with a header, each as a list of dictionaries."""

import csv
import io
import json
from pathlib import Path
from typing import Any, Literal

from judge.errors import DocumentError

Format = Literal["jsonl", "json", "csv", "tsv"]


def load(path: Path, form: Format) -> list[dict[str, Any]]:
    """Read all records of a file, at least one; the values of a CSV or TSV file are texts.

    Raises:
        DocumentError: the file is missing, empty, not UTF-8, or not of this form; the message names the line.
    """
    try:
        # utf-8-sig, because spreadsheets begin their CSV files with a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise DocumentError(
            f"corpus.file: there is no file {path}.\n"
            "Next: put it there; the comments in the corpus' file of conf/corpus say where it is from. DVC tracks data/raw."
        ) from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path} is not UTF-8 (byte {error.start}).\nNext: save it as UTF-8.") from None
    records = {"jsonl": _jsonl, "json": _json, "csv": _csv, "tsv": _tsv}[form](text, path)
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DocumentError(f"{path}, row {number}: a JSON object is needed, got {type(record).__name__}.")
    if not records:
        raise DocumentError(f"{path} has no rows.\nNext: check the file, and corpus.format={form}.")
    return records


def _jsonl(text: str, path: Path) -> list[Any]:
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except ValueError as error:
                raise DocumentError(
                    f"{path}, line {number}: no JSON ({error}).\nNext: mend the line, or set corpus.format for another kind of file."
                ) from None
    return records


def _json(text: str, path: Path) -> list[Any]:
    try:
        records = json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{path}, line {error.lineno}: no JSON ({error.msg}).\nNext: mend the file, or set corpus.format=jsonl for an object a line."
        ) from None
    if not isinstance(records, list):
        raise DocumentError(f"{path} has to hold a list of objects, got {type(records).__name__}.")
    return records


def _csv(text: str, path: Path) -> list[Any]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        return _with_as_many_values(reader, path, "put quotes around commas")
    except csv.Error as error:
        raise DocumentError(
            f"{path}, line {reader.reader.line_num}: no CSV ({error}).\nNext: mend the line, or save the file as jsonl."
        ) from None


def _tsv(text: str, path: Path) -> list[Any]:
    # A quotation mark is a character like any other: a text that begins with one would swallow the lines after it.
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    return _with_as_many_values(reader, path, "write spaces for the tabs and line ends inside texts")


def _with_as_many_values(reader: "csv.DictReader[str]", path: Path, advice: str) -> list[Any]:
    """The rows of a table, none of which has more values than the header has names."""
    records = []
    for record in reader:
        if None in record:
            raise DocumentError(f"{path}, line {reader.line_num}: more values than the header has names.\nNext: {advice}.")
        records.append(record)
    return records
