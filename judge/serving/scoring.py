"""Judge a file of rows, chunk by chunk, so that a run that is killed goes on where it was and ends with the same bytes.

An encoder's last digits depend on which texts it reads together, so a chunk ends where the rows before say, whoever began when.
"""

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from judge.serving import chunks, inputs, journal, progress
from judge.serving.asked import Asker
from judge.serving.chunks import Chunk, Judging
from judge.serving.columns import SPANS, Columns, kept_name
from judge.serving.errors import ScoreError
from judge.serving.formats import STREAM, Format
from judge.serving.inputs import Input
from judge.serving.journal import Journal
from judge.serving.outputs import Output
from judge.serving.progress import Progress
from judge.students.student import Student


class Job(NamedTuple):
    """What is to be judged, and how.

    Attributes:
        source: the input, and its format; `-` is the standard input.
        target: the output, and its format; `-` is the standard output, from which no run can go on.
        columns: of the input.
        strict: whether the first bad row ends it.
        restart: whether what a run before has left is dropped.
        spans: whether the words and sentences without support are written as well.
    """

    source: str
    source_format: Format
    target: str
    target_format: Format
    columns: Columns
    strict: bool = False
    restart: bool = False
    spans: bool = False


class Counts(NamedTuple):
    """How many rows stand in the output, and how many were kept out."""

    judged: int
    bad: int


def score(job: Job, student: Student, student_hash: str, judging: Judging | None = None) -> Counts:
    """Judge all rows of the input, in order; bad ones are named on standard error and kept out.

    Args:
        job: what is to be judged, and how.
        student: who judges.
        student_hash: of its files; a run that was begun with another student is not gone on with.
        judging: where its chunks are judged; None is here, one after the other.

    Raises:
        ScoreError: the input cannot be read, no row of it can be judged, one cannot and `strict` is set, a run before cannot be gone on
            with, or the disk is full.
        StudentError: `spans` is set, and the student says nothing of single words.
    """
    if job.spans:
        # One that cannot explain says so now.
        student.explain_items([])
    judging = judging or partial(chunks.judged_here, student, spans=job.spans)
    asker = Asker(job.columns, job.source_format, student.option.evidence)
    asked: dict[str, Any] = {
        "--format": job.source_format,
        "--output-format": job.target_format,
        "--columns": job.columns.names,
        "--keep": job.columns.kept if job.columns.kept is None else list(job.columns.kept),
        "--spans": job.spans,
        "--student": student_hash,
    }
    with inputs.opened(job.source, job.source_format, job.columns) as read:
        output = Output(job.target_format, _kept(job, read.header))
        if job.target == STREAM:
            state, file = Journal(asked=asked), sys.stdout.buffer
            _judge(job, judging, read, asker, output, state, file)
            return Counts(state.judged, state.bad)
        target = Path(job.target)
        try:
            with _continued(job, target, asked) as (state, file):
                _judge(job, judging, read, asker, output, state, file)
            output.publish(journal.partial_of(target), target)
            journal.path_of(target).unlink()
        except OSError as error:
            raise ScoreError(
                f"{target} could not be written: {error.strerror or error}.\n"
                "Next: free some space or mend the folder's rights; the same command goes on where it was."
            ) from None
        return Counts(state.judged, state.bad)


def _kept(job: Job, header: Sequence[str] | None) -> list[str]:
    """The columns after ours, of an output that names its columns before the first row."""
    spans = [SPANS] if job.spans else []
    if header is not None:
        return [*spans, *map(kept_name, job.columns.kept_of(header))]
    if job.columns.kept is None and job.target_format != "jsonl":
        raise ScoreError(
            f"Rows of JSONL need not have the same columns, and those of {job.target_format} do.\nNext: name what is kept, --keep a,b."
        )
    return [*spans, *map(kept_name, job.columns.kept or ())]


@contextmanager
def _continued(job: Job, target: Path, asked: dict[str, Any]) -> Iterator[tuple[Journal, IO[bytes]]]:
    """The journal of an output and its rows so far, open at their end, for this process alone.

    Raises:
        ScoreError: another process has it open, or as `journal.begun`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = journal.partial_of(target)
    # A journal alone is what a run has left that was killed as its output was finished.
    is_new = job.restart or not partial.exists()
    with partial.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ScoreError(f"Another process is writing {target}.\nNext: wait for it, or name another output.") from None
        state = journal.begun(target, asked, restart=is_new)
        file.truncate(state.size)
        yield state, file


def _judge(job: Job, judging: Judging, read: Input, asker: Asker, output: Output, state: Journal, file: IO[bytes]) -> None:
    """Judge what the journal says is not done, and append it.

    Raises:
        ScoreError: as `score`.
    """
    rows = iter(read)
    _pass_over(job, read, rows, state)
    with progress.shown(read) as shown, closing(judging(chunks.read(map(asker.of, rows), read))) as in_turn:
        for chunk, judged in in_turn:
            _name_faults(job, chunk, shown, state)
            content = output.encoded(judged)
            _append(job, file, content if state.size else output.head + content)
            state.input = chunk.digest
            state.rows += len(chunk.asked)
            state.judged += sum(each.item is not None for each in chunk.asked)
            state.size += len(content) + (0 if state.size else len(output.head))
            if job.target != STREAM:
                state.write(journal.path_of(Path(job.target)))
            shown.moved(len(chunk.asked), chunk.position)
    if not state.judged:
        raise ScoreError(f"{job.source}: no row could be judged, of {state.rows:,}.\nNext: see the lines above, and --columns.")


def _pass_over(job: Job, read: Input, rows: Iterator[inputs.Record], state: Journal) -> None:
    """Read what is done, and see that it is what was read then."""
    if not state.rows:
        return
    there = sum(1 for _ in islice(rows, state.rows))
    if there < state.rows or read.digest() != state.input:
        raise journal.refused(Path(job.target), f"the first {state.rows:,} rows of {job.source} are not those that were judged")


def _name_faults(job: Job, chunk: Chunk, shown: Progress, state: Journal) -> None:
    for each in chunk.asked:
        if each.fault is None:
            continue
        if job.strict:
            goes_on = "" if job.target == STREAM else f" {state.rows:,} rows are done, and the same command goes on after them."
            raise ScoreError(f"{job.source}, line {each.line}: {each.fault}.\nNext: mend the row, or leave --strict out.{goes_on}")
        shown.say(f"{job.source}, line {each.line}: {each.fault}")


def _append(job: Job, file: IO[bytes], content: bytes) -> None:
    file.write(content)
    file.flush()
    if job.target != STREAM:
        os.fsync(file.fileno())
