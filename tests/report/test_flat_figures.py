"""Old flat figures: which row of the table each key becomes."""

from typing import Any

import pytest

from judge.evaluation import figures
from judge.report import flat_figures

# An excerpt of metrics/evaluation.json as it was before the table.
FLAT: dict[str, Any] = {
    "student.kappa": 0.8,
    "student.kappa_low": 0.7,
    "student.kappa_high": 0.9,
    "difference.kappa": 0.6,
    "difference.kappa_low": None,
    "difference.kappa_high": None,
    "difference.kappa_reason": "no_spread",
    "student.n": 180,
    "difference.n": 179,
    "test.n": 183,
    "test.documents": 61,
    "human.n": 50,
    "teacher.judged": 182,
    "teacher.failed": 1,
    "teacher.failed_share": 0.0055,
    "teacher.failed_by.no_verdict": 1,
    "teacher.acceptable_share": 0.25,
    "student.by_generator.gpt-4.1.kappa": 0.75,
    "student.by_generator.gpt-4.1.n": 61,
    "teacher.human.f1": 0.5,
    "teacher.human.n": 49,
    "probe.n": 683,
    "probe.true_share": 0.385,
    "probe.student.auroc.all": 0.98,
    "probe.student.n.all": 420,
    "probe.student.auroc.replaced_name": 1.0,
    "probe.student.n.replaced_name": 44,
    "probe.student.brier": 0.07,
    "probe.student.failed": 0,
    "probe.student.n_true": 263,
    "probe.student.n": 683,
    "interval.confidence": 0.95,
}


@pytest.mark.parametrize(
    ("columns", "value", "n"),
    [
        (("student", "teacher", "all", "kappa"), 0.8, 180),
        (("difference", "teacher", "all", "kappa"), 0.6, 179),
        (("test", "none", "all", "n"), 183, 183),
        (("test", "none", "all", "documents"), 61, 183),
        (("people", "none", "all", "n"), 50, 50),
        (("teacher", "none", "all", "judged"), 182, 183),
        (("teacher", "none", "all", "failed"), 1, 183),
        (("teacher", "none", "all", "failed_share"), 0.0055, 183),
        (("teacher", "none", "all", "acceptable_share"), 0.25, 182),
        (("student", "teacher", "generator=gpt-4.1", "kappa"), 0.75, 61),
        (("teacher", "people", "all", "f1"), 0.5, 49),
        (("probe", "none", "all", "n"), 683, 683),
        (("probe", "none", "all", "true_share"), 0.385, 683),
        (("student", "truth", "all", "auroc"), 0.98, 420),
        (("student", "truth", "kind=replaced_name", "auroc"), 1.0, 44),
        (("student", "truth", "all", "brier"), 0.07, 683),
        (("student", "truth", "all", "failed"), 0, 683),
        (("student", "truth", "all", "true_rows"), 263, 683),
    ],
)
def test_a_key_becomes_a_row(columns: tuple[str, str, str, str], value: float, n: int) -> None:
    """Judge, against, slice and figure come from the key, the rows from the count beside it; a generator may have dots in its name."""
    judge, against, part, figure = columns

    estimate = figures.look_up(flat_figures.frame(FLAT), judge, figure, against, part)

    assert estimate is not None
    assert (value, n) == (estimate.value, estimate.n)


def test_ends_and_reasons_are_no_figures_of_their_own() -> None:
    """An interval and the reason why there is none stand in the row of their figure, and so does the count of its rows."""
    table = flat_figures.frame(FLAT)

    assert (0.7, 0.9) == figures.named(table)["student.kappa"][1:3]
    assert figures.named(table)["difference.kappa"].reason == "no_spread"
    ends = {key for key in FLAT if key.endswith(("_low", "_high", "_reason"))}
    counts = {"student.n", "difference.n", "student.by_generator.gpt-4.1.n", "teacher.human.n", "probe.student.n"}
    counts |= {"probe.student.n.all", "probe.student.n.replaced_name"}
    assert len(FLAT) - len(ends) - len(counts) == len(table)


def test_every_key_has_its_old_name_in_the_table() -> None:
    """A rule of the gate that was written for the flat file is about the same figure of the table."""
    named = figures.named(flat_figures.frame(FLAT))

    assert {key: value for key, value in FLAT.items() if not key.endswith(("_low", "_high", "_reason"))} == {
        key: named[key].value for key in FLAT if key in named
    }


def test_nothing_makes_an_empty_table() -> None:
    """A file without keys has no rows, and all the columns."""
    table = flat_figures.frame({})

    assert (0, list(figures.COLUMNS)) == (len(table), list(table.columns))
