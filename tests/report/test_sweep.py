"""The table of a sweep, made from what DVC knows of the runs: what it shows, and what it keeps."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from judge.report import sweep

Run = tuple[str, Mapping[str, Any], Mapping[str, Any]]


def run(name: str, threshold: Any, pearson: float | None, **settings: Any) -> Run:
    """A run with a threshold that is swept, a seed that is not, and two figures."""
    figures = {"pearson": pearson, "pearson_low": 0.25, "pearson_high": 0.75, "test_rows": 183}
    return name, {"seed": 17, "label.threshold": threshold, **settings}, figures


RUNS = [run("main", 0.5, 0.5), run("high", 10, 0.625), run("low", 0.25, None)]


def test_the_settings_that_differ_stand_before_the_figures() -> None:
    """A setting that all share is left out; an interval stands beside its figure, and a count stays whole."""
    table = sweep.join(RUNS)

    assert ["experiment", "label.threshold", "pearson", "test_rows"] == list(table.columns)
    assert ["main", "0.5", "0.500 [0.250, 0.750]", "183"] == table.iloc[1].tolist()


def test_runs_are_sorted_by_what_was_set_as_numbers() -> None:
    """0.25 before 0.5 before 10, whatever the names are; what is no number comes after all numbers."""
    table = sweep.join([*RUNS, run("odd", "auto", 0.5)])

    assert ["low", "main", "high", "odd"] == table["experiment"].tolist()


def test_what_a_run_does_not_have_is_a_dash() -> None:
    """A setting that only one run has, a figure that another lacks, and an undefined figure; whole numbers beside them stay whole."""
    lacking: Run = ("old", {"seed": 17, "label.threshold": 0.5}, {"pearson": 0.125})

    table = sweep.join([run("new", 0.5, None, **{"distil.epochs": 5}), lacking])

    assert {"distil.epochs": "5", "pearson": "– [0.250, 0.750]", "test_rows": "183"}.items() <= dict(table.iloc[0]).items()
    assert {"distil.epochs": "–", "pearson": "0.125", "test_rows": "–"}.items() <= dict(table.iloc[1]).items()


def test_one_and_true_are_different_settings() -> None:
    """Values are told apart by how they are written."""
    runs = [run(f"{value}", value, 0.5) for value in (1, True)]

    assert "label.threshold" in sweep.join(runs).columns


@pytest.mark.usefixtures("workspace")
def test_a_table_is_kept_under_the_names_of_what_was_swept() -> None:
    """Without the experiments' names; a cell with a comma is quoted."""
    sweep.save(sweep.join([run("b", 0.5, 0.5, student="x"), run("a", 0.25, 0.5, student="y")]))

    expected = "label.threshold,student,pearson,test_rows\n"
    expected += '0.25,y,"0.500 [0.250, 0.750]",183\n0.5,x,"0.500 [0.250, 0.750]",183\n'
    assert expected == Path("metrics/sweeps/label.threshold+student.csv").read_text(encoding="utf-8")


@pytest.mark.usefixtures("workspace")
def test_nothing_swept_is_nothing_kept() -> None:
    """A single run has no setting that differs."""
    sweep.save(sweep.join(RUNS[:1]))

    assert not Path("metrics").exists()


def test_the_text_has_aligned_columns() -> None:
    """As wide as the widest cell and two spaces, no spaces at the end of a line."""
    lines = sweep.as_text(sweep.join(RUNS[:2])).splitlines()

    assert "experiment  label.threshold  pearson               test_rows" == lines[0]
    assert "main        0.5              0.500 [0.250, 0.750]  183" == lines[1]
