"""Rows without end are judged in chunks, whose bounds depend on the rows before alone."""

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from judge.errors import StudentError
from judge.students import streams
from tests.serving.fakes import Batchwise, row


def test_rows_are_asked_for_as_judgments_are() -> None:
    """Of rows without end one chunk has been read when its judgments come."""
    read = count()
    rows = (row(next(read)) for _ in count())

    judged = list(islice(Batchwise().judge_stream(rows), streams.ROWS))

    assert (streams.ROWS, streams.ROWS) == (len(judged), next(read))


def test_nothing_is_read_before_the_first_judgment_is_asked_for() -> None:
    """Making the stream reads no row."""

    def rows() -> Iterator[dict[str, Any]]:
        pytest.fail("a row was read")
        yield {}

    Batchwise().judge_stream(rows())


def test_a_stream_judges_what_a_list_of_each_chunk_does() -> None:
    """Judgments are in order, and those of `judge` for the same rows."""
    rows = [row(number) for number in range(300)]
    student = Batchwise()
    assert [*student.judge(rows[:256]), *student.judge(rows[256:])] == list(student.judge_stream(rows))


def test_a_bad_row_is_named_by_its_number() -> None:
    """Counted over all chunks."""
    with pytest.raises(StudentError, match="Row 300 cannot be judged: `answer` has to be text, got 3"):
        list(Batchwise().judge_stream([*(row(number) for number in range(300)), row(1, answer=3)]))


def test_one_row_is_no_stream() -> None:
    """A mapping would be read as its keys."""
    with pytest.raises(StudentError, match=r"judge_stream takes a list of rows.*\n.*judge_stream\(\[row\]\)"):
        list(Batchwise().judge_stream(row(1)))  # type: ignore[arg-type]


def test_chunks_end_by_rows_or_by_characters() -> None:
    """A text that stands in several rows of a chunk counts once; each chunk begins with nothing counted."""
    half = "x" * (streams.CHARACTERS // 2)
    other = f"{half}y"
    texts = [half, other, half, half, other, other]
    assert [[half, other], [half, half, other], [other]] == list(streams.chunks(texts, lambda text: [text]))
    assert [256, 256, 1] == [len(chunk) for chunk in streams.chunks(range(513), lambda _: ["same"])]


def test_a_real_student_streams(folder: Path) -> None:
    """The judgments of a student with an encoder are those of `judge`."""
    import judge

    student = judge.load(folder)
    rows = [row(number) for number in range(6)]
    assert student.judge(rows) == list(student.judge_stream(iter(rows)))
