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


def test_what_is_not_committed_is_left_out_and_named(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The commit is what is verified, so an edit since makes no difference."""
    (project / "params.yaml").write_text("scale: 0.2\n", encoding="utf-8")
    assert main(["verify"]) == 0
    assert "left out is what is not committed: params.yaml\n" in capfd.readouterr().err


def test_a_commit_whose_outputs_were_not_made_again_differs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An edit that was committed without `dvc repro`: what the commit makes is not what it says."""
    (project / "params.yaml").write_text("scale: 0.2\n", encoding="utf-8")
    tiny_project.commit(project)
    assert main(["verify"]) == 1
    assert "The first stage that differs: b_make" in capsys.readouterr().out


def test_code_that_was_not_committed_is_missed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was forgotten at `git add` would be missing for everybody else: the rebuild stops, and says so; exit code 2."""
    tiny_project.run(project, "git", "rm", "-q", "--cached", "sum.py")
    (project / ".gitignore").write_text("/data\n/.cache\nsum.py\n", encoding="utf-8")
    tiny_project.commit(project)
    assert main(["verify"]) == 2
    out = capsys.readouterr().out
    assert "1 outputs: 1 same bytes" in out
    assert "The rebuild stopped before its end" in out


def test_a_table_that_is_not_here_is_held_against_dvc_lock(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a clone without its tables the same bytes are known by their MD5; other bytes cannot be judged: exit code 2."""
    (project / "data/numbers.json").unlink()
    assert main(["verify"]) == 0
    monkeypatch.setenv("OTHER_CPU", "1.00000001")
    capsys.readouterr()
    assert main(["verify"]) == 2
    out = capsys.readouterr().out
    assert "data/numbers.json  cannot be told\n" in out
    assert "sum.json           same bytes\n" in out
    assert "Next: `dvc checkout` or `dvc pull`" in out


def test_after_a_build_on_another_cpu_figures_are_held_against_the_commit(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this machine made since is not what HEAD holds: a table of it proves nothing, the figures in git do."""
    monkeypatch.setenv("OTHER_CPU", "2")
    tiny_project.run(project, "dvc", "repro", "-q", "-f")
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "data/numbers.json  cannot be told\n" in out
    assert "sum.json           different: sum.json, line 1\n" in out


def test_data_that_people_put_in_is_taken_along(project: Path) -> None:
    """Judgments and documents may be in nobody's git; those of the commit are told by the MD5 in dvc.lock."""
    assert "data/raw" not in tiny_project.run(project, "git", "ls-files").stdout
    assert main(["verify"]) == 0
    (project / "data/raw/numbers.txt").write_text("1", encoding="utf-8")
    assert main(["verify"]) == 2


def test_a_file_and_a_folder_have_the_md5_that_dvc_gives_them(project: Path) -> None:
    """dvc.lock is believed by these: a file, and a folder with a folder in it."""
    (project / "data/raw/b").mkdir()
    (project / "data/raw/b/c.txt").write_text("x", encoding="utf-8")
    (project / "data/raw/b.txt").write_text("y", encoding="utf-8")
    tiny_project.run(project, "dvc", "repro", "-q")
    stages = rebuild.locked_stages(rebuild.LOCK)
    deps = {dep["path"]: dep["md5"] for stage in stages.values() for dep in stage["deps"]}
    assert {path: rebuild.md5(Path(path)) for path in deps} == deps
    assert deps["data/raw"].endswith(".dir")


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
    tiny_project.run(project, "git", "rm", "-q", "dvc.lock")
    tiny_project.commit(project)
    assert main(["verify"]) == 2
    assert "The last commit has no dvc.lock" in capsys.readouterr().err
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
