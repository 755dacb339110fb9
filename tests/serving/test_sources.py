"""A student is loaded from a folder, from a revision of a project, or from a hub."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import judge
from judge.errors import StudentError
from judge.serving import sources
from tests.conftest import ROOT
from tests.report.toy_project import run
from tests.serving import hub
from tests.students.examples import VIOLA

NAME = "team/viola-judge"
# In a process of its own: where the hub is, is read when its package is imported.
FETCH = "import sys\nfrom judge.serving import sources\nprint(*map(sources.folder, sys.argv[1:]), sep='\\n')\n"


def _fetch(url: str, home: Path, *names: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_ENDPOINT": url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", FETCH, *names], capture_output=True, text=True, check=False, env=environment)


def test_a_hub_has_the_student(folder: Path, tmp_path: Path) -> None:
    """By its id, at a tag, and, once it was fetched, without the hub; what it judges is what the folder judges."""
    with hub.serving(NAME, folder) as url:
        fetched = _fetch(url, tmp_path, NAME, f"{NAME}@v1.0")
    offline = _fetch(url, tmp_path, NAME)

    paths = [Path(line) for line in (fetched.stdout + offline.stdout).splitlines()]
    assert (3, 1) == (len(paths), len(set(paths))), fetched.stderr + offline.stderr
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == {each.name: each.read_bytes() for each in paths[0].iterdir()}
    assert judge.load(folder).judge([VIOLA]) == judge.load(paths[0]).judge([VIOLA])


@pytest.mark.parametrize(("where", "why"), [(f"{NAME}@v9", "cannot be had at v9: "), ("team/other", "cannot be had: ")])
def test_what_the_hub_does_not_have_is_said(folder: Path, tmp_path: Path, where: str, why: str) -> None:
    """A model that is not there, and a revision."""
    with hub.serving(NAME, folder) as url:
        done = _fetch(url, tmp_path, where)
    assert (1, True) == (
        done.returncode,
        f"There is no folder {where.partition('@')[0]} here, and the hub's model of that name {why}" in done.stderr,
    )


def test_offline_the_hub_is_not_waited_for() -> None:
    """The tests are offline: the message says what was looked for."""
    with pytest.raises(StudentError, match="There is no folder team/viola-judge here, and the hub's model of that name cannot be had"):
        judge.load(NAME)


@pytest.fixture
def project(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of git and DVC with a student, tagged `v1`, and another commit without one."""
    made = tmp_path / "project"
    shutil.copytree(folder, made / "data/student")

    for command in (
        "git init -q -b main",
        "dvc init -q",
        "dvc add -q data/student",
        "git add .",
        "git commit -q -m student",
        "git tag v1",
        "git rm -q data/student.dvc",
        "git commit -q -m none",
    ):
        run(made, *command.split())
    shutil.rmtree(made / "data")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return made


def test_a_revision_of_a_project_has_the_student(folder: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From elsewhere by REPOSITORY@REVISION and by keywords, and inside the project by the revision alone; the bytes are those added."""
    fetched = [sources.folder(f"{project}@v1"), sources.folder(None, rev="v1", repo=str(project))]
    monkeypatch.chdir(project)
    fetched.append(sources.folder("v1").resolve())

    for each in fetched:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
            path.name: path.read_bytes() for path in (project.parent / "elsewhere" / each).iterdir()
        }
    assert judge.load("v1").judge([VIOLA]) == judge.load(folder).judge([VIOLA])


def test_a_commit_that_was_fetched_needs_no_project(project: Path) -> None:
    """By its full hash it comes from the cache."""
    kept = sources.folder(f"{project}@v1")
    shutil.rmtree(project)
    assert kept == sources.folder(None, rev=kept.name)


@pytest.mark.parametrize(
    ("revision", "why"),
    [("nothing", "The student of nothing in .*project cannot be had: "), ("main", "project cannot be had: it has no data/student")],
)
def test_a_revision_without_a_student_is_said(project: Path, revision: str, why: str) -> None:
    """One that is not there, and one that has none; nothing is left in the cache."""
    with pytest.raises(StudentError, match=why):
        judge.load(f"{project}@{revision}")
    assert [] == list(Path().rglob("config.json"))


def test_a_student_that_is_in_no_cache_and_no_remote_is_said(project: Path) -> None:
    """The commit names it, and its files are nowhere; nothing is left in the cache."""
    shutil.rmtree(project / ".dvc/cache")
    with pytest.raises(StudentError, match=r"The student of v1 in .*project cannot be had: "):
        judge.load(f"{project}@v1")
    assert [] == list(Path().rglob("config.json"))


def test_a_name_that_is_nothing_says_how_it_was_read(project: Path) -> None:
    """Outside of any project."""
    assert project.is_dir()
    with pytest.raises(StudentError, match="The student of stduent in this project cannot be had"):
        judge.load("stduent")


def test_without_dvc_a_revision_is_refused(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the package."""
    assert workspace.is_dir()
    monkeypatch.setitem(sys.modules, "dvc.repo", None)
    with pytest.raises(StudentError, match="v1 names no folder here, and reading it as a revision needs the package dvc"):
        judge.load("v1")


@pytest.mark.parametrize("where", ["data/student", "./none/student", "there/stduent", Path("none/student")])
def test_a_folder_that_is_not_there_is_looked_for_nowhere_else(workspace: Path, where: str | Path) -> None:
    """The project's own place, a path, and a name below a folder that is there are never ids of a hub."""
    (workspace / "there").mkdir()
    with pytest.raises(StudentError, match="is no complete student"):
        judge.load(where)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "give one of the two"),
        ({"where": "a", "rev": "b"}, "give one of the two"),
        ({"where": "git@example.com:team/judge"}, "names no revision after its last @"),
        ({"where": "team/judge@"}, "names no revision after its last @"),
    ],
)
def test_what_names_no_student_is_refused(given: dict[str, str], why: str) -> None:
    """Nothing, two things, and an address without a revision."""
    with pytest.raises(StudentError, match=why):
        judge.load(**given)  # type: ignore[arg-type]


def test_a_fingerprint_is_of_what_is_loaded(folder: Path, tmp_path: Path) -> None:
    """Another byte in the weights changes it, the model card does not."""
    copied, student = Path(shutil.copytree(folder, tmp_path / "student")), judge.load(folder)
    same = sources.fingerprint(copied, student)
    (copied / "README.md").write_text("Another card.", encoding="utf-8")
    assert same == sources.fingerprint(copied, student) == sources.fingerprint(folder, student)
    with (copied / "model.safetensors").open("ab") as file:
        file.write(b" ")
    assert same != sources.fingerprint(copied, student)
