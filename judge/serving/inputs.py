"""Files of rows, read one row at a time: JSONL, CSV, Parquet."""

import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from judge.serving import formats
from judge.serving.columns import Columns
from judge.serving.errors import ScoreError
from judge.serving.formats import STREAM, Format
from judge.serving.lines import LONGEST_LINE, LineError, Lines

_BATCH = 256
_BUFFER_BYTES = 1 << 20


class Record(NamedTuple):
    """A row of the input and the line where it begins, or, in Parquet, its number; where it cannot be read, why not, in words."""

    line: int
    row: dict[str, Any] | None
    fault: str | None = None


class Input(Protocol):
    """Rows in order, and how far they have been read."""

    @property
    def header(self) -> list[str] | None:
        """The columns; None where each row has its own."""
        ...

    @property
    def total(self) -> int | None:
        """Bytes or rows in all; None for a stream."""
        ...

    @property
    def unit(self) -> str:
        """What `total` and `position` count, `B` or `row`."""
        ...

    def __iter__(self) -> Iterator[Record]:
        """The rows; those that cannot be read as well."""
        ...

    @property
    def position(self) -> int:
        """How much has been read."""
        ...

    def digest(self) -> str:
        """A hash of all that has been read."""
        ...


@contextmanager
def opened(name: str, form: Format, columns: Columns) -> Iterator[Input]:
    """The rows of a file, or of the standard input.

    Raises:
        ScoreError: there is no such file, it cannot be read, or its header lacks a column.
    """
    try:
        if form == "parquet":
            yield ParquetInput(name, columns)
        elif name == STREAM:
            yield _table_or_lines(name, sys.stdin.buffer, form, None, columns)
        else:
            with Path(name).open("rb") as stream:
                yield _table_or_lines(name, stream, form, os.fstat(stream.fileno()).st_size or None, columns)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise ScoreError(f"{error.filename or name} cannot be opened: {error.strerror}.\nNext: check the name.") from None


def _table_or_lines(name: str, stream: Any, form: Format, total: int | None, columns: Columns) -> Input:
    lines = Lines(stream)
    return CsvInput(name, lines, total, columns) if form == "csv" else JsonlInput(lines, total)


class JsonlInput:
    """An object a line; empty lines are passed over."""

    unit = "B"
    header = None

    def __init__(self, lines: Lines, total: int | None) -> None:
        self.total = total
        self._lines = lines

    def __iter__(self) -> Iterator[Record]:
        while True:
            try:
                line = next(self._lines)
                row = json.loads(line) if line.strip() else None
            except StopIteration:
                return
            except LineError as error:
                yield Record(self._lines.number, None, str(error))
            except (ValueError, RecursionError) as error:
                yield Record(self._lines.number, None, f"no JSON ({error})")
            else:
                if isinstance(row, dict):
                    yield Record(self._lines.number, row)
                elif line.strip():
                    yield Record(self._lines.number, None, f"a JSON object is needed, got {type(row).__name__}")

    @property
    def position(self) -> int:
        """Bytes."""
        return self._lines.position

    def digest(self) -> str:
        """Of the lines."""
        return self._lines.digest.hexdigest()


class CsvInput:
    """A table with a header, commas, and quotes around what has commas or line ends; empty lines are passed over."""

    unit = "B"

    def __init__(self, name: str, lines: Lines, total: int | None, columns: Columns) -> None:
        self.total = total
        self._lines = lines
        csv.field_size_limit(LONGEST_LINE)
        self._reader = csv.reader(lines, strict=True)
        try:
            self.header: list[str] = next(self._reader, [])
        except (csv.Error, LineError) as error:
            raise ScoreError(f"{name}, line 1: no header ({error}).\nNext: write the names of the columns there.") from None
        columns.require(self.header, name)

    def __iter__(self) -> Iterator[Record]:
        while True:
            line = self._lines.number + 1
            try:
                values = next(self._reader)
            except StopIteration:
                return
            except LineError as error:
                yield Record(line, None, str(error))
            except csv.Error as error:
                yield Record(line, None, f"no CSV ({error})")
            else:
                if len(values) == len(self.header):
                    yield Record(line, dict(zip(self.header, values, strict=True)))
                elif values:
                    yield Record(line, None, f"{len(values)} values, and the header has {len(self.header)} names")

    @property
    def position(self) -> int:
        """Bytes."""
        return self._lines.position

    def digest(self) -> str:
        """Of the lines."""
        return self._lines.digest.hexdigest()


class ParquetInput:
    """A Parquet file, read a few hundred rows at a time, and of its columns only those that are needed."""

    unit = "row"

    def __init__(self, name: str, columns: Columns) -> None:
        parquet = formats.parquet()
        from pyarrow import ArrowException

        self._fault = ArrowException
        self._name = name
        self._hash = hashlib.sha256()
        self.position = 0
        try:
            self._file = parquet.ParquetFile(name, pre_buffer=False, buffer_size=_BUFFER_BYTES)
        except ArrowException as error:
            raise self._unreadable(error) from None
        self.total = self._file.metadata.num_rows
        self.header = list(self._file.schema_arrow.names)
        columns.require(self.header, name)
        self._needed = [name for name in self.header if name in columns.names.values() or name in columns.kept_of(self.header)]

    def __iter__(self) -> Iterator[Record]:
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH, columns=self._needed):
                for row in batch.to_pylist():
                    self.position += 1
                    self._hash.update(repr(row).encode())
                    yield Record(self.position, row)
        except self._fault as error:
            raise self._unreadable(error) from None

    def digest(self) -> str:
        """Of the values."""
        return self._hash.hexdigest()

    def _unreadable(self, error: Exception) -> ScoreError:
        return ScoreError(f"{self._name} is no Parquet file that can be read: {error}.\nNext: write it anew, or use --format.")
