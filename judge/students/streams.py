"""Endless rows in chunks, whose bounds depend on nothing but the rows before: an encoder's last digits depend on what it reads together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

ROWS = 256
CHARACTERS = 128_000
"""A chunk ends with the row that makes it this long, in rows, or in characters of different texts, which bound its memory."""


def chunks(rows: Iterable[T], texts_of: Callable[[T], Sequence[str]]) -> Iterator[list[T]]:
    """The rows in order, chunk by chunk; no row is asked for before the chunk that it belongs to is.

    Args:
        rows: as many as there are.
        texts_of: what of a row a student reads; a text that stands in several rows of a chunk is read once, and counted once.
    """
    chunk: list[T] = []
    read: set[str] = set()
    characters = 0
    for row in rows:
        chunk.append(row)
        for text in texts_of(row):
            if text not in read:
                read.add(text)
                characters += len(text)
        if len(chunk) >= ROWS or characters >= CHARACTERS:
            yield chunk
            chunk, read, characters = [], set(), 0
    if chunk:
        yield chunk
