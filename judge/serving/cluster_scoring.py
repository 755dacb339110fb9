"""Chunks judged on a Ray cluster: the same chunks as here, so the same bytes, in their order."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from judge.models import cluster
from judge.models.cluster import RaySettings
from judge.serving import chunks
from judge.serving.asked import Asked
from judge.serving.chunks import Chunk, Judged, Judging
from judge.serving.errors import ScoreError
from judge.students import saved
from judge.students.student import Student

CHUNKS_A_PROCESS = 64
"""How many chunks each process of the cluster is given at a time: 16,384 rows. They bound what this process holds; after them the
processes end and new ones load the student, so that one which a lost node left without a place is not waited for any longer."""


def judging(folder: Path, student: Student, settings: RaySettings, *, spans: bool) -> Judging:
    """What judges chunks on a cluster, to which it connects when there is a first chunk.

    The files of the student travel to the nodes; a base model that they do not hold is loaded there as it is here.

    Args:
        folder: that the student was loaded from.
        student: to be judged with.
        settings: the cluster. It can raise `ClusterError` as `cluster.connected` and `cluster.mapped` do.
        spans: whether words and sentences without support are wanted too.

    Raises:
        ScoreError: the student is hosted.
    """
    if student.option.kind == "openai":
        raise ScoreError(
            "A hosted student judges at its server, and a cluster here would only wait for that.\n"
            "Next: leave --runtime out; `concurrency` of its endpoint says how many requests are under way."
        )
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return partial(judged_there, _StudentThere(files, spans=spans), settings)


def judged_there(judge: Callable[[Sequence[Asked]], list[dict[str, Any]]], settings: RaySettings, read: Iterator[Chunk]) -> Judged:
    """Each chunk with what `judge` makes of it, of which every process on the cluster gets a copy."""
    first = next(read, None)
    if first is None:
        return
    with cluster.connected(settings):
        count = cluster.workers(settings) * CHUNKS_A_PROCESS
        left = chain([first], read)
        while window := list(islice(left, count)):
            for index, rows in cluster.mapped(judge, [chunk.asked for chunk in window], settings, in_order=True):
                yield window[index], rows


class _StudentThere:
    """A student on a node: loaded from its files when the first chunk comes, and kept."""

    def __init__(self, files: dict[str, bytes], *, spans: bool) -> None:
        self._files = files
        self._spans = spans

    def __call__(self, chunk: Sequence[Asked]) -> list[dict[str, Any]]:
        return list(chunks.rows(self._student, chunk, spans=self._spans))

    @cached_property
    def _student(self) -> Student:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in self._files.items():
                (Path(folder) / name).write_bytes(content)
            return saved.load(folder)
