"""Figures as they are printed, and the tables that show them."""

import pytest

from judge.evaluation import figures
from judge.evaluation.definitions import BY_GENERATOR, FIGURES
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import ALL, NONE, PEOPLE, TEACHER, Estimate, counted, measured
from judge.report import cells
from judge.report.cells import Cell
from judge.tables.schema import Row

Run = tuple[Evaluation, list[Row]]


@pytest.mark.parametrize(
    ("estimate", "cell", "text"),
    [
        (Estimate(0.12345, -0.1, 0.30049, 9, None), Cell("0.123", "[-0.100, 0.300]", ""), "0.123 [-0.100, 0.300]"),
        (Estimate(1.0, None, None, 9, "no_spread"), Cell("1.000", "", "d"), "1.000 (d)"),
        (Estimate(None, None, None, 0, "undefined"), Cell("–", "", "a"), "– (a)"),
    ],
)
def test_a_figure_is_printed_with_its_interval_or_its_note(estimate: Estimate, cell: Cell, text: str) -> None:
    """Three decimals; a dash where there is no figure; the letter of the note that says why something is missing."""
    assert (cell, text) == (cells.cell(estimate), str(cells.cell(estimate)))


def test_the_lines_keep_the_order_of_the_table_and_of_the_judges() -> None:
    """Kappa before AUROC, baseline before student, as asked; nothing is sorted by name."""
    values = {("student", "kappa"): 0.1, ("student", "auroc"): 0.2, ("baseline", "kappa"): 0.3, ("baseline", "auroc"): 0.4}
    rows = [measured(judge, TEACHER, ALL, name, 9, (value, None, None, None)) for (judge, name), value in values.items()]

    lines = cells.lines(figures.frame(rows), "figure", ("baseline", "student"))

    assert [("kappa", ["0.300", "0.100"]), ("auroc", ["0.400", "0.200"])] == [(name, list(map(str, row))) for name, row in lines.items()]


def test_against_people_stands_what_they_say_together() -> None:
    """Kappa with one annotator alone is another figure, wherever it stands in the table."""
    parts = ("annotator=anna", ALL, "annotator=ben")
    rows = [
        measured(side, PEOPLE, part, "kappa", 9, (value / 10, None, None, None))
        for side in cells.PEOPLE_SIDES
        for value, part in enumerate(parts)
    ]

    ((label, line),) = cells.against_people(figures.frame(rows))

    assert ("Cohen's kappa", {"0.100"}) == (label, set(map(str, line)))


def test_each_generator_has_its_figures(run: Run) -> None:
    """Name, n and a line for each figure, with the cells of student, baseline and difference."""
    made = cells.generators(run[0].figures)

    assert [("large", 12), ("small", 12)] == [(name, n) for name, n, _ in made]
    assert [FIGURES[name].label for name in BY_GENERATOR] == [label for label, _ in made[0][2]]
    difference = figures.get(run[0].figures, "difference", "mae", part="generator=small")
    assert cells.cell(difference) == dict(made[1][2])["Mean absolute error"][2]


def test_each_kind_of_statement_has_its_line_and_the_brier_score_comes_last(run: Run, recorded: Run) -> None:
    """Kinds in words with the number of false statements; nothing where nobody was asked."""
    made = cells.probes(run[0].figures)

    assert [("all kinds", 12), ("replaced name", 12), ("Brier score, all", 24)] == [(name, n) for name, n, _ in made]
    assert {3} == {len(row) for _, _, row in made}
    assert ([], []) == (cells.probes(recorded[0].figures), cells.probe_judges(recorded[0].figures))


def test_the_shares_above_the_threshold_have_the_true_statements_first(run: Run, recorded: Run) -> None:
    """All true ones, all false ones, then each kind; a cell for each judge; nothing where nobody was asked."""
    made = cells.accepted(run[0].figures)

    assert [("all true ones", 12), ("all false ones", 12), ("sentence", 12), ("replaced name", 12)] == [(name, n) for name, n, _ in made]
    assert [{"1.000"}, {"0.000"}, {"1.000"}, {"0.000"}] == [{cell.value for cell in row} for _, _, row in made]
    assert {3} == {len(row) for _, _, row in made}
    assert [] == cells.accepted(recorded[0].figures)


def test_failures_are_counted_with_their_reasons() -> None:
    """How many, which share, and why, for each of the three judges."""
    rows = [
        counted(judge, NONE, name, 40, value)
        for judge, failed in (("teacher", 0), ("student", 3), ("baseline", 0))
        for name, value in (("failed", failed), ("failed_share", failed / 40))
    ]
    rows += [counted("student", NONE, "failed", 40, count, f"reason={reason}") for reason, count in (("error", 1), ("no_verdict", 2))]

    expected = [("teacher", 0, "0.0%", ""), ("student", 3, "7.5%", "error: 1, no_verdict: 2"), ("baseline", 0, "0.0%", "")]
    assert expected == cells.failures(figures.frame(rows))
