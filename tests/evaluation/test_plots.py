"""The tables behind the pictures."""

import pytest

from judge.evaluation import plots
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import Estimate
from judge.tables.levels import classify
from judge.tables.schema import Row
from tests.evaluation.made_up_run import DOCUMENTS, THRESHOLD

SHOWN = ("teacher", "student", "baseline")


def test_the_row_of_a_generator_has_its_figures(evaluated: Evaluation, named: dict[str, Estimate]) -> None:
    """Pearson's r and kappa of student and baseline with both ends, and the number of answers, of each generator by name."""
    rows = evaluated.plots["by_generator"]
    kappa = named["baseline.by_generator.NA.kappa"]

    assert [("NA", DOCUMENTS), ("small", DOCUMENTS)] == [(row["generator"], row["n"]) for row in rows]
    assert (kappa.value, kappa.low, kappa.high) == tuple(rows[0][f"baseline_kappa{end}"] for end in ("", "_low", "_high"))


def test_the_row_of_a_kind_of_statement_has_its_auroc(evaluated: Evaluation, named: dict[str, Estimate]) -> None:
    """A row for each judge and kind, all kinds first; n counts the false statements."""
    rows = evaluated.plots["probes"]
    names = named["probe.baseline.auroc.replaced_name"]

    kinds = {"all": 2 * DOCUMENTS, "replaced_name": DOCUMENTS, "replaced_number": DOCUMENTS}
    assert [(judge, kind, n) for judge in SHOWN for kind, n in kinds.items()] == [(row["judge"], row["kind"], row["n"]) for row in rows]
    assert (names.value, names.low, names.high) == tuple(rows[-2][f"auroc{end}"] for end in ("", "_low", "_high"))


def _answer(name: str, generator: str, score: float | None) -> Row:
    teacher = {"teacher_score": score, "teacher_class": None if score is None else classify(score, THRESHOLD)}
    return {"answer_id": name, "generator": generator, "question": "?", "answer": name, **teacher}


def test_the_spread_of_a_generator_counts_each_judged_answer_once() -> None:
    """Its share of acceptable answers, its mean, and a share for each span, whose upper end is in it; failed judgments are left out."""
    rows = [_answer(str(score), "b", score) for score in (0.0, 0.2, 0.21, 0.8, 0.81)] + [_answer("x", "b", None), _answer("y", "a", None)]
    (row,) = plots.spread(rows)
    assert ("b", 5, 0.2, pytest.approx(0.404)) == tuple(row[name] for name in ("generator", "n", "acceptable_share", "mean_score"))
    assert [0.4, 0.2, 0.2, 0.2] == [row[span] for span in plots.SPANS]


def test_the_examples_are_those_of_the_smallest_ids() -> None:
    """Five at most, in order, of the judged answers, as the tutorial's table has them."""
    rows = plots.examples([_answer(name, "a", None if name == "2" else 0.9) for name in "7632541"])
    assert ["1", "3", "4", "5", "6"] == [row["answer"] for row in rows]
    assert all(tuple(row) == plots.COLUMNS["examples"] for row in rows)


def test_the_sweep_at_the_threshold_is_the_figure_itself(evaluated: Evaluation, named: dict[str, Estimate]) -> None:
    """The row of 0.8 in the table of thresholds has the kappa of the figures."""
    (row,) = [row for row in evaluated.plots["thresholds"] if row["threshold"] == THRESHOLD]

    assert named["student.kappa"].value == row["student_kappa"]


def test_the_curve_of_the_roc_runs_from_corner_to_corner(evaluated: Evaluation) -> None:
    """The student's curve begins at (0, 0) and ends at (1, 1)."""
    points = [(row["fpr"], row["tpr"]) for row in evaluated.plots["roc"] if row["judge"] == "student"]

    expected = ((0.0, 0.0), (1.0, 1.0))

    assert expected == (points[0], points[-1])


def test_the_bins_of_the_reliability_hold_every_answer(evaluated: Evaluation) -> None:
    """No probability falls between the bins."""
    expected = 2 * DOCUMENTS

    assert expected == sum(row["n"] for row in evaluated.plots["reliability"])


def test_a_bin_of_the_reliability_holds_the_probabilities_near_its_middle(evaluated: Evaluation) -> None:
    """The mean prediction of a bin is no further than 0.05 from the middle of the bin."""
    assert all(abs(row["mean_predicted"] - row["bin"]) <= 0.05 + 1e-12 for row in evaluated.plots["reliability"])


@pytest.mark.parametrize("name", plots.COLUMNS)
def test_a_plot_table_survives_its_csv_file(name: str, evaluated: Evaluation) -> None:
    """Rows read back are the rows written: full precision, null as null, and a generator named NA as itself."""
    rows = evaluated.plots[name]

    assert rows
    assert rows == plots.from_csv(plots.to_csv(name, rows))


def test_a_table_without_rows_still_names_its_columns() -> None:
    """`dvc plots` finds the columns of an empty curve."""
    expected = '"judge","fpr","tpr"\n'

    assert expected == plots.to_csv("roc", [])
