"""Reading revisions, in a small real repository of git and DVC: what is found, what is refused, and what is left alone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from judge import tables
from judge.errors import TableError
from judge.report import revisions
from judge.report.revisions import RevisionError, flattened
from judge.tables import levels
from judge.tables.schema import Row
from tests.conftest import ROOT

ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    **{f"GIT_{who}_{what}": "someone@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
PIPELINE = """\
stages:
  copy:
    cmd: cp -r prepared/. .
    deps: [prepared]
    params: [label]
    outs: [data/test.jsonl, data/scores/student.jsonl]
    metrics:
      - metrics/evaluation.json: {cache: false}
"""
PARAMS = """\
seed: 17
teacher: strict
generators: [small]
label:
  threshold: 0.8
evaluate:
  resamples: 200
  confidence: 0.9
"""
HOSTILE = "<script>alert(1)</script> \x1b[31mred"
DOCUMENTS = 12


def run(folder: Path, *command: str) -> str:
    """What a command prints; the test fails where it does."""
    result = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


def answer_row(number: int, teacher: float, threshold: float, answer: str = "An answer.") -> Row:
    """A row of the test table, two to a document."""
    return {
        "answer_id": f"answer{number:02}",
        "question_id": f"question{number:02}",
        "document_id": f"document{number // 2:02}",
        "generator": "small",
        "question": f"Question {number}?",
        "context": "A passage.",
        "reference": None,
        "answer": answer,
        "teacher_levels": list(levels.interpolate(teacher)),
        "teacher_score": teacher,
        "teacher_class": levels.classify(teacher, threshold),
        "reason": None,
    }


def prepare(folder: Path, teacher: Sequence[float], student: Sequence[float | None], threshold: float, skipped: int) -> None:
    """The tables, in a folder: an answer for each pair of scores, without number `skipped`; answer 0 is hostile."""
    numbers = [number for number in range(len(teacher)) if number != skipped]
    rows = [answer_row(number, teacher[number], threshold, "An answer." if number else HOSTILE) for number in numbers]
    judgments = [
        {
            "item_id": f"answer{number:02}",
            "levels": None if student[number] is None else list(levels.interpolate(student[number] or 0.0)),
            "score": student[number],
            "reason": None if student[number] is not None else "error",
        }
        for number in numbers
    ]
    write_rows(folder / tables.TEST.path, rows)
    write_rows(folder / tables.STUDENT_SCORES.path, judgments)


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as a table, whatever their columns are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


# Teacher and student of both commits, answer by answer. In the second the student is right about answer 0 and nearer to its teacher in
# the odd answers, its judgment of answer 3 failed, answer 4 has another teacher score, answer 22 is gone and answer 23 is new.
TEACHER_1 = [0.9, 0.1] * DOCUMENTS
TEACHER_2 = [*TEACHER_1[:4], 0.2, *TEACHER_1[5:]]
STUDENT_1: list[float | None] = [0.5, 0.3, *[0.9, 0.3] * 3, 0.5, 0.3, *[0.9, 0.3] * 7]
STUDENT_2: list[float | None] = [0.95, 0.2, 0.9, None, *[0.9, 0.2] * 2, 0.5, 0.2, *[0.9, 0.2] * 7]


def make_project(folder: Path) -> Path:
    """A project with two built commits (tags one and two, branch side at one), an unbuilt one, one without tables, and an experiment."""
    run(folder, "git", "init", "-q", "-b", "main")
    run(folder, "dvc", "init", "-q")
    run(folder, "dvc", "config", "core.analytics", "false")
    (folder / "params.yaml").write_text(PARAMS, encoding="utf-8")
    commit(folder, "bare")
    for path, text in (
        ("teacher/strict", "kind: strict\nprompt: {system: Judge., user: 'Is it so?'}\n"),
        ("teacher/unused", "kind: unused\n"),
        ("teacher/gone", "kind: gone\n"),
        ("generator/small", "tokens: 10\n"),
    ):
        (folder / f"conf/{path}.yaml").parent.mkdir(parents=True, exist_ok=True)
        (folder / f"conf/{path}.yaml").write_text(text, encoding="utf-8")
    (folder / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    prepare(folder / "prepared", TEACHER_1, STUDENT_1, 0.8, skipped=23)
    (folder / "prepared/metrics").mkdir()
    evaluation = {"student.pearson": 0.5, "student.kappa": 0.25, "student.n": 23, "baseline.kappa": 0.1, "probe.student.auroc.all": 0.75}
    (folder / "prepared/metrics/evaluation.json").write_text(json.dumps(evaluation | {"student.pearson_reason": None}), encoding="utf-8")
    commit(folder, "unbuilt")
    run(folder, "dvc", "repro", "-q")
    commit(folder, "one")
    run(folder, "git", "branch", "side")
    prepare(folder / "prepared", TEACHER_2, STUDENT_2, 0.8, skipped=22)
    (folder / "prepared/metrics/evaluation.json").write_text(
        json.dumps(evaluation | {"student.pearson": 0.75, "probe.student.auroc.all": 0.5, "other.count": 3, "teacher.human.accuracy": 0.5}),
        encoding="utf-8",
    )
    (folder / "conf/teacher/strict.yaml").write_text("kind: strict\nprompt: {system: Judge., user: 'Is it true?'}\n", encoding="utf-8")
    (folder / "conf/teacher/unused.yaml").write_text("kind: other\n", encoding="utf-8")
    (folder / "conf/teacher/gone.yaml").unlink()
    (folder / "conf/teacher/new.yaml").write_text("kind: new\n", encoding="utf-8")
    (folder / "params.yaml").write_text(PARAMS.replace("seed: 17", "seed: 18"), encoding="utf-8")
    run(folder, "dvc", "repro", "-q")
    commit(folder, "two")
    run(folder, "dvc", "exp", "run", "-q", "-n", "lenient", "-S", "label.threshold=0.4")
    run(folder, "git", "checkout", "-q", "-f", "main")
    run(folder, "dvc", "checkout", "-q", "--force")
    return folder


def commit(folder: Path, tag: str) -> None:
    """Commit everything under a tag."""
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", tag)
    run(folder, "git", "tag", tag)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, made once; nothing may change it."""
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as the current folder."""
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def copy(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project as the current folder, to be changed."""
    folder = Path(shutil.copytree(made, tmp_path / "copy", symlinks=True))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "seed", "threshold"),
    [("two", 18, 0.8), ("HEAD", 18, 0.8), ("HEAD~1", 17, 0.8), ("side", 17, 0.8), ("lenient", 18, 0.4), ("workspace", 18, 0.8)],
)
def test_a_tag_a_commit_a_branch_an_experiment_and_the_workspace_are_read(project: Path, name: str, seed: int, threshold: float) -> None:
    """Each has the params, the tables and the figures that were committed there."""
    assert project.is_dir()

    found = revisions.read([name])[0]

    assert (seed, threshold, 23, 0.75 if seed == 18 else 0.5) == (
        found.params["seed"],
        found.threshold,
        len(found.answers),
        found.metrics["metrics/evaluation.json"]["student.pearson"],
    )


def test_an_abbreviated_hash_is_read_with_its_full_hash(project: Path) -> None:
    """The commit of a side is the whole hash, whatever name was given."""
    commit_hash = run(project, "git", "rev-parse", "one").strip()

    assert commit_hash == revisions.read([commit_hash[:8]])[0].commit


def test_the_workspace_is_read_as_it_lies(copy: Path) -> None:
    """An edit that is not committed is seen, and a class that no longer follows from the threshold is told."""
    (copy / "params.yaml").write_text(PARAMS.replace("0.8", "0.05"), encoding="utf-8")

    found = revisions.read(["workspace"])[0]

    assert found.threshold == 0.05
    assert [
        "workspace: 13 classes of data/test.jsonl do not follow from label.threshold 0.05; `dvc repro` makes them anew",
    ] == found.notes


def test_a_failed_judgment_has_no_score_and_no_class(project: Path) -> None:
    """The student's failed judgment of answer 3 is none, and that of answer 0 has score, probability and class."""
    assert project.is_dir()

    answers = revisions.read(["two"])[0].answers

    assert revisions.Verdict(None, None, None) == answers["answer03"].student
    assert revisions.Verdict(0.95, 1.0, "acceptable") == answers["answer00"].student


def test_reading_leaves_the_working_tree_alone(project: Path) -> None:
    """Bytes, times of change and `git status` are the same before and after."""

    def state() -> tuple[dict[str, tuple[int, bytes]], str]:
        files = [path for path in project.rglob("*") if path.is_file() and not {".git", "tmp"} & set(path.relative_to(project).parts)]
        return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}, run(project, "git", "status", "--porcelain")

    before = state()

    revisions.read(["one", "lenient", "workspace"])

    assert before == state()


def test_an_unknown_name_lists_the_known_ones(project: Path) -> None:
    """Experiments, branches and tags are named; so it is for a name of something that is no commit, and for an empty one."""
    assert project.is_dir()

    for name in ("nowhere", "", "HEAD:params.yaml", "HEAD~99"):
        with pytest.raises(
            RevisionError, match=r"There is no commit .*\nexperiments: lenient\nbranches: main, side\ntags: bare, one, two, unbuilt\nNext: "
        ):
            revisions.read([name])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unbuilt", "unbuilt has no data/scores/student.jsonl: dvc.lock has no entry for it"),
        ("bare", "bare has no data/scores/student.jsonl: neither git nor dvc.yaml has it there"),
    ],
)
def test_a_revision_without_tables_says_why(project: Path, name: str, message: str) -> None:
    """A commit that was never built, and one from before there was a pipeline."""
    assert project.is_dir()

    with pytest.raises(RevisionError, match=message) as caught:
        revisions.read([name])

    assert "Next: " in str(caught.value)


def test_tables_that_are_nowhere_ask_for_a_pull(copy: Path) -> None:
    """With an empty cache and no remote a committed table cannot be read."""
    shutil.rmtree(copy / ".dvc/cache")

    with pytest.raises(RevisionError, match=r"neither in the cache nor in a remote(?s:.*)Next: `dvc pull` or `dvc fetch --all-commits`"):
        revisions.read(["one"])


def test_tables_of_a_remote_are_read_from_there(copy: Path, tmp_path: Path) -> None:
    """With an empty cache and a remote the table comes from the remote."""
    run(copy, "dvc", "remote", "add", "--local", "-d", "store", str(tmp_path / "store"))
    run(copy, "dvc", "push", "-q", "--all-tags")
    shutil.rmtree(copy / ".dvc/cache")

    assert len(revisions.read(["one"])[0].answers) == 23


def test_a_folder_without_dvc_or_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No project at all, and a project of DVC that is in no git repository."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RevisionError, match="belongs to no DVC project"):
        revisions.read(["HEAD"])
    run(tmp_path, "dvc", "init", "-q", "--no-scm")
    with pytest.raises(RevisionError, match="in no git repository"):
        revisions.read(["HEAD"])


def test_a_project_in_a_subfolder_of_a_repository_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC's folder need not be git's."""
    run(tmp_path, "git", "init", "-q")
    folder = tmp_path / "inner"
    folder.mkdir()
    run(folder, "dvc", "init", "-q", "--subdir")
    (folder / "params.yaml").write_text(PARAMS, encoding="utf-8")
    prepare(folder, TEACHER_1, STUDENT_1, 0.8, skipped=23)
    commit(tmp_path, "all")
    monkeypatch.chdir(folder)

    assert [23, 23] == [len(found.answers) for found in revisions.read(["HEAD", "workspace"])]


def test_an_older_table_lacks_columns_and_is_read(copy: Path) -> None:
    """What is missing is told; the class follows from the score, and the score from the levels."""
    rows = [{"answer_id": "answer00", "teacher_score": 0.9}, {"answer_id": "answer01", "teacher_score": 0.2}]
    write_rows(copy / "data/test.jsonl", rows)
    write_rows(copy / "data/scores/student.jsonl", [{"item_id": "answer00", "levels": list(levels.interpolate(0.85))}])

    found = revisions.read(["workspace"])[0]

    missing = ["document_id", "generator", "question", "answer", "teacher_levels", "teacher_class"]
    notes = ["workspace: data/scores/student.jsonl has no column score"]
    assert [*notes, *(f"workspace: data/test.jsonl has no column {name}" for name in missing)] == found.notes
    assert ["acceptable", "unacceptable"] == [answer.teacher.label for answer in found.answers.values()]
    assert pytest.approx(0.85) == found.answers["answer00"].student.score


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "data/test.jsonl of workspace, line 2: no valid JSON"),
        ("[]", "data/test.jsonl of workspace, line 2: no answer_id stands there"),
        ('{"answer_id": "a", "teacher_score": 2}', "data/test.jsonl of workspace has a judgment whose score or levels"),
        ('{"answer_id": "a", "teacher_score": NaN}', "data/test.jsonl of workspace has a judgment whose score or levels"),
        (json.dumps({"answer_id": "a", "teacher_levels": ["x"] * 11}), "data/test.jsonl of workspace has a judgment whose score or levels"),
    ],
)
def test_a_broken_row_is_refused_with_file_and_revision(copy: Path, line: str, message: str) -> None:
    """A table that was cut off or edited stops the comparison."""
    path = copy / tables.TEST.path
    first = path.read_text(encoding="utf-8").split("\n")[0]
    path.write_text(f"{first}\n{line}\n", encoding="utf-8")

    with pytest.raises(TableError, match=message):
        revisions.read(["workspace"])


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("params.yaml", "label: {threshold: 1.5}", "no label.threshold in"),
        ("params.yaml", "- 1", "no label.threshold in"),
        ("params.yaml", "a: [", "params.yaml of workspace is no valid YAML"),
        ("metrics/evaluation.json", "{", "metrics/evaluation.json of workspace is no valid JSON"),
        ("dvc.yaml", "stages: 3", "DVC cannot read workspace"),
    ],
)
def test_a_broken_file_is_refused_by_name(copy: Path, path: str, text: str, message: str) -> None:
    """Each file that is read is named where it cannot be."""
    (copy / path).write_text(text, encoding="utf-8")

    with pytest.raises(RevisionError, match=message):
        revisions.read(["workspace"])


def test_dvc_keeps_quiet(copy: Path) -> None:
    """Whatever goes wrong, DVC's own log does not reach the terminal."""
    shutil.rmtree(copy / ".dvc/cache")
    code = "from judge import revisions\ntry:\n    revisions.read(['one'])\nexcept revisions.RevisionError:\n    print('refused')"

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )

    assert ("refused\n", "") == (result.stdout, result.stderr)


def test_mappings_are_flattened_and_lists_stay_whole() -> None:
    """Keys are joined by dots; an empty mapping is a value."""
    expected = {"a.b": 1, "a.c": [{"d": 2}], "e": {}}

    assert expected == flattened({"a": {"b": 1, "c": [{"d": 2}]}, "e": {}})
