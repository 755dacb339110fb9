"""The chunks of an input: what is judged together, here or on a cluster, and how far the input was read with each.

An encoder's last digits depend on which texts it reads together, so a chunk is judged whole, wherever that is.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from judge.serving import outputs
from judge.serving.asked import Asked
from judge.serving.columns import SPANS
from judge.serving.inputs import Input
from judge.students import streams
from judge.students.student import Student


class Chunk(NamedTuple):
    """Rows of the input that are judged together, and the hash and the position of the input after the last of them."""

    asked: list[Asked]
    digest: str
    position: int


Judged = Generator[tuple[Chunk, Iterable[dict[str, Any]]], None, None]
"""Chunks in their order, each with its rows of the output."""

Judging = Callable[[Iterator[Chunk]], Judged]
"""Whatever judges chunks."""


def read(asked: Iterable[Asked], source: Input) -> Iterator[Chunk]:
    """The rows of a source, chunk by chunk."""
    for rows in streams.chunks(asked, lambda each: each.texts):
        yield Chunk(rows, source.digest(), source.position)


def judged_here(student: Student, chunks: Iterator[Chunk], *, spans: bool) -> Judged:
    """Each chunk, judged as its rows are asked for: one that is refused is not judged."""
    for chunk in chunks:
        yield chunk, rows(student, chunk.asked, spans=spans)


def rows(student: Student, chunk: Sequence[Asked], *, spans: bool) -> Iterator[dict[str, Any]]:
    """The rows of the output of a chunk; those that cannot be judged have none."""
    fit = [(each, each.item) for each in chunk if each.item is not None]
    items = [item for _, item in fit]
    judgments = student.judge(items)
    explained = [{SPANS: [span._asdict() for span in found]} for found in student.explain_items(items)] if spans else [{}] * len(fit)
    for (each, _), judgment, of_words in zip(fit, judgments, explained, strict=True):
        yield outputs.row(each.id, judgment, student.threshold, of_words | (each.kept or {}))
