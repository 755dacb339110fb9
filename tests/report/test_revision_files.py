"""The files of a revision: tables that cannot be had, and files that cannot be read, each named."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from judge import tables
from judge.errors import JudgeError, TableError
from judge.evaluation import figures
from judge.report import revisions
from judge.report.commits import RevisionError
from judge.report.revision_files import RevisionFiles
from tests.conftest import ROOT
from tests.report.toy_project import ENVIRONMENT, run


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unbuilt", "unbuilt has no data/scores/student.jsonl: dvc.lock has no entry for it"),
        ("bare", "bare has no data/scores/student.jsonl: neither git nor dvc.yaml has it there"),
    ],
)
def test_a_revision_without_tables_says_why(toy: Path, name: str, message: str) -> None:
    """A commit that was never built, and one from before there was a pipeline."""
    assert toy.is_dir()

    with pytest.raises(RevisionError, match=message) as caught:
        revisions.read([name])

    assert "Next: " in str(caught.value)


def test_tables_that_are_nowhere_leave_what_git_has(toy_copy: Path) -> None:
    """With an empty cache and no remote there are params and figures, no answers, and a sentence a table that says why."""
    shutil.rmtree(toy_copy / ".dvc/cache")
    lock = yaml.safe_load(run(toy_copy, "git", "show", "one:dvc.lock"))
    md5 = {out["path"]: out["md5"] for out in lock["stages"]["copy"]["outs"]}

    revision = revisions.read(["one"])[0]

    assert (17, {}, 0.5) == (revision.params["seed"], revision.answers, figures.named(revision.figures)["student.pearson"].value)
    why = "{path} of one is neither in the cache nor in a remote that answers (its MD5 is {md5})."
    assert [why.format(path=path, md5=md5[path]) for path in ("data/scores/student.jsonl", "data/test.jsonl")] == revision.lacks[:2]
    assert revision.lacks[2].startswith("Next: `dvc pull` or `dvc fetch --all-commits` where a remote has it; else check that revision out")


def test_one_table_that_is_nowhere_is_named_alone(toy_copy: Path) -> None:
    """A table that is not in the workspace nor in the cache is named, the one that is there is not."""
    (toy_copy / tables.TEST.path).unlink()
    shutil.rmtree(toy_copy / ".dvc/cache")

    lacks = revisions.read(["workspace"])[0].lacks

    assert lacks[0].startswith("data/test.jsonl of workspace is neither in the cache nor in a remote")
    assert ["Next: `dvc pull` or `dvc fetch --all-commits` where a remote has it; else `dvc repro` makes it."] == lacks[1:]


def test_a_remote_that_cannot_be_reached_is_said(toy_copy: Path) -> None:
    """Where nothing listens at the remote's address, its tables cannot be had either."""
    run(toy_copy, "dvc", "remote", "add", "--local", "-d", "store", "http://127.0.0.1:1/")
    shutil.rmtree(toy_copy / ".dvc/cache")

    lacks = revisions.read(["one"])[0].lacks

    assert lacks[0].startswith("data/scores/student.jsonl of one is neither in the cache nor in a remote that answers")


def test_a_table_that_may_not_be_read_is_said() -> None:
    """Where a file system refuses, its own words are the reason."""

    class Refusing:
        def open(self, path: str, mode: str) -> None:
            raise PermissionError(f"{path} may not be opened, {mode}")

    lacks = RevisionFiles(Refusing(), "one").unavailable(["data/test.jsonl"])

    assert lacks[0] == "data/test.jsonl of one cannot be read: /data/test.jsonl may not be opened, rb."


def test_tables_of_a_remote_are_read_from_there(toy_copy: Path, tmp_path: Path) -> None:
    """With an empty cache and a remote the table comes from the remote."""
    run(toy_copy, "dvc", "remote", "add", "--local", "-d", "store", str(tmp_path / "store"))
    run(toy_copy, "dvc", "push", "-q", "--all-tags")
    shutil.rmtree(toy_copy / ".dvc/cache")

    assert len(revisions.read(["one"])[0].answers) == 23


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
def test_a_broken_row_is_refused_with_file_and_revision(toy_copy: Path, line: str, message: str) -> None:
    """A table that was cut off or edited stops the comparison."""
    path = toy_copy / tables.TEST.path
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
        ("metrics/cost.json", "{", "metrics/cost.json of workspace is no valid JSON"),
        ("metrics/figures.csv", "judge,figure\n", "metrics/figures.csv of workspace has to have the columns judge, against"),
        ("dvc.yaml", "stages: 3", "DVC cannot read workspace"),
    ],
)
def test_a_broken_file_is_refused_by_name(toy_copy: Path, path: str, text: str, message: str) -> None:
    """Each file that is read is named where it cannot be."""
    (toy_copy / path).write_text(text, encoding="utf-8")

    with pytest.raises(JudgeError, match=message):
        revisions.read(["workspace"])


def test_dvc_keeps_quiet(toy_copy: Path) -> None:
    """Whatever goes wrong, DVC's own log does not reach the terminal."""
    shutil.rmtree(toy_copy / ".dvc/cache")
    code = "from judge.report import revisions\nprint(len(revisions.read(['one'])[0].lacks))"

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=toy_copy, env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )

    assert ("3\n", "") == (result.stdout, result.stderr)
