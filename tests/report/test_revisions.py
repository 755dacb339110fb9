"""Reading revisions, in a small real repository of git and DVC: what is read, and what is left alone."""

from pathlib import Path
from typing import Any

import pytest

from judge.errors import TableError
from judge.evaluation import figures
from judge.report import revisions
from judge.tables import levels
from tests.report.toy_project import PARAMS, run, write_rows


@pytest.mark.parametrize(
    ("name", "seed", "threshold"),
    [("two", 18, 0.8), ("HEAD", 18, 0.8), ("HEAD~1", 17, 0.8), ("side", 17, 0.8), ("lenient", 18, 0.4), ("workspace", 18, 0.8)],
)
def test_a_tag_a_commit_a_branch_an_experiment_and_the_workspace_are_read(toy: Path, name: str, seed: int, threshold: float) -> None:
    """Each has the params, the tables and the figures that were committed there."""
    assert toy.is_dir()

    revision = revisions.read([name])[0]

    assert (seed, threshold, 23, 0.75 if seed == 18 else 0.5) == (
        revision.params["seed"],
        revision.threshold,
        len(revision.answers),
        figures.named(revision.figures)["student.pearson"].value,
    )


def test_the_workspace_is_read_as_it_lies(toy_copy: Path) -> None:
    """An edit that is not committed is seen, and a class that no longer follows from the threshold is told."""
    (toy_copy / "params.yaml").write_text(PARAMS.replace("0.8", "0.05"), encoding="utf-8")

    revision = revisions.read(["workspace"])[0]

    assert revision.threshold == 0.05
    assert [
        "workspace: 13 classes of data/test.jsonl do not follow from label.threshold 0.05; `dvc repro` makes them anew",
    ] == revision.notes


def test_a_failed_judgment_has_no_score_and_no_class(toy: Path) -> None:
    """The student's failed judgment of answer 3 is none, and that of answer 0 has score, probability and class."""
    assert toy.is_dir()

    answers = revisions.read(["two"])[0].answers

    assert revisions.Judged(None, None, None) == answers["answer03"].student
    assert revisions.Judged(0.95, 1.0, "acceptable") == answers["answer00"].student


def test_reading_leaves_the_working_tree_alone(toy: Path) -> None:
    """Bytes, times of change and `git status` are the same before and after."""

    def state() -> tuple[dict[str, tuple[int, bytes]], str]:
        files = [path for path in toy.rglob("*") if path.is_file() and not {".git", "tmp"} & set(path.relative_to(toy).parts)]
        return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}, run(toy, "git", "status", "--porcelain")

    before = state()

    revisions.read(["one", "lenient", "workspace"])

    assert before == state()


def test_an_older_table_lacks_columns_and_is_read(toy_copy: Path) -> None:
    """What is missing is told; the class follows from the score, and the score from the levels."""
    rows = [{"answer_id": "answer00", "teacher_score": 0.9}, {"answer_id": "answer01", "teacher_score": 0.2}]
    write_rows(toy_copy / "data/test.jsonl", rows)
    write_rows(toy_copy / "data/scores/student.jsonl", [{"item_id": "answer00", "levels": list(levels.interpolate(0.85))}])

    revision = revisions.read(["workspace"])[0]

    missing = ["document_id", "generator", "question", "answer", "teacher_levels", "teacher_class"]
    notes = [f"workspace: data/scores/student.jsonl has no column {name}" for name in ("score", "acceptable")]
    assert [*notes, *(f"workspace: data/test.jsonl has no column {name}" for name in missing)] == revision.notes
    assert ["acceptable", "unacceptable"] == [answer.teacher.label for answer in revision.answers.values()]
    assert revision.answers["answer00"].student == revisions.Judged(0.85, 1.0, "acceptable")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"score": 0.82, "acceptable": 0.6}, (0.82, 0.6, "acceptable")),
        ({"score": 0.82, "acceptable": None}, (0.82, 1.0, "acceptable")),
        ({"score": 0.8}, (0.8, 0.0, "unacceptable")),
    ],
)
def test_the_probability_of_acceptable_is_the_table_s_own(row: dict[str, Any], expected: tuple[float, float, str]) -> None:
    """Where the table has none it is 1 or 0, as the class says: acceptable is strictly above the threshold."""
    assert expected == revisions.judged(row, 0.8, "the table")


@pytest.mark.parametrize("row", [{"score": 1.1}, {"score": "x"}, {"score": 0.5, "acceptable": 1.5}, {"score": 0.5, "acceptable": "x"}])
def test_a_judgment_outside_0_and_1_is_refused(row: dict[str, Any]) -> None:
    """The message names the table."""
    with pytest.raises(TableError, match="the table has a judgment whose score"):
        revisions.judged(row, 0.8, "the table")


def test_only_files_that_do_not_repeat_the_figures_are_read_beside_them(toy: Path) -> None:
    """metrics/evaluation.json and summary.json hold the figures again; the others are read as they are."""
    assert toy.is_dir()

    assert {"metrics/cost.json": {"usd": 0.25, "by_model": {"small": 3}, "unit": "$"}} == revisions.read(["two"])[0].metrics


def test_a_revision_without_figures_has_none(toy_copy: Path) -> None:
    """A workspace that was not evaluated yet has an empty table of figures."""
    for path in ("evaluation.json", "figures.csv"):
        (toy_copy / "metrics" / path).unlink()

    assert revisions.read(["workspace"])[0].figures.empty
