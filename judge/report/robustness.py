"""What judges can be fooled by, as tables for the page and for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from judge.evaluation import figures
from judge.evaluation.figures import ALL, NONE, UNALTERED
from judge.report import cells
from judge.report.cells import JUDGES, Cell

if TYPE_CHECKING:
    import pandas as pd


class Line(NamedTuple):
    """What a row of a table is called, and for each of `JUDGES` its figure with the rows behind it; None where it has none."""

    label: str
    cells: list[tuple[Cell, int] | None]


class Part(NamedTuple):
    """A table: what it is called, what its figures say, and its lines."""

    title: str
    meaning: str
    lines: list[Line]


# Of figures on perturbed statements: what the lines of one figure are called as a table, and what the figure says.
_TITLES = {
    "lifted": (
        "Instructions to the judge in false answers",
        "Share of false statements, rejected as they were, that an instruction to the judge gets accepted: 0 is best.",
    ),
    "true_flipped": (
        "True statements, altered and still true",
        "Share whose class changes: 0 is best.",
    ),
    "false_flipped": (
        "False statements, altered and still false",
        "Share whose class changes: 0 is best.",
    ),
    "false_lifted": (
        "False statements, altered and let through",
        "Share of those rejected as they were that are accepted once they are altered: 0 is best.",
    ),
    "accepted": ("False by themselves", "Share above the threshold: 0 is best."),
    "no_verdict": ("No words", "Share of answers without a letter or digit that get no verdict: 1 is best."),
    "true_shift": ("True statements, altered: the score", "Mean change of the score: 0 is best."),
    "false_shift": ("False statements, altered: the score", "Mean change of the score: 0 is best."),
    "true_length_slope": ("Length, true statements", "Change of the score for each doubling of the words, at equal kind: 0 is best."),
    "false_length_slope": ("Length, false statements", "Change of the score for each doubling of the words, at equal kind: 0 is best."),
}
# Of those that are shares, the best value.
_BEST = {"lifted": 0.0, "true_flipped": 0.0, "false_lifted": 0.0, "accepted": 0.0, "no_verdict": 1.0}
_AT_EQUAL_TRUTH = "Mean score of the judge. Within a class the answers of one generator may still be better than another's."
# Of the mean scores of the answers in a class: what the lines of one figure are called as a table.
_SCORES = {
    "score_if_people_accepted": "Answers that people accept, by generator",
    "score_if_people_rejected": "Answers that people reject, by generator",
    "score_if_teacher_accepted": "Answers that the teacher accepts, by generator",
    "score_if_teacher_rejected": "Answers that the teacher rejects, by generator",
}


def parts(table: "pd.DataFrame") -> list[Part]:
    """The tables that a table of figures has rows for, the most important first."""
    titles = _TITLES | {figure: (title, _AT_EQUAL_TRUTH) for figure, title in _SCORES.items()}
    made = [Part(*title, _lines(_shown(table, [figure]))) for figure, title in titles.items()]
    return [part for part in made if part.lines]


def worst(table: "pd.DataFrame", most: int) -> list[Part]:
    """Of the tables of shares the line of all, and at most so many lines in which the student is furthest from the best, in their order."""
    made = []
    for figure, best in _BEST.items():
        rows = _shown(table, [figure])
        of_student = rows[(rows["judge"] == "student") & (rows["slice"] != ALL)].dropna(subset=["value"])
        off = {str(part): abs(float(value) - best) for part, value in zip(of_student["slice"], of_student["value"], strict=True)}
        bad = [part for part in sorted(off, key=lambda part: (-off[part], part)) if off[part] > 0][:most]
        made.append(Part(*_TITLES[figure], _lines(rows[rows["slice"].isin([ALL, *bad])])))
    return [part for part in made if part.lines]


def robustness_table(table: "pd.DataFrame") -> str:
    """The same as plain text, about 110 columns wide."""
    confidence = figures.get(table, "interval", "confidence", NONE).value
    lines = [f"{confidence:.0%} intervals by document, and the rows behind each figure"]
    for part in parts(table):
        lines += ["", f"{part.title}. {part.meaning}", _text("", JUDGES)]
        lines += [_text(line.label, ["–" if cell is None else f"{cell[0]} of {cell[1]}" for cell in line.cells]) for line in part.lines]
    shown = _shown(table, [*_TITLES, *_SCORES])
    lines += [f"({letter}) {text}" for letter, text in cells.notes(shown).items()]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _shown(table: "pd.DataFrame", wanted: Sequence[str]) -> "pd.DataFrame":
    """The rows of some figures; on statements of known truth `accepted` is another figure."""
    return table[table["figure"].isin(list(wanted)) & table["against"].isin((UNALTERED, NONE))]


def _lines(rows: "pd.DataFrame") -> list[Line]:
    """One line for each slice: that of all, then kinds by name, then languages."""
    lines = []
    for part in sorted(rows["slice"].unique(), key=lambda part: (part != ALL, part.startswith("language="), part)):
        by_judge = {row["judge"]: figures.estimate(row) for row in rows[rows["slice"] == part].to_dict("records")}
        found = [by_judge.get(judge) for judge in JUDGES]
        lines.append(Line(_label(part), [None if one is None else (cells.cell(one), one.n or 0) for one in found]))
    return lines


def _label(part: str) -> str:
    by, _, value = part.partition("=")
    languages = {"en": "English", "de": "German", "zh": "Chinese"}
    if part == ALL:
        return "all"
    return f"in {languages.get(value, value)}" if by == "language" else value if by == "generator" else value.replace("_", " ")


def _text(label: str, columns: Sequence[str]) -> str:
    return f"{label:<28}" + "".join(f"{text:<32}" for text in columns)
