"""What people say, as report and terminal show it."""

import pandas as pd
import pytest

from judge.evaluation import figures
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import ALL, NONE, PEOPLE, counted, measured
from judge.report import people, results
from judge.tables.schema import Row
from tests.report.made_up_run import page_of

AMONG = [
    counted(PEOPLE, NONE, "annotators", 16, 2),
    counted(PEOPLE, NONE, "shared", 16, 12),
    measured(PEOPLE, NONE, ALL, "ceiling", 12, (0.7, 0.6, 0.8, None)),
    measured(PEOPLE, NONE, ALL, "alpha", 12, (0.69, 0.6, 0.8, None)),
    measured(PEOPLE, NONE, ALL, "alpha_levels", 12, (0.69, 0.6, 0.8, None)),
]
AS_ONE = [
    measured(judge, PEOPLE, ALL, name, n, (value, value - 0.1, value + 0.1, None))
    for judge in people.JUDGES
    for name, n, value in (("single_kappa", 16, 0.65), ("ceiling_difference", 12, -0.05))
]
NO_TEST = [
    measured(judge, PEOPLE, ALL, name, 12, (None, None, None, "few_annotators"))
    for judge in people.JUDGES
    for name in ("winning_rate", "advantage")
]


@pytest.fixture(scope="module")
def table(recorded: tuple[Evaluation, list[Row]]) -> pd.DataFrame:
    """Figures of a run whose answers two people labelled."""
    return pd.concat([recorded[0].figures, figures.frame([*AMONG, *AS_ONE, *NO_TEST])], ignore_index=True)


def test_labels_of_one_and_zero_have_one_alpha(table: pd.DataFrame) -> None:
    """The alpha of levels says the same, and is not shown twice."""
    labels = [line.label for line in people.among_themselves(table)]
    assert ["Cohen's kappa, mean over pairs of people: the ceiling", "Krippendorff's alpha of the class"] == labels


def test_a_test_that_needs_more_people_has_no_line(table: pd.DataFrame) -> None:
    """Two people are too few for the alternative annotator test."""
    assert ["0.650 [0.550, 0.750]", "-0.050 [-0.150, 0.050]"] == [str(line.cells[0]) for line in people.as_one_more(table)]


def test_nobody_who_labelled_here_means_no_lines(recorded: tuple[Evaluation, list[Row]]) -> None:
    """Verdicts that came with the corpus are of nobody in particular."""
    assert ([], [], None) == (
        people.among_themselves(recorded[0].figures),
        people.as_one_more(recorded[0].figures),
        people.several(recorded[0].figures),
    )


def test_a_p_value_is_never_zero(recorded: tuple[Evaluation, list[Row]]) -> None:
    """Below a thousandth it says so."""
    small = figures.frame([measured("difference", PEOPLE, ALL, "mcnemar_p", 16, (1e-9, None, None, None))])
    assert [("student and teacher", ["< 0.001"])] == [
        (name, [str(line.cells[0]) for line in lines]) for name, lines in people.tests(small) if name == "student and teacher"
    ]
    assert {"student and teacher"} < {name for name, _ in people.tests(recorded[0].figures)}


def test_terminal_and_page_tell_it(table: pd.DataFrame, recorded: tuple[Evaluation, list[Row]]) -> None:
    """The ceiling stands in both, and what the student has less."""
    evaluation, test = recorded
    page = page_of(Evaluation(table, evaluation.plots), test)
    text = results.results_table(table)
    for shown in ("0.700 [0.600, 0.800]", "-0.050 [-0.150, 0.050]"):
        assert shown in text
        assert shown.partition(" ")[0] in page
    assert "2 people labelled answers, and 12 answers have labels of two or more." in page
