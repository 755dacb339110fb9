"""What people say, as report, terminal and card show it: among themselves, each judge as one more of them, and tests of two judges."""

from typing import TYPE_CHECKING, NamedTuple

from judge.evaluation import figures
from judge.evaluation.figures import ALL, BASELINE_DIFFERENCE, NONE, PEOPLE, TEACHER_DIFFERENCE, Estimate
from judge.report.cells import Cell, cell

if TYPE_CHECKING:
    import pandas as pd

JUDGES = ("student", "baseline", "teacher")
_AMONG = {
    "ceiling": "Cohen's kappa, mean over pairs of people: the ceiling",
    "alpha": "Krippendorff's alpha of the class",
    "alpha_levels": "Krippendorff's alpha of the labels",
}
_AS_ONE = {
    "single_kappa": "Cohen's kappa with one person, mean over people",
    "ceiling_difference": "the same less that of two people, on the same answers",
    "winning_rate": "alternative annotator test: winning rate",
    "advantage": "alternative annotator test: average advantage probability",
}
_FEWEST = {"ceiling_difference": 2}
_TESTS = {"mcnemar_p": "McNemar's test of the class, p", "williams_p": "Williams' test of the correlation, p"}


class Line(NamedTuple):
    """A line of a table: what it is, its cells, and the answers behind it."""

    label: str
    cells: list[Cell]
    n: int | None


def among_themselves(table: "pd.DataFrame") -> list[Line]:
    """How far people agree among themselves; none where fewer than two labelled the same answers."""
    found = {name: figures.look_up(table, PEOPLE, name, NONE) for name in _AMONG}
    if found["alpha"] == found["alpha_levels"]:
        # Labels of 1 and 0 are classes, and there is one alpha.
        del found["alpha_levels"]
    return [Line(_AMONG[name], [cell(each)], each.n) for name, each in found.items() if each is not None and each.n]


def as_one_more(table: "pd.DataFrame") -> list[Line]:
    """Each of `JUDGES` as one more person; none where nobody has labelled here."""
    made = []
    for name, label in _AS_ONE.items():
        found = [figures.look_up(table, judge, name, PEOPLE) for judge in JUDGES]
        known = [each for each in found if each is not None]
        people = figures.look_up(table, PEOPLE, "annotators", NONE)
        # With one or two people the figures of several are no figures; with three it has to be said why there are none yet.
        wanted = name == "single_kappa" or (people is not None and (people.value or 0) >= _FEWEST.get(name, 3))
        if len(known) == len(JUDGES) and wanted:
            made.append(Line(label, [cell(each) for each in known], known[0].n))
    return made


def tests(table: "pd.DataFrame") -> list[tuple[str, list[Line]]]:
    """For each two judges their names and the p-values of what they differ by; none where no person has spoken."""
    best = figures.best_baseline(table)
    names = {
        BASELINE_DIFFERENCE: f"student and {best}",
        "difference": "student and teacher",
        TEACHER_DIFFERENCE: f"teacher and {best}",
    }
    made = []
    for name, label in names.items():
        found = {test: figures.look_up(table, name, figure, PEOPLE) for figure, test in _TESTS.items()}
        lines = [Line(test, [_p(each)], each.n) for test, each in found.items() if each is not None]
        if lines:
            made.append((label, lines))
    return made


def _p(estimate: Estimate) -> Cell:
    """A p-value, which is never 0."""
    shown = cell(estimate)
    return shown._replace(value="< 0.001") if estimate.value is not None and estimate.value < 0.001 else shown


def weighted(table: "pd.DataFrame") -> str:
    """A sentence where answers were not all equally likely to be asked about; else empty."""
    found = figures.look_up(table, PEOPLE, "weighted", NONE)
    if found is None or not found.value:
        return ""
    return "Some were chosen because there was more to learn from them, so each counts by 1 over the chance that it was asked about."


def several(table: "pd.DataFrame") -> tuple[int, int] | None:
    """How many people labelled, and how many answers two or more of them did; None where nobody labelled here."""
    people, shared = (figures.look_up(table, PEOPLE, name, NONE, ALL) for name in ("annotators", "shared"))
    return None if people is None or shared is None else (int(people.value or 0), int(shared.value or 0))
