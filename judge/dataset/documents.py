"""What a corpus yields, whatever its kind: documents, those set aside, and judgments made before."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from judge.errors import DocumentError
from judge.tables.identity import content_id
from judge.tables.schema import Row


class Documents(NamedTuple):
    """What a corpus yields: the documents of the run, those set aside, what could not be used, and judgments made before."""

    documents: list[Row]
    background: list[Row]
    skipped: list[tuple[str, str]]
    """Name of each file or page left out, or how many rows of a file of judgments, with the reason."""
    recorded: list[Row]


def document(title: str, text: str, source: str) -> Row:
    """A row of the documents table; the id is a hash of title and text."""
    clean = text.replace("\r\n", "\n").strip()
    return {"document_id": content_id(title, clean), "title": title, "text": clean, "source": source}


def collect(corpus: str, rows: Iterable[Row], skipped: Sequence[tuple[str, str]] = (), background: Iterable[Row] = ()) -> Documents:
    """Documents of a corpus that brings no judgments along; equal ones are one, and none of them is in the background too.

    Args:
        corpus: its name, for the message.
        rows: of the documents table.
        skipped: what was left out, with the reason.
        background: further rows, to calibrate a teacher on; without them it is some of the run's own.

    Raises:
        DocumentError: there is no document.
    """
    unique = {row["document_id"]: row for row in rows}
    if not unique:
        names = "".join(f"\n  {name}: {reason}" for name, reason in skipped)
        raise DocumentError(f"The corpus {corpus} has no document with text.{names}\nNext: add documents, or choose another corpus.")
    return Documents(list(unique.values()), [row for row in background if row["document_id"] not in unique], list(skipped), [])
