"""metrics/bench.csv: what a line says, and that it is written and read again."""

from pathlib import Path

import pytest

from bench import table
from bench.table import Line
from bench.turns import Contender
from judge.errors import JudgeError
from tests.bench.conftest import MACHINE


def _contender(name: str, n: int, operations: float | None, dtype: str | None) -> Contender:
    return Contender(name, n, lambda _: lambda: None, operations, 3.5, dtype)


def test_a_line_has_medians_ratio_and_the_share_of_the_limit() -> None:
    """The limit is the machine's rate of the dtype over the operations of a row."""
    ours, peer = _contender("ours", 10, 1e9, "bfloat16"), _contender("peer", 5, 1e10, "float32")
    found = table.line("w", "judge", ours, peer, {"ours": [1.0, 0.5, 0.25], "peer": [1.0, 1.0, 2.5]}, MACHINE, 4.0)
    assert (20.0, 5.0) == (found.ours_median, found.peer_median)
    assert (4.0, 2.0, 20.0) == (found.ratio, found.ratio_lowest, found.ratio_highest)
    assert (200.0, 0.1) == (found.ours_limit, found.ours_share)
    assert (10.0, 0.5) == (found.peer_limit, found.peer_share)
    assert (10, 5, 3) == (found.ours_n, found.peer_n, found.repeats)


def test_without_operations_there_is_no_limit() -> None:
    """Nor is there a share of it."""
    found = table.line("w", "judge", _contender("ours", 10, None, None), None, {"ours": [1.0]}, MACHINE)
    assert (None, None, None, None) == (found.ours_limit, found.ours_share, found.peer, found.ratio)


def test_lines_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Numbers to four digits, texts with commas and quotation marks, and cells that do not apply."""
    lines = [Line("w", 'a "work", of ours', "ours", None, "s", 12345.678, ours_n=3, machine="2 cores, made up")]
    path = tmp_path / "bench.csv"
    table.write(lines, path)
    assert [Line("w", 'a "work", of ours', "ours", None, "s", 12350.0, ours_n=3, machine="2 cores, made up")] == table.read(path)


def test_no_file_has_no_lines(tmp_path: Path) -> None:
    """Before the first run."""
    assert table.read(tmp_path / "bench.csv") == []


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """It would be read wrongly."""
    path = tmp_path / "bench.csv"
    path.write_text("work,ours\na,b\n", encoding="utf-8")
    with pytest.raises(JudgeError, match="other columns"):
        table.read(path)


def test_a_work_that_is_measured_again_takes_the_place_of_its_lines() -> None:
    """All of them, where they stood; those of other works stay."""

    def lines(work: str, *names: str) -> list[Line]:
        return [Line(work, "what", name, None, "s", 1.0) for name in names]

    before = [*lines("a", "old", "older"), *lines("b", "kept")]
    found = table.merged(before, [*lines("a", "new"), *lines("c", "first")])
    assert [*lines("a", "new"), *lines("b", "kept"), *lines("c", "first")] == found
