"""The evidence table: which rows a task gives, and that its figures are those of the functions that measure a run."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from judge.errors import TableError
from judge.evaluation import evidence
from judge.evaluation.evidence import ONE_SCORE, Task, measure
from judge.tables.schema import Row
from tests.evaluation.made_up_run import SETTINGS, THRESHOLD, asked_people, figures_of, judgment


def a_task(**changes: Any) -> Task:
    """The run in which people were asked about three answers of four, as a task of the suite; the teacher judged its first ten answers."""
    run = asked_people()
    teacher = [judgment(row["answer_id"], row["teacher_score"]) for row in run["test"][:10]]
    judged = {"student": run["student"], "overlap": run["baseline"], "length": run["baseline"][::-1], "teacher": teacher}
    return Task("made up", "nothing", "people", "auroc", run["test"], judged, "overlap", THRESHOLD)._replace(**changes)


def found(rows: list[Row], judge: str, figure: str) -> Row:
    """The one row of a judge and a figure."""
    (row,) = [row for row in rows if (row["judge"], row["figure"]) == (judge, figure)]
    return row


def test_every_judge_has_its_lines_and_the_figure_of_the_task_comes_first() -> None:
    """Student, simple judges by name, teacher, and the differences of the two and to the strongest; no line is there twice."""
    rows = measure(a_task(), SETTINGS, 7)

    judges = {"student", "overlap", "length", "teacher", "student less overlap", "student less teacher", "teacher less overlap"}
    assert judges == {row["judge"] for row in rows}
    assert ["auroc"] * len(judges) == [row["figure"] for row in rows[: len(judges)]]
    assert len(rows) == len({(row["judge"], row["figure"]) for row in rows})
    assert set(evidence.COLUMNS) == set(rows[0])


def test_the_figures_are_those_that_evaluate_gives() -> None:
    """Value and interval of kappa are the same as in metrics/figures.csv, and so is the difference to the baseline."""
    rows, named = measure(a_task(), SETTINGS, 7), figures_of(asked_people())

    for judge, name in (("student", "student"), ("overlap", "baseline"), ("student less overlap", "baseline_difference")):
        expected, row = named[f"{name}.human.kappa"], found(rows, judge, "kappa")
        assert expected[:4] == (row["value"], row["low"], row["high"], row["n"])


def test_n_clusters_and_base_rate_are_those_of_the_rows_behind_a_figure() -> None:
    """Of 40 answers about 20 documents people were asked about 30, and the teacher about eight of those, of five documents."""
    task = a_task()
    rows = measure(task, SETTINGS, 7)
    said = [row["human_class"] for row in task.rows if row["human_class"]]

    student, teacher = found(rows, "student", "kappa"), found(rows, "teacher", "kappa")
    assert (30, 20, pytest.approx(said.count("acceptable") / 30)) == (student["n"], student["clusters"], student["base_rate"])
    assert (8, 5, pytest.approx(said[:8].count("acceptable") / 8)) == (teacher["n"], teacher["clusters"], teacher["base_rate"])
    assert 8 == found(rows, "student less teacher", "kappa")["n"]


def test_recorded_scores_are_held_against_with_one_beside_the_others() -> None:
    """Pearson's r of the student with the recorded score, and of each of three scores with the mean of the other two, on average."""
    generator = np.random.default_rng(1)
    run = asked_people()
    teacher = [row["teacher_score"] for row in run["test"]]
    scores = [np.clip(np.array(teacher) + generator.normal(0, 0.2, len(teacher)), 0, 1) for _ in range(3)]
    single = [[judgment(row["answer_id"], float(score)) for row, score in zip(run["test"], given, strict=True)] for given in scores]
    task = a_task(against="teacher", figure="pearson", judgments={"student": run["student"], "overlap": run["baseline"]}, single=single)

    rows = measure(task, SETTINGS, 7)

    alone = [
        stats.pearsonr(scores[one], np.mean([scores[other] for other in range(3) if other != one], axis=0)).statistic for one in range(3)
    ]
    assert pytest.approx(np.mean(alone)) == found(rows, ONE_SCORE, "pearson")["value"]
    student = [row["score"] for row in run["student"]]
    assert pytest.approx(stats.pearsonr(teacher, student).statistic) == found(rows, "student", "pearson")["value"]
    assert {"student", "overlap", "student less overlap", ONE_SCORE} == {row["judge"] for row in rows}


def test_the_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """In full precision, None where nothing is."""
    rows = measure(a_task(), SETTINGS, 7)
    path = tmp_path / "evidence.csv"
    path.write_text(evidence.to_csv(rows), encoding="utf-8")

    assert rows == evidence.read(path)


@pytest.mark.parametrize("text", ["task,judge\n", "\n"])
def test_another_table_is_refused(tmp_path: Path, text: str) -> None:
    """The message names the file and what makes it."""
    path = tmp_path / "evidence.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(TableError, match="make evidence"):
        evidence.read(path)


def test_a_table_that_was_never_made_is_named(tmp_path: Path) -> None:
    """With what makes it."""
    with pytest.raises(TableError, match="make evidence"):
        evidence.read(tmp_path / "evidence.csv")
