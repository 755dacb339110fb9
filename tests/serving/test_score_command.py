"""`judge score`, as it is typed."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from judge.__main__ import main
from judge.serving import journal, progress
from judge.serving.columns import parse
from judge.serving.inputs import opened
from tests.conftest import ROOT
from tests.serving.fakes import read_jsonl, row, write_csv, write_jsonl

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "judge", "score", *map(str, arguments)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three rows."""
    return write_jsonl(tmp_path / "in.jsonl", [row(number) for number in range(3)])


def test_a_killed_command_ends_with_the_bytes_of_an_unbroken_one(folder: Path, tmp_path: Path) -> None:
    """With a real encoder; killed when a chunk is done."""
    source = write_jsonl(tmp_path / "in.jsonl", (row(number, answer=f"{number} is a number, " * (number % 7)) for number in range(520)))
    target, whole = tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    with subprocess.Popen(_command(source, target, "--student", folder), env=ENVIRONMENT, start_new_session=True) as process:
        while not journal.path_of(target).exists() and process.poll() is None:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    reached = json.loads(journal.path_of(target).read_text(encoding="utf-8"))["rows"]

    again = subprocess.run(_command(source, target, "--student", folder), env=ENVIRONMENT, check=False, capture_output=True, text=True)
    assert 0 == main(["score", str(source), str(whole), "--student", str(folder)])

    assert (0, "520 rows judged.\n", True) == (again.returncode, again.stderr, 0 < reached < 520)
    assert whole.read_bytes() == target.read_bytes()


def test_it_reads_and_writes_streams(folder: Path, source: Path, tmp_path: Path) -> None:
    """What comes from standard output is what a file would hold; what is said goes to standard error."""
    command = _command("-", "-", "--student", folder)
    done = subprocess.run(command, input=source.read_bytes(), env=ENVIRONMENT, check=True, capture_output=True)
    main(["score", str(source), str(tmp_path / "out.jsonl"), "--student", str(folder)])
    assert ((tmp_path / "out.jsonl").read_bytes(), b"3 rows judged.\n") == (done.stdout, done.stderr)


def test_passages_are_kept_for_other_runs(folder: Path, tmp_path: Path) -> None:
    """Each long one once, in files; a run that finds them there writes the same bytes, and reads no passage again."""
    long = [f"Number {number} is one of many numbers. " * 8 for number in range(3)]
    source = write_jsonl(tmp_path / "in.jsonl", [row(number, context=long[number % 3]) for number in range(6)])
    options = ["--student", str(folder), "--passages", str(tmp_path / "kept")]
    main(["score", str(source), str(tmp_path / "plain.jsonl"), "--student", str(folder)])

    main(["score", str(source), str(tmp_path / "one.jsonl"), *options])
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").glob("*/*.npy")}
    main(["score", str(source), str(tmp_path / "two.jsonl"), *options])

    assert 3 == len(kept)
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").glob("*/*.npy")}
    assert 1 == len({(tmp_path / f"{name}.jsonl").read_bytes() for name in ("plain", "one", "two")})


def test_bad_rows_are_counted_and_the_code_is_0(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As long as one row is left."""
    source = write_jsonl(tmp_path / "in.jsonl", [row(1), "bad"])
    code = main(["score", str(source), str(tmp_path / "out.jsonl"), "--student", str(folder)])
    assert (0, True) == (code, capsys.readouterr().err.endswith("1 row judged, 1 row kept out that cannot be.\n"))


@pytest.mark.parametrize("options", [["--strict"], ["--columns", "answer=a"]])
def test_the_code_is_2_where_strict_or_where_none_is_left(folder: Path, tmp_path: Path, options: list[str]) -> None:
    """With a message and no traceback."""
    source = write_jsonl(tmp_path / "in.jsonl", [row(1), "bad"])
    assert 2 == main(["score", str(source), str(tmp_path / "out.jsonl"), "--student", str(folder), *options])


def test_formats_are_named_where_no_suffix_says(folder: Path, source: Path, tmp_path: Path) -> None:
    """The same judgments, from CSV without a suffix into JSONL without one."""
    table = write_csv(tmp_path / "table", [row(number) for number in range(3)])
    options = ["--student", str(folder), "--format", "csv", "--output-format", "jsonl"]
    main(["score", str(source), str(tmp_path / "one.jsonl"), "--student", str(folder)])

    assert 0 == main(["score", str(table), str(tmp_path / "two"), *options])

    one, two = ([each | {"id": None} for each in read_jsonl(tmp_path / name)] for name in ("one.jsonl", "two"))
    assert one == two


def test_an_input_is_not_its_own_output(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it is called."""
    before = source.read_bytes()
    code = main(["score", str(source), f"{source.parent}/./{source.name}"])
    assert (2, before, True) == (code, source.read_bytes(), "is the input and the output" in capsys.readouterr().err)


def test_ctrl_c_says_how_to_go_on(folder: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the code of an interrupted command, and without a traceback."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    said = io.StringIO()
    monkeypatch.setattr("judge.students.student.Student.judge", interrupt)
    monkeypatch.setattr(sys, "stderr", said)
    code = main(["score", str(source), str(tmp_path / "out.jsonl"), "--student", str(folder)])
    assert (130, "Interrupted. The same command goes on where it was.\n") == (code, said.getvalue())


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.mark.parametrize(("stream", "shows"), [(_Terminal, True), (io.StringIO, False)])
def test_a_terminal_shows_rate_and_share(source: Path, monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], shows: bool) -> None:
    """And nothing is written where standard error is none."""
    terminal = stream()
    monkeypatch.setattr(sys, "stderr", terminal)
    with opened(str(source), "jsonl", parse(None, None)) as read, progress.shown(read) as shown:
        list(read)
        shown.moved(3, read.position)
        monkeypatch.setattr("time.monotonic", lambda: 1e9)
        shown.moved(0, read.position)
        shown.say("a line")
        said = terminal.getvalue()
    assert (shows, shows, True) == ("3 rows, " in said, f"/{source.stat().st_size}" in said, "a line\n" in said)


def test_the_help_loads_nothing_heavy() -> None:
    """The command line knows the command before it loads a student."""
    code = "import sys, judge.__main__; print(*{'torch', 'transformers', 'pandas', 'dvc', 'tqdm', 'huggingface_hub'} & set(sys.modules))"
    assert "\n" == subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout
