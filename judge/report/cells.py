"""Figures as they are printed: a number to three decimals, its interval, and the letter of the note that says why one is missing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from judge.evaluation import definitions, figures
from judge.evaluation.bootstrap import REASONS
from judge.evaluation.definitions import AGAINST_PEOPLE, FIGURES
from judge.evaluation.figures import ALL, NONE, OUT_OF_FOLD, PEOPLE, TEACHER, TRUTH, Estimate

if TYPE_CHECKING:
    import pandas as pd

JUDGES = ("teacher", "student", "baseline")
SIDES = ("student", "baseline", "difference")
# Against people the teacher is a judge like the others, and the difference is that of student and teacher.
PEOPLE_SIDES = ("student", "baseline", "teacher", "difference")
# The figures by which the simple judges are told apart.
SHOWN = ("pearson", "kappa", "auroc")
SHOWN_AGAINST_PEOPLE = ("kappa", "auroc", "ece")
_LETTERS = dict(zip(REASONS, "abcdefgh", strict=True))


class Cell(NamedTuple):
    """A figure as it is printed."""

    value: str
    interval: str
    note: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.value, self.interval, self.note and f"({self.note})") if part)


# A judge does not have every figure: the teacher states no probability.
_NO_FIGURE = Cell("–", "", "")


def cell(estimate: Estimate) -> Cell:
    """A figure with its interval, to three decimals."""
    note = _LETTERS.get(estimate.reason or "", "")
    if estimate.value is None:
        return Cell("–", "", note)
    interval = "" if estimate.low is None or estimate.high is None else f"[{_shown(estimate.low)}, {_shown(estimate.high)}]"
    return Cell(_shown(estimate.value), interval, note)


def _shown(number: float) -> str:
    """Three decimals, and no minus before a zero."""
    text = f"{number:.3f}"
    return text.removeprefix("-") if float(text) == 0 else text


def notes(table: "pd.DataFrame") -> dict[str, str]:
    """The notes that some figures of the table refer to, by their letters."""
    used = set(table["reason"].dropna())
    return {_LETTERS[reason]: text for reason, text in REASONS.items() if reason in used}


def lines(table: "pd.DataFrame", down: str, judges: Sequence[str]) -> dict[str, list[Cell]]:
    """Some figures with a line for each value of the column `down`, in the order of the table, and a cell for each judge."""
    import pandas as pd

    # Of an estimate without bias, which may be below 0 and is shown as 0, differences are shown nowhere: the columns would not add up.
    table = table[~((table["figure"] == "ece") & table["judge"].str.endswith("difference"))] if "figure" in table else table
    cells = pd.Series([cell(figures.estimate(row)) for row in table.to_dict("records")], index=table.index, dtype=object)
    pivoted = table.assign(cell=cells).pivot_table(index=down, columns="judge", values="cell", aggfunc="first", sort=False)
    return {
        str(name): [found if isinstance(found := row[judge], Cell) else _NO_FIGURE for judge in judges] for name, row in pivoted.iterrows()
    }


def against_teacher(table: "pd.DataFrame", part: str = ALL) -> list[tuple[str, str, list[Cell]]]:
    """For each figure its label, its meaning and the cells of `SIDES`, the most important first."""
    by_figure = lines(table[(table["against"] == TEACHER) & (table["slice"] == part)], "figure", SIDES)
    return [(defined.label, defined.meaning, by_figure[name]) for name, defined in FIGURES.items() if name in by_figure]


def against_people(table: "pd.DataFrame") -> list[tuple[str, list[Cell]]]:
    """For each figure its label and the cells of `PEOPLE_SIDES`; none where no person has spoken."""
    by_figure = lines(_of_people(table), "figure", PEOPLE_SIDES)
    return [(FIGURES[name].label, by_figure[name]) for name in AGAINST_PEOPLE if name in by_figure]


def people_baselines(table: "pd.DataFrame") -> list[tuple[str, list[Cell]]]:
    """Student and every simple judge: name and the cells of `SHOWN_AGAINST_PEOPLE`, all against people; none where no person has spoken.

    The last lines are student, and teacher, less the strongest of them.
    """
    of_people = _of_people(table)
    if of_people.empty:
        return []
    by_judge = lines(of_people.rename(columns={"judge": "figure", "figure": "judge"}), "figure", SHOWN_AGAINST_PEOPLE)
    best = figures.best_baseline(table)
    ahead = {
        f"student less {best}": by_judge.pop(figures.BASELINE_DIFFERENCE),
        f"teacher less {best}": by_judge.pop(figures.TEACHER_DIFFERENCE),
    }
    simple = {name: cells for name, cells in by_judge.items() if name == "student" or name not in PEOPLE_SIDES}
    return list((simple | ahead).items())


def _of_people(table: "pd.DataFrame") -> "pd.DataFrame":
    """The figures of judges against people on all answers that people judged."""
    return table[(table["against"] == PEOPLE) & (table["slice"] == ALL) & table["figure"].isin(AGAINST_PEOPLE)]


def generators(table: "pd.DataFrame") -> list[tuple[str, int | None, list[tuple[str, list[Cell]]]]]:
    """For each generator its n and, for each figure, its label and the cells of `SIDES`."""
    names = figures.sliced(table[table["against"] == TEACHER], "generator")["slice"].unique()
    return [
        (
            name,
            figures.get(table, "student", definitions.PRIMARY, part=f"generator={name}").n,
            [(label, cells) for label, _, cells in against_teacher(table, f"generator={name}")],
        )
        for name in names
    ]


def probe_judges(table: "pd.DataFrame") -> list[str]:
    """Of teacher, student and the strongest baseline those that were asked about statements of known truth."""
    asked = set(table.loc[table["against"] == TRUTH, "judge"])
    return [judge for judge in JUDGES if judge in asked]


def probes(table: "pd.DataFrame") -> list[tuple[str, int | None, list[Cell]]]:
    """For each kind of false statement its name, its n and the cells of the judges, the Brier score last; none where nobody was asked."""
    judges = probe_judges(table)
    if not judges:
        return []
    known = table[(table["against"] == TRUTH) & table["judge"].isin(judges)]
    aurocs, briers = (known[known["figure"] == name] for name in ("auroc", "brier"))
    # The rows behind a figure are given as those of the first judge.
    counts = aurocs[aurocs["judge"] == judges[0]].set_index("slice")["n"]
    rows = [(_of_kind(part), int(counts[part]), cells) for part, cells in lines(aurocs, "slice", judges).items()]
    (brier,) = lines(briers, "figure", judges).values()
    return [*rows, ("Brier score, all", figures.get(table, judges[0], "brier", TRUTH).n, brier)]


def accepted(table: "pd.DataFrame") -> list[tuple[str, int, list[Cell]]]:
    """For true statements, for false ones, and for each kind, the true ones first: name, n and the share that each judge accepts."""
    rows = []
    for name, wanted in (("true", "true_accepted"), ("false", "false_accepted"), ("", "accepted")):
        shares = table[(table["against"] == TRUTH) & (table["figure"] == wanted)]
        if not shares.empty:
            judges = probe_judges(table)
            counts = shares[shares["judge"] == judges[0]].set_index("slice")["n"]
            rows += [
                (f"all {name} ones" if part == ALL else _of_kind(part), int(counts[part]), cells)
                for part, cells in lines(shares, "slice", judges).items()
            ]
    return rows


def baselines(table: "pd.DataFrame") -> list[tuple[str, list[Cell]]]:
    """Student and every simple judge that it was held against: name and the cells of `SHOWN`, all against the teacher."""
    whole = table[(table["against"] == TEACHER) & (table["slice"] == ALL)]
    by_judge = lines(whole.rename(columns={"judge": "figure", "figure": "judge"}), "figure", SHOWN)
    return [(name, by_judge[name]) for name in ("student", *figures.baselines(table))]


def out_of_fold_judges(table: "pd.DataFrame") -> list[str]:
    """Of student and baseline those that have judgments of training answers by what had not learnt from them."""
    there = set(table.loc[table["slice"] == OUT_OF_FOLD, "judge"])
    return [judge for judge in ("student", "baseline") if judge in there]


def out_of_fold(table: "pd.DataFrame") -> list[tuple[str, list[Cell]]]:
    """For each figure on such answers its label and the cells of `out_of_fold_judges`; none where there are none."""
    chosen = table[table["slice"] == OUT_OF_FOLD]
    return [(FIGURES[name].label, row) for name, row in lines(chosen, "figure", out_of_fold_judges(table)).items()]


def failures(table: "pd.DataFrame") -> list[tuple[str, float | None, str, str]]:
    """For each judge of the test answers how many judgments failed, their share, and why."""
    by_reason = figures.sliced(table[table["figure"] == "failed"], "reason")
    rows = []
    for judge in JUDGES:
        reasons = by_reason[by_reason["judge"] == judge]
        why = ", ".join(f"{reason}: {count:.0f}" for reason, count in zip(reasons["slice"], reasons["value"], strict=True))
        failed, share = (figures.get(table, judge, name, NONE).value for name in ("failed", "failed_share"))
        rows.append((judge, failed, f"{share:.1%}", why))
    return rows


def _of_kind(part: str) -> str:
    return "all kinds" if part == ALL else part.removeprefix("kind=").replace("_", " ")
