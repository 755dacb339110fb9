"""Files of judgments for the tests, and what is read of them."""

import json
from pathlib import Path
from typing import Any

from judge.dataset import recorded_rows
from judge.dataset.corpora import Corpus
from judge.tables.files import row_fault
from judge.tables.levels import mean
from judge.tables.schema import RECORDED, Row
from tests.conftest import option

COLUMNS = {"question": "q", "answer": "a", "context": None, "reference": None, "generator": None, "human": None, "scores": ["s"]}


def corpus(file: Path, *, columns: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A corpus of recorded judgments with the fields q, a and s, unless changed."""
    values = {"verdicts": {}, "human": {}, "skip_where": {}, "extract": {}, "unpivot": [], **changes}
    return option("corpus", "recorded", Corpus, file=str(file), columns={**COLUMNS, **(columns or {})}, **values)


def jsonl(folder: Path, *rows: Any) -> Path:
    """A file with an object a line."""
    path = folder / "judgments.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(folder: Path, *rows: Any, **changes: Any) -> recorded_rows.RecordedRows:
    """What is read of these rows; every one of them is a row of the recorded table."""
    taken = recorded_rows.read(corpus(jsonl(folder, *rows), **changes))
    assert not [fault for row in taken.rows if (fault := row_fault(RECORDED, row))]
    return taken


def score(row: Row) -> float | None:
    """The mean of a row's levels."""
    return None if row["levels"] is None else mean(row["levels"])
