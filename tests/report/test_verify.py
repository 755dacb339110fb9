"""`judge verify` on a toy project of two stages: what is the same, what differs, where that begins, and what it leaves alone."""

import json
import shutil
from pathlib import Path

import pytest

from judge.__main__ import main
from judge.models.replies import ReplyStore
from judge.report import rebuild
from tests import tiny_project

_MAKE = """import json, os
from pathlib import Path

import yaml

scale = yaml.safe_load(Path("params.yaml").read_text())["scale"] * float(os.environ.get("OTHER_CPU", 1))
Path("data").mkdir(exist_ok=True)
numbers = [scale * int(line) for line in Path("data/raw/numbers.txt").read_text().split()]
Path("data/numbers.json").write_text(json.dumps(numbers) + "\\n")
"""
_SUM = """import json
from pathlib import Path

numbers = json.loads(Path("data/numbers.json").read_text())
Path("sum.json").write_text(json.dumps({"n": len(numbers), "whole": int(sum(numbers))}) + "\\n")
"""
_DVC = """stages:
  # The later stage stands first: the order is told by what depends on what.
  a_sum:
    cmd: python sum.py
    deps: [sum.py, data/numbers.json]
    outs: [sum.json: {cache: false}]
  b_make:
    cmd: python make.py
    deps: [make.py, data/raw]
    params: [scale]
    outs: [data/numbers.json]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy project, built and committed; to be copied."""
    folder = tmp_path_factory.mktemp("toy") / "project"
    files = {
        "make.py": _MAKE,
        "sum.py": _SUM,
        "dvc.yaml": _DVC,
        "params.yaml": "scale: 0.1\n",
        ".gitignore": "/data\n/.cache\n",
        "data/raw/numbers.txt": "10 20 30",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    tiny_project.run(folder, "git", "init", "-q")
    tiny_project.run(folder, "dvc", "init", "-q")
    tiny_project.run(folder, "dvc", "repro", "-q")
    tiny_project.commit(folder)
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the toy project, to work in."""
    monkeypatch.chdir(tiny_project.copy(built, tmp_path / "project"))
    return tmp_path / "project"


def test_a_project_that_makes_the_same_bytes_passes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, a line for each output in the order of the stages, and nothing here is changed or left behind."""
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert main(["verify"]) == 0
    first, second, *_, last = capsys.readouterr().out.splitlines()
    assert ["b_make", "data/numbers.json", "same", "bytes"] == first.split()
    assert ["a_sum", "sum.json", "same", "bytes"] == second.split()
    assert last == "2 outputs: 2 same bytes"
    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("project")
def test_last_digits_may_differ(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another kind of CPU: exit code 0, and the output is named."""
    monkeypatch.setenv("OTHER_CPU", "1.00000001")
    assert main(["verify"]) == 0
    out = capsys.readouterr().out
    assert "data/numbers.json  same to 6 digits\n" in out
    assert "2 outputs: 1 same to 6 digits, 1 same bytes\n" in out


@pytest.mark.usefixtures("project")
def test_the_first_stage_that_differs_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1; a stage whose inputs differ is not to blame."""
    monkeypatch.setenv("OTHER_CPU", "2")
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "2 outputs: 2 different\nThe first stage that differs: b_make\n" in out


def test_what_stands_in_the_folder_now_is_rebuilt(project: Path) -> None:
    """An edit that is not committed counts; one whose outputs were not made again shows as a difference."""
    (project / "params.yaml").write_text("scale: 0.2\n", encoding="utf-8")
    assert main(["verify"]) == 1


def test_code_that_git_does_not_track_is_missed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was forgotten at `git add` would be missing for everybody else: the rebuild stops, and says so; exit code 2."""
    tiny_project.run(project, "git", "rm", "-q", "--cached", "sum.py")
    (project / "dvc.yaml").write_text(_DVC.replace("deps: [sum.py, ", "deps: ["), encoding="utf-8")
    lock = project / "dvc.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace("path: sum.py", "path: data/numbers.json"), encoding="utf-8")
    assert main(["verify"]) == 2
    assert "The rebuild stopped before its end" in capsys.readouterr().out


def test_an_output_that_is_not_here_is_held_against_dvc_lock(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a fresh clone without data the same bytes are known by their MD5; other bytes cannot be judged: exit code 2."""
    (project / "data/numbers.json").unlink()
    assert main(["verify"]) == 0
    monkeypatch.setenv("OTHER_CPU", "1.00000001")
    capsys.readouterr()
    assert main(["verify"]) == 2
    out = capsys.readouterr().out
    assert "data/numbers.json  cannot be told: not here\n" in out
    assert "Next: `dvc pull`" in out


def test_the_copy_stays_where_it_is_asked_for(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--into` keeps it to look at, and refuses a folder that is there."""
    assert main(["verify", "--into", str(tmp_path / "again")]) == 0
    assert (project / "data/numbers.json").read_bytes() == (tmp_path / "again/data/numbers.json").read_bytes()
    assert main(["verify", "--into", str(tmp_path / "again")]) == 2
    assert "is there already" in capsys.readouterr().err


def test_what_was_paid_for_is_taken_along_and_nothing_else(project: Path, tmp_path: Path) -> None:
    """Hosted replies, the ledger and jobs are in the copy's store; what a local model said is made again."""
    paid = {"body": {"choices": []}, "tokens": [3, 1]}
    store = ReplyStore(project / ".cache/replies.sqlite")
    store.record({"hosted": paid, "local": ["It is Lima."], "other": {"body": 1}}, [0.25, 0.5], begun={"train": "job-1"})
    store.close()
    assert main(["verify", "--into", str(tmp_path / "again")]) == 0
    copied = ReplyStore(tmp_path / "again/.cache/replies.sqlite")
    assert {"hosted": paid} == {key: json.loads(text) for key, text in tiny_project.replies(copied._path).items()}
    assert (0.75, "job-1") == (copied.spent(), copied.job("train"))
    copied.close()


def test_a_folder_without_git_or_without_a_build_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, what is missing, what to do."""
    lock = project / "dvc.lock"
    content = lock.read_bytes()
    lock.unlink()
    assert main(["verify"]) == 2
    assert "There is no dvc.lock here" in capsys.readouterr().err
    lock.write_bytes(content)
    shutil.rmtree(project / ".git")
    assert main(["verify"]) == 2
    assert "git says: fatal: not a git repository" in capsys.readouterr().err


def test_stages_of_the_project_come_after_what_they_depend_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the real pipeline, from its committed dvc.lock."""
    from tests.conftest import ROOT

    monkeypatch.chdir(ROOT)
    stages = list(rebuild.locked_stages(Path("dvc.lock")))
    for earlier, later in (("validate", "ingest"), ("ingest", "chunk"), ("score", "label"), ("split", "distil"), ("evaluate", "report")):
        assert stages.index(earlier) < stages.index(later)
