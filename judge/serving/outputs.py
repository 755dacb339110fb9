"""Judgments as rows of the output, and these as JSONL, CSV or Parquet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from judge.serving import formats
from judge.serving.columns import ID, WRITTEN
from judge.serving.formats import Format
from judge.tables.levels import ACCEPTABLE, Judgment, classify

_ROW_GROUP = 10_000


def row(row_id: str | int, judgment: Judgment, threshold: float, kept: dict[str, Any]) -> dict[str, Any]:
    """A row of the output: the columns of `WRITTEN`, then those that are kept.

    `acceptable` is the probability that the answer is; 1.0 or 0.0 from a student that has learnt none.
    """
    score = judgment.score
    label = None if score is None else classify(score, threshold)
    probability = float(label == ACCEPTABLE) if label is not None and judgment.acceptable is None else judgment.acceptable
    levels = None if judgment.levels is None else list(judgment.levels)
    return dict(zip(WRITTEN, (row_id, levels, score, label, probability, judgment.reason), strict=True)) | kept


class Output(NamedTuple):
    """How rows become a file.

    Attributes:
        form: of the file. While a Parquet file is being made its rows stand in JSONL, because one that is cut off cannot be read.
        kept: the names of the columns that are kept; JSONL does not need them.
    """

    form: Format
    kept: Sequence[str]

    @property
    def head(self) -> bytes:
        """What stands before the first row."""
        return _csv([(*WRITTEN, *self.kept)]) if self.form == "csv" else b""

    def encoded(self, rows: Iterable[dict[str, Any]]) -> bytes:
        """Rows as they are appended."""
        if self.form == "csv":
            return _csv([_cell(each.get(name)) for name in (*WRITTEN, *self.kept)] for each in rows)
        lines = (json.dumps(each, ensure_ascii=False, allow_nan=False, default=str) + "\n" for each in rows)
        return "".join(lines).encode()

    def publish(self, partial: Path, target: Path) -> None:
        """Make the finished file of what was appended; it is there as a whole or not at all."""
        if self.form != "parquet":
            partial.replace(target)
            return
        made = target.with_name(f"{target.name}.parquet-partial")
        with partial.open(encoding="utf-8") as lines:
            self._write_parquet(map(json.loads, lines), made)
        made.replace(target)
        partial.unlink()

    def _write_parquet(self, rows: Iterator[dict[str, Any]], path: Path) -> None:
        parquet = formats.parquet()
        import pyarrow as pa

        numbers = {"levels": pa.list_(pa.float64()), "score": pa.float64(), "acceptable": pa.float64()}
        schema = pa.schema([(name, numbers.get(name, pa.string())) for name in (*WRITTEN, *self.kept)])
        with parquet.ParquetWriter(path, schema) as writer:
            while batch := list(islice(rows, _ROW_GROUP)):
                texts = [
                    each | {name: each[name] if each[name] is None else _cell(each[name]) for name in (ID, *self.kept)} for each in batch
                ]
                writer.write_table(pa.Table.from_pylist(texts, schema=schema))


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """A value as text: a text as it is, nothing as an empty one, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
