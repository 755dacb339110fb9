"""A run that is killed at any moment and started again ends with the bytes of an unbroken one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from judge.serving import journal
from judge.serving.errors import ScoreError
from tests.conftest import ROOT
from tests.serving.fakes import Batchwise, row, score, write_csv, write_jsonl

ROWS = 5_000
# It says each batch before it judges it, so that a kill can wait for one.
RUN = """\
import sys
from pathlib import Path
from tests.serving.fakes import Batchwise, score

class Telling(Batchwise):
    def judge_items(self, items):
        print("batch", flush=True)
        return super().judge_items(items)

score(Path(sys.argv[1]), Path(sys.argv[2]), Telling(), keep=sys.argv[3])
"""


class Broken(Batchwise):
    """It judges some batches, and then it fails."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    def judge_items(self, items: Any) -> Any:
        """As the student below it."""
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return super().judge_items(items)


def _begin(source: Path, target: Path, batches: int, **how: Any) -> None:
    """A run that is broken off after so many batches."""
    with pytest.raises(KeyboardInterrupt):
        score(source, target, Broken(batches), **how)


@pytest.mark.parametrize(("source_name", "target_name", "keep"), [("in.jsonl", "out.jsonl", "all"), ("in.csv", "out.csv", "more")])
def test_a_killed_run_ends_with_the_bytes_of_an_unbroken_one(tmp_path: Path, source_name: str, target_name: str, keep: str) -> None:
    """Killed by SIGKILL at random moments until one run comes to its end; nothing remains beside the output."""
    source, target, whole = (tmp_path / name for name in (source_name, target_name, f"whole_{target_name}"))
    rows = [row(number, more=f"{number}, «more»") for number in range(ROWS)]
    (write_csv if source.suffix == ".csv" else write_jsonl)(source, rows)
    score(source, whole, keep=keep)
    chance = random.Random(13)
    command = [sys.executable, "-c", RUN, str(source), str(target), keep]
    reached = set()

    while not target.exists():
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True) as process:
            assert process.stdout
            for _ in range(chance.choice([1, 2, 3, 4])):
                process.stdout.readline()
            time.sleep(chance.random() * 0.01)
            os.kill(process.pid, signal.SIGKILL)
        if journal.path_of(target).exists():
            reached.add(json.loads(journal.path_of(target).read_text(encoding="utf-8"))["rows"])

    assert len(reached) > 4
    assert whole.read_bytes() == target.read_bytes()
    # The last kill may come between the rename of the output and the end of its journal.
    assert {source, target, whole} == set(tmp_path.iterdir()) - {journal.path_of(target)}


def test_what_is_done_is_not_judged_again(tmp_path: Path) -> None:
    """After two chunks of three only the last one is judged."""
    source = write_jsonl(tmp_path / "in.jsonl", (row(number) for number in range(600)))
    _begin(source, tmp_path / "out.jsonl", 2)
    student = Batchwise()

    counts = score(source, tmp_path / "out.jsonl", student)

    assert ((600, 0), [88]) == (counts, student.batches)


def test_bad_rows_of_the_run_before_are_counted(tmp_path: Path) -> None:
    """The count is that of an unbroken run."""
    source = write_jsonl(tmp_path / "in.jsonl", ["bad", *(row(number) for number in range(600))])
    _begin(source, tmp_path / "out.jsonl", 1)
    assert (600, 1) == score(source, tmp_path / "out.jsonl")


def test_what_was_appended_after_the_journal_is_cut_off(tmp_path: Path) -> None:
    """As when a run is killed between the two."""
    source = write_jsonl(tmp_path / "in.jsonl", (row(number) for number in range(600)))
    score(source, tmp_path / "whole.jsonl")
    _begin(source, tmp_path / "out.jsonl", 1)
    with journal.partial_of(tmp_path / "out.jsonl").open("ab") as file:
        file.write(b'{"id": 257, "lev')

    score(source, tmp_path / "out.jsonl")

    assert (tmp_path / "whole.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()


def test_a_journal_alone_is_begun_anew(tmp_path: Path) -> None:
    """It is what is left where a run was killed between the end of its output and that of its journal."""
    source = write_jsonl(tmp_path / "in.jsonl", (row(number) for number in range(600)))
    _begin(source, tmp_path / "out.jsonl", 1)
    journal.partial_of(tmp_path / "out.jsonl").unlink()

    assert (600, 0) == score(source, tmp_path / "out.jsonl")
    assert {"in.jsonl", "out.jsonl"} == {path.name for path in tmp_path.iterdir()}


def test_another_input_is_refused(tmp_path: Path) -> None:
    """One of the rows that were judged is another one now; `--restart` begins anew."""
    rows = [row(number) for number in range(600)]
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    _begin(source, tmp_path / "out.jsonl", 2)
    write_jsonl(source, [rows[1], *rows[1:]])

    with pytest.raises(ScoreError, match=r"the first 512 rows of .*in\.jsonl are not those that were judged"):
        score(source, tmp_path / "out.jsonl")
    student = Batchwise()
    score(source, tmp_path / "out.jsonl", student, restart=True)

    assert [256, 256, 88] == student.batches


def test_a_shorter_input_is_refused(tmp_path: Path) -> None:
    """It has fewer rows than were judged."""
    rows = [row(number) for number in range(600)]
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    _begin(source, tmp_path / "out.jsonl", 1)
    write_jsonl(source, rows[:10])
    with pytest.raises(ScoreError, match="the first 256 rows"):
        score(source, tmp_path / "out.jsonl")


def test_rows_that_came_after_are_judged(tmp_path: Path) -> None:
    """The input may have grown at its end meanwhile: the output is that of the input as it is now."""
    rows = [row(number) for number in range(900)]
    source = write_jsonl(tmp_path / "in.jsonl", rows[:600])
    _begin(source, tmp_path / "out.jsonl", 1)
    write_jsonl(source, rows)
    assert (900, 0) == score(source, tmp_path / "out.jsonl")


def test_other_options_are_refused_by_name(tmp_path: Path) -> None:
    """The message says which one differs."""
    source = write_jsonl(tmp_path / "in.jsonl", (row(number) for number in range(600)))
    _begin(source, tmp_path / "out.jsonl", 1)
    with pytest.raises(ScoreError, match=r"begun and not finished.*: --keep differs.*\n.*--restart"):
        score(source, tmp_path / "out.jsonl", keep="all")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda partial: partial.with_name("out.jsonl.partial.json").write_text("{", encoding="utf-8"), "cannot be read"),
        (lambda partial: partial.write_bytes(b"short"), "has 5 bytes, and"),
    ],
)
def test_damage_is_refused(tmp_path: Path, spoil: Any, why: str) -> None:
    """A journal that is no JSON, and rows that are gone."""
    source = write_jsonl(tmp_path / "in.jsonl", (row(number) for number in range(600)))
    _begin(source, tmp_path / "out.jsonl", 1)
    spoil(journal.partial_of(tmp_path / "out.jsonl"))
    with pytest.raises(ScoreError, match=why):
        score(source, tmp_path / "out.jsonl")


def test_two_runs_do_not_write_one_output(tmp_path: Path) -> None:
    """The second one is refused while the first one works."""
    source, target = write_jsonl(tmp_path / "in.jsonl", [row(1)]), tmp_path / "out.jsonl"

    class Meanwhile(Batchwise):
        def judge_items(self, items: Any) -> Any:
            with pytest.raises(ScoreError, match="Another process is writing"):
                score(source, target)
            return super().judge_items(items)

    assert (1, 0) == score(source, target, Meanwhile())
