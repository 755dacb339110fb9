"""The command `python -m bench`, and that of the page about scale."""

import sys
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import scale, table
from tests.bench.conftest import MACHINE


def _run(monkeypatch: pytest.MonkeyPatch, main: str, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", [main, *arguments])
    return command.main() if main == "bench" else scale.main()


def test_a_work_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of those that are."""
    with pytest.raises(SystemExit) as ended:
        _run(monkeypatch, "bench", "students")
    assert ended.value.code == 2
    assert "students: no such work; there are student, teachers" in capsys.readouterr().err


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("main", "arguments", "said"),
    [
        ("bench", ["student"], "data/dataset.jsonl"),
        ("bench", ["--page"], "docs/bench.md is missing"),
        ("scale", [], "metrics/bench.csv has nothing of teachers, tokens"),
    ],
)
def test_outside_a_built_project_it_says_what_is_missing(
    main: str, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ends with code 2, without a traceback."""
    assert _run(monkeypatch, main, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert said in error
    assert "Next: " in error


def test_the_page_is_written_from_the_file(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the picture beside it; what stands outside the markers stays."""
    blank = "before\n<!-- begin bench -->\n<!-- end bench -->\n<!-- begin machine -->\n<!-- end machine -->\nafter\n"
    (workspace / "docs").mkdir()
    (workspace / "docs/bench.md").write_text(blank, encoding="utf-8")
    (workspace / "metrics").mkdir()
    table.write(command.rates(MACHINE))
    assert _run(monkeypatch, "bench", "--page") == 0
    text = (workspace / "docs/bench.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "float32 100, bfloat16 200, int8 400" in text
    assert (workspace / "docs/bench.png").exists()
