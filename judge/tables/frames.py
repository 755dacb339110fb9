"""A table as a pandas DataFrame, for those who want to look into it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from judge.errors import TableError
from judge.settings import nearest
from judge.tables.files import read
from judge.tables.schema import ALL, JUDGMENTS, Table, answers_of, judgments_in

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {
    "text": "string",
    "texts": "object",
    "count": "Int64",
    "amount": "Float64",
    "unit": "Float64",
    "flag": "boolean",
    "levels": "object",
}
# Tables of which there are several files, by the folder in data/ that holds them.
_FOLDERS = (
    "scores",
    "scores/baselines",
    "scores/retrained",
    "scores/probes",
    "scores/probes/baselines",
    "out_of_fold",
    "out_of_fold/baselines",
)
_SEVERAL: dict[str, Callable[[str], Table]] = {
    "answers/": answers_of,
    **{f"{folder}/": partial(judgments_in, f"data/{folder}") for folder in _FOLDERS},
}


def frame(table: Table | str) -> pd.DataFrame:
    """A table of this project, read from the working folder, one row a row, in the order of its key.

    Args:
        table: the table or its name, such as `dataset`; where each judge or generator has its own, with the name of the file:
            `scores/student`, `scores/probes/teacher`, `answers/gemma-passage`. `answers` holds those of all chosen generators.

    Returns:
        The columns of the table, typed: texts and ids are `string` (an id 007 or NA stays one), counts `Int64`, amounts and numbers
        from 0 to 1 `Float64`, flags `boolean`, each with `pd.NA` for null; levels are lists of eleven floats and references
        lists of texts, or None.

    Raises:
        TableError: there is no such table, or it cannot be read.
    """
    import pandas as pd

    chosen = named(table) if isinstance(table, str) else table
    rows = read(chosen)
    # The dtype of the columns comes first: pandas would guess that an id of digits is a number, and that null makes counts floats.
    return pd.DataFrame(
        {
            column.name: pd.Series([row[column.name] for row in rows], dtype=_DTYPES[column.type], name=column.name)
            for column in chosen.columns
        },
    )


def named(name: str) -> Table:
    """The table of a name, as `frame` takes it.

    Raises:
        TableError: there is none; the message names the nearest.
    """
    single = {table.name: table for table in ALL if table is not JUDGMENTS}
    if name in single:
        return single[name]
    files = [f"{prefix}{path.stem}" for prefix in _SEVERAL for path in sorted(Path("data", prefix).glob("*.jsonl"))]
    if name == JUDGMENTS.name:
        raise TableError(f"{name}: each judge has its own; there are {', '.join(file for file in files if file.startswith('scores/'))}.")
    folder, slash, file = name.rpartition("/")
    prefix = folder + slash
    # Where a folder is empty, its reader says what makes it.
    if file and prefix in _SEVERAL and (name in files or not any(other.startswith(prefix) for other in files)):
        return _SEVERAL[prefix](file)
    raise TableError(f"{name}: there is no such table; {nearest(name, [*single, *files])}.")
