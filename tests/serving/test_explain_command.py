"""`judge explain`, as it is typed."""

import contextlib
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from judge.__main__ import main
from judge.students.encoder_student import EncoderStudent
from judge.tables import spans
from tests.conftest import ROOT
from tests.serving.fakes import write_csv, write_jsonl
from tests.serving.served import ROW

FALSE = {**ROW, "answer": "It is a trumpet of brass."}


def test_each_row_has_its_verdict_and_its_marked_words(
    folder: Path, trained: EncoderStudent, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under its id or its line; words are marked with brackets and a figure, since this is no terminal."""
    assert 0 == main(["explain", str(write_jsonl(tmp_path / "in.jsonl", [{**FALSE, "id": "a"}, FALSE])), "--student", str(folder)])
    shown = capsys.readouterr().out.split("\n\n")
    answer = spans.coloured(FALSE["answer"], trained.explain(FALSE), is_colour=False)
    assert [["a", "2"], [ROW["question"]] * 2, [answer] * 2] == [
        [text.split("\n")[line].partition(":")[0] if line == 0 else text.split("\n")[line] for text in shown[:2]] for line in range(3)
    ]
    assert "[trumpet " in answer


def test_a_row_without_words_has_no_verdict_and_a_bad_one_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are shown; the input's own names of columns are taken."""
    source = write_csv(tmp_path / "in.csv", [{"q": "What?", "answer": "...", "context": "A."}, {"q": "", "answer": "x", "context": "A."}])
    assert 0 == main(["explain", str(source), "--columns", "question=q", "--student", str(folder)])
    said = capsys.readouterr()
    assert ("2: no verdict (no_verdict)\nWhat?\n...\n\n", f"{source}, line 3: there is no question\n") == tuple(said)


def test_an_input_without_a_row_to_judge_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 2 and where to look."""
    assert 2 == main(["explain", str(write_jsonl(tmp_path / "in.jsonl", ["no JSON"])), "--student", str(folder)])
    assert "no row could be judged.\nNext: see the lines above" in capsys.readouterr().err


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_a_terminal_is_coloured_unless_no_color_is_set(folder: Path, tmp_path: Path, no_colour: str) -> None:
    """In a terminal of its own, as a person has it; an answer cannot colour itself."""
    source = write_jsonl(tmp_path / "in.jsonl", [{**FALSE, "answer": f"\x1b{FALSE['answer']}"}])
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "judge", "explain", str(source), "--student", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": no_colour}
    with subprocess.Popen(command, stdout=theirs, env=environment) as process:
        os.close(theirs)
        shown = _read(ours)
    assert 0 == process.returncode
    answer = shown.splitlines()[2]
    assert answer.startswith("\ufffd")
    assert (not no_colour, bool(no_colour)) == ("\x1b[1;4;31mtrumpet\x1b[0m" in answer, "[trumpet 0." in answer)


def _read(terminal: int) -> str:
    """All that is shown, until the other end is closed, which Linux says as an error."""
    shown = io.BytesIO()
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65536):
            shown.write(piece)
    os.close(terminal)
    return shown.getvalue().decode()
