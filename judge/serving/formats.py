"""The formats of files of rows, by suffix."""

from pathlib import Path
from typing import Any, Literal, cast, get_args

from judge.serving.errors import ScoreError

Format = Literal["jsonl", "csv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

STREAM = "-"
"""Names the standard input or output."""

_SUFFIXES = {".ndjson": "jsonl"} | {f".{form}": form for form in FORMATS}


def of(name: str, chosen: str | None, option: str) -> Format:
    """The format of a file: the chosen one, else by its suffix; a stream has an object a line.

    Raises:
        ScoreError: the suffix says nothing, or a stream shall be Parquet, which cannot be read or written from front to back.
    """
    form = chosen or ("jsonl" if name == STREAM else _SUFFIXES.get(Path(name).suffix.lower()))
    if form is None:
        raise ScoreError(f"The name {name} does not say what format it has.\nNext: {option} {'|'.join(FORMATS)}.")
    if name == STREAM and form == "parquet":
        raise ScoreError(f"Parquet cannot be streamed: its index stands at its end.\nNext: name a file, or {option} jsonl.")
    return cast("Format", form)


def parquet() -> Any:
    """The module `pyarrow.parquet`.

    Raises:
        ScoreError: it is not installed.
    """
    try:
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise ScoreError("Parquet needs the package pyarrow, which is not installed.\nNext: pip install pyarrow, or use JSONL.") from None
    return parquet
