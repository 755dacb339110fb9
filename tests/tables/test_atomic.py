"""Files and folders are written whole or not at all."""

import os
from pathlib import Path

import pytest

from judge.errors import JudgeError
from judge.tables import atomic
from judge.tables.dry_run import DRY_RUN, Planned


def test_a_full_disk_leaves_the_old_table_and_nothing_else(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills at fsync, the old bytes stand, the temporary file is gone, and the message says what to do."""
    path = workspace / "table.jsonl"
    atomic.write_text(path, "old\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(JudgeError, match="No space left on device"):
        atomic.write_text(path, "new\n")
    assert path.read_text() == "old\n"
    assert [path.name for path in workspace.iterdir()] == ["table.jsonl"]


def test_a_new_file_has_the_rights_of_any_other(workspace: Path) -> None:
    """Temporary files are private; a table that others shall read may not stay so."""
    (workspace / "plain.txt").write_text("x", encoding="utf-8")
    atomic.write_text(workspace / "a" / "table.jsonl", "x")
    assert (workspace / "plain.txt").stat().st_mode == (workspace / "a" / "table.jsonl").stat().st_mode


def test_a_folder_that_cannot_be_made_is_told(workspace: Path) -> None:
    """A file stands where the folder should be: what, why, what next."""
    (workspace / "data").write_text("a file", encoding="utf-8")
    with pytest.raises(JudgeError, match=r"(?s)table.jsonl could not be written: .*Nothing half-written was left behind"):
        atomic.write_text(workspace / "data" / "table.jsonl", "x")


def test_a_folder_is_replaced_as_a_whole(workspace: Path) -> None:
    """Files of the old one that the new one lacks are gone."""
    for name in ("old", "new"):
        with atomic.new_folder(workspace / "student") as folder:
            (folder / name).write_text(name, encoding="utf-8")
    assert ["student"] == [path.name for path in workspace.iterdir()]
    assert ["new"] == [path.name for path in (workspace / "student").iterdir()]


def test_a_folder_whose_making_fails_leaves_the_old_one(workspace: Path) -> None:
    """An error in the middle: the old folder stands, nothing else is left."""
    with atomic.new_folder(workspace / "student") as folder:
        (folder / "old").touch()

    def fail() -> None:
        with atomic.new_folder(workspace / "student") as folder:
            (folder / "new").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert ["student", "student/old"] == sorted(path.relative_to(workspace).as_posix() for path in workspace.rglob("*"))


def test_what_is_made_once_is_not_made_again(workspace: Path) -> None:
    """The second call returns the folder of the first."""
    calls = []

    def fill(folder: Path) -> None:
        calls.append(folder)
        (folder / "model").touch()

    first = atomic.make_once(workspace / "cache", fill)
    assert (first, 1) == (atomic.make_once(workspace / "cache", fill), len(calls))
    assert (workspace / "cache" / "model").exists()


def test_a_dry_run_writes_nothing(workspace: Path) -> None:
    """Whatever comes to writing had nothing left to ask."""
    token = DRY_RUN.set(True)
    try:
        with pytest.raises(Planned):
            atomic.write_text(workspace / "table.jsonl", "x")
        with pytest.raises(Planned), atomic.new_folder(workspace / "student"):
            pass
    finally:
        DRY_RUN.reset(token)
    assert [] == list(workspace.iterdir())
