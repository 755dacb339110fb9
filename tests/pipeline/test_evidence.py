"""The evidence suite on made-up published files, in the tiny project, and the project above it without them."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from judge.evaluation import evidence
from judge.tables.schema import Row
from tests import tiny_project
from tests.conftest import change_yaml
from tests.pipeline import published_files


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project with its last run, and the whole suite run on the made-up files."""
    folder = tiny_project.copy(tiny_project.built(tmp_path_factory), tmp_path_factory.mktemp("evidence") / "project")
    published_files.write(folder / "evidence/data/published")
    change_yaml(folder / "evidence/params.yaml", ask__teacher="likelihood", ask__rows=6)
    tiny_project.run(folder / "evidence", "dvc", "repro")
    return folder


@pytest.fixture(scope="module")
def rows(project: Path) -> list[Row]:
    """The table that the suite made."""
    return evidence.read(project / "evidence/metrics/evidence.csv")


def test_the_project_above_knows_nothing_of_the_suite(project: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """`dvc status`, `dvc repro --dry` and `dvc stage list` say the same without the published files and after the suite has run."""
    before = tiny_project.copy(tiny_project.built(tmp_path_factory), tmp_path / "before")

    for command in (("status",), ("repro", "--dry"), ("stage", "list", "--name-only"), ("exp", "show", "--csv")):
        said = [tiny_project.run(folder, "dvc", *command).stdout for folder in (before, project)]
        assert said[0] == said[1], command
        assert "evouna" not in said[0]


def test_every_task_is_measured(rows: list[Row]) -> None:
    """Each has a student and simple judges, the figure by which it is told first, and the strongest simple judge in a difference."""
    figures = {row["task"]: row["figure"] for row in reversed(rows)}
    expected = dict.fromkeys(("begin_wow", "begin_tc", "begin_cmu", "begin_tc_from_wow", "begin_cmu_from_wow"), "auroc")
    assert expected | {"evouna_nq": "kappa", "vicuna_eval": "pearson"} == figures
    for task in figures:
        judges = {row["judge"] for row in rows if row["task"] == task}
        assert {"student", "overlap", "length", "majority", "cosine"} <= judges
        assert 1 == len([judge for judge in judges if judge.startswith("student less ") and not judge.endswith("teacher")])


def test_n_counts_what_was_set_aside(rows: list[Row]) -> None:
    """All replies but the generic ones; of the questions those that were not trained on, five answers each; none of the unfit one."""
    n = {row["task"]: (row["n"], row["clusters"]) for row in rows if row["judge"] == "student"}

    assert [(20, 10)] * 5 == [counted for task, counted in n.items() if task.startswith("begin")]
    assert 5 * n["evouna_nq"][1] == n["evouna_nq"][0]
    assert 0 < n["evouna_nq"][1] < 29
    assert 2 * n["vicuna_eval"][1] == n["vicuna_eval"][0]


def test_the_teacher_is_asked_about_a_sample(rows: list[Row]) -> None:
    """Six rows of each file of replies, and of nothing else."""
    asked = {(row["task"], row["n"]) for row in rows if row["judge"] in ("teacher", "student less teacher", "teacher less overlap")}
    assert {("begin_wow", 6), ("begin_tc", 6), ("begin_cmu", 6)} == asked


def test_the_ceiling_stands_beside_the_grades(rows: list[Row]) -> None:
    """One grade with the mean of the other two; the made-up grades nearly agree."""
    (ceiling,) = [row for row in rows if row["judge"] == evidence.ONE_SCORE]
    assert ("vicuna_eval", "pearson") == (ceiling["task"], ceiling["figure"])
    assert 0.9 < ceiling["value"] < 1.0


def test_a_baseline_without_a_reference_to_look_for_is_left_out(rows: list[Row]) -> None:
    """`contains` looks for a reference answer, which the replies do not have."""
    assert {"evouna_nq", "vicuna_eval"} == {row["task"] for row in rows if row["judge"] == "contains"}


def test_only_what_an_edit_touches_runs_again(project: Path, tmp_path: Path) -> None:
    """After an edit of the code of figures, nothing is read, trained, judged or asked; without one, only the hashes are noted."""
    copied = tiny_project.copy(project, tmp_path / "project")
    again = tiny_project.run(copied / "evidence", "dvc", "repro").stdout
    assert ["Running stage 'code':"] == [line for line in again.splitlines() if line.startswith("Running")]

    with (copied / "judge/evaluation/__init__.py").open("a", encoding="utf-8") as file:
        file.write("# Edited.\n")
    edited = tiny_project.run(copied / "evidence", "dvc", "repro").stdout
    assert ["Running stage 'code':", "Running stage 'measure':"] == [line for line in edited.splitlines() if line.startswith("Running")]


def test_two_runs_have_the_same_bytes(project: Path, tmp_path: Path) -> None:
    """Every stage once more, from nothing, makes the same table."""
    copied = tiny_project.copy(project, tmp_path / "project")
    for made in ("rows", "judges", "scores", "asked", "code"):
        shutil.rmtree(copied / "evidence/data" / made)
    table = copied / "evidence/metrics/evidence.csv"
    first = table.read_bytes()
    table.unlink()
    stages = yaml.safe_load((copied / "evidence/dvc.lock").read_text(encoding="utf-8"))["stages"]

    tiny_project.run_stages(copied, [stage["cmd"].removeprefix("cd .. && ") for stage in stages.values()])

    assert first == table.read_bytes()


def test_without_the_files_the_suite_says_so(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """A stage that is run by hand exits with 2 and names the file; an entry that is none is refused with the nearest."""
    copied = tiny_project.copy(tiny_project.built(tmp_path_factory), tmp_path / "project")

    missing = tiny_project.run(copied, sys.executable, "-m", "evidence.stages.read", "begin_wow", check=False)
    unknown = tiny_project.run(copied, sys.executable, "-m", "evidence.stages.train", "evouna", check=False)

    assert (2, 2) == (missing.returncode, unknown.returncode)
    assert "there is no file evidence/data/published/begin_dev_wow.tsv" in missing.stderr
    assert "train: got evouna; the nearest is evouna_nq." in unknown.stderr
    assert "Traceback" not in missing.stderr + unknown.stderr
