"""The evidence suite as tables in Markdown, which a terminal shows as well: a line a task, and a line a judge of each task."""

from collections.abc import Sequence

from judge.evaluation.definitions import FIGURES
from judge.evaluation.evidence import LESS, ONE_SCORE
from judge.evaluation.figures import TEACHER, Estimate
from judge.report.cells import cell
from judge.tables.schema import Row

# Beside the figure that a task is told by; of a task without people's verdicts those that there are.
SHOWN = ("pearson", "kappa", "accuracy", "f1", "f1_unacceptable", "auroc", "brier", "ece")
_HEADER = (
    "published data",
    "the student has learnt from",
    "n (questions or passages)",
    "acceptable",
    "figure",
    "student",
    "strongest simple judge",
    "student less it",
    "beside them",
    "student's calibration error",
)
_NOTHING = "–"


def by_task(rows: Sequence[Row]) -> str:
    """One line a task: its figure of the student, of the strongest simple judge, their difference, and what stands beside them.

    Args:
        rows: of `judge.evaluation.evidence.COLUMNS`, the figure of each task first.

    Returns:
        A table in Markdown.
    """
    header, made = task_rows(rows)
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}", *(f"| {' | '.join(row)} |" for row in made)]
    return "\n".join(lines) + "\n"


def task_rows(rows: Sequence[Row]) -> tuple[Sequence[str], list[list[str]]]:
    """The same as the header and the cells of the lines."""
    made = []
    for task in dict.fromkeys(row["task"] for row in rows):
        of_task = [row for row in rows if row["task"] == task]
        figure = of_task[0]["figure"]
        found = {row["judge"]: row for row in of_task if row["figure"] == figure}
        student, best = found["student"], _best(of_task)
        beside = [
            f"{judge} {_shown(found[judge])} (n {found[judge]['n']})"
            for judge in (TEACHER, f"{TEACHER}{LESS}{best}", ONE_SCORE)
            if judge in found
        ]
        error = next(row for row in of_task if row["judge"] == "student" and row["figure"] == "ece")
        columns = [
            task,
            student["trained_on"],
            f"{student['n']} ({student['clusters']})",
            f"{student['base_rate']:.0%}",
            FIGURES[figure].label,
            _shown(student),
            f"{best} {_shown(found[best])}",
            _shown(found[f"student{LESS}{best}"]),
            "; ".join(beside) or _NOTHING,
            _shown(error),
        ]
        made.append(columns)
    return _HEADER, made


def by_judge(rows: Sequence[Row]) -> str:
    """One line a judge of each task, with the figures of `SHOWN`, as a table in Markdown; differences are lines of their own."""
    lines = [
        f"| task | judge | n | {' | '.join(FIGURES[name].label for name in SHOWN)} |",
        f"|---|---|---|{'---|' * len(SHOWN)}",
    ]
    for task, judge in dict.fromkeys((row["task"], row["judge"]) for row in rows):
        found = {row["figure"]: row for row in rows if (row["task"], row["judge"]) == (task, judge)}
        first = next(iter(found.values()))
        figures = [_shown(found[name]) if name in found else _NOTHING for name in SHOWN]
        lines.append(f"| {task} | {judge} | {first['n']} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


def _best(of_task: Sequence[Row]) -> str:
    """The strongest simple judge of a task: the one that the student is held against, besides the teacher."""
    less = (str(row["judge"]).split(LESS)[1] for row in of_task if LESS in row["judge"])
    return next(name for name in less if name != TEACHER)


def _shown(row: Row) -> str:
    """A figure and its interval, without the letter of a note, which these tables do not have."""
    made = cell(Estimate(row["value"], row["low"], row["high"], row["n"], row["reason"]))
    return f"{made.value} {made.interval}".strip()
