"""The one tidy table that holds all figures.

A row of `metrics/figures.csv` is one figure: of which judge, held against what, on which slice of the rows.
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.errors import TableError
from judge.evaluation.definitions import SYSTEMS
from judge.tables import atomic

if TYPE_CHECKING:
    import pandas as pd

FIGURES_CSV = Path("metrics/figures.csv")
COLUMNS = ("judge", "against", "slice", "figure", "value", "low", "high", "n", "reason")
"""`judge` may be the name of a baseline, `baseline`, the strongest of them, `difference` (student less that baseline; against people,
student less teacher, beside `BASELINE_DIFFERENCE` and `TEACHER_DIFFERENCE`), or `systems`. `slice` is `all`, `generator=NAME`,
`pair=NAME,NAME` of two generators, `annotator=NAME` and `pair=NAME+NAME` of people, `kind=KIND` of a statement, `injection=KIND`,
`language=LANGUAGE`, `reason=REASON` of a failed judgment, `name=NAME` of the best baseline, `out_of_fold` or `training_seeds`."""

TEACHER, PEOPLE, TRUTH, UNALTERED, NONE = "teacher", "people", "truth", "unaltered", "none"
"""What a judge is held against: `unaltered` its own judgment of a statement before that was perturbed; `none`, for counts and shares."""

BASELINE_DIFFERENCE, TEACHER_DIFFERENCE = "baseline_difference", "teacher_baseline_difference"
"""Against people `difference` is student less teacher; these are student, and teacher, less the strongest baseline."""

ALL = "all"
"""The slice of all rows; of statements whose truth is known, that of all kinds."""

OUT_OF_FOLD, TRAINING_SEEDS = "out_of_fold", "training_seeds"
"""The slice of training rows, each judged by what had not learnt from it; and that of standard deviations over training seeds, whose n
counts the trainings."""

_COUNTED = ("n", "documents", "judged", "failed", "true_rows", "resamples", "best", "calibrated", "annotators", "labels", "shared")
COUNTS = frozenset({*_COUNTED, "labels_saved", "weighted"})
"""The figures that are whole numbers."""


class Estimate(NamedTuple):
    """A figure with its interval and the rows behind it; where a number is None, `reason` says why (`bootstrap.REASONS`).

    The value of one of `COUNTS` is an int.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int | None
    reason: str | None


class SeedSpread(NamedTuple):
    """The standard deviation of a figure over trainings that differ in the seed alone, and how many of them there were, at least 2."""

    deviation: float
    trainings: int


def name_of(judge: str, against: str, part: str, figure: str) -> str:
    """A figure's name in one word, as the rules of the gate spell it.

    Such as student.kappa, student.human.kappa, student.human.by_annotator.ANNOTATOR.kappa, human.kappa.ANNOTATOR+ANNOTATOR,
    student.by_generator.GENERATOR.kappa, student.out_of_fold.kappa, student.seed_spread.kappa, probe.student.auroc.KIND,
    probe.student.false_accepted, robustness.student.lifted.INJECTION, systems.GENERATOR.corrected.
    """
    by, _, value = part.partition("=")
    if judge == SYSTEMS:
        return f"{SYSTEMS}.{value or ALL}.{figure}"
    if against == UNALTERED:
        return f"robustness.{judge}.{figure}.{value or ALL}"
    if against == TRUTH:
        kind = f".{value or ALL}" if figure in ("auroc", "accepted") else ""
        return f"probe.{judge}.{'n_true' if figure == 'true_rows' else figure}{kind}"
    if judge == PEOPLE:
        return f"human.{figure}" + (f".{value}" if by == "pair" else "")
    if against == PEOPLE:
        return f"{judge}.human.by_annotator.{value}.{figure}" if by == "annotator" else f"{judge}.human.{figure}"
    names = {
        OUT_OF_FOLD: f"{judge}.out_of_fold.{figure}",
        TRAINING_SEEDS: f"{judge}.seed_spread.{figure}",
        "name": f"{judge}.{figure}.{value}",
        "reason": f"{judge}.failed_by.{value}",
        "generator": f"{judge}.by_generator.{value}.{figure}",
    }
    return names.get(by, f"{judge}.{figure}")


def frame(rows: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    """Rows of the table as a DataFrame with the columns of `COLUMNS`: texts, floats, a whole number that may be missing."""
    import pandas as pd

    made = pd.DataFrame(list(rows), columns=list(COLUMNS))
    types = dict.fromkeys(("value", "low", "high"), "Float64") | {"n": "Int64"}
    return made.astype(dict.fromkeys(("judge", "against", "slice", "figure", "reason"), "string") | types)


def measured(
    judge: str, against: str, part: str, figure: str, n: int, estimate: tuple[float | None, float | None, float | None, str | None]
) -> dict[str, Any]:
    """A row of the table: a figure of `n` rows; `estimate` is its value, the ends of its interval and the reason (`bootstrap.Figure`)."""
    value, low, high, reason = estimate
    return dict(zip(COLUMNS, (judge, against, part, figure, value, low, high, n, reason), strict=True))


def counted(judge: str, against: str, figure: str, n: int | None, value: float, part: str = ALL) -> dict[str, Any]:
    """A row of the table that has no interval: a count or a share, of `n` rows."""
    return dict(zip(COLUMNS, (judge, against, part, figure, value, None, None, n, None), strict=True))


def look_up(figures: "pd.DataFrame", judge: str, figure: str, against: str = TEACHER, part: str = ALL) -> Estimate | None:
    """One figure; None where the table does not have it."""
    chosen = figures[
        (figures["judge"] == judge) & (figures["figure"] == figure) & (figures["against"] == against) & (figures["slice"] == part)
    ]
    return None if chosen.empty else estimate(chosen.iloc[0].to_dict())


def seed_spread(figures: "pd.DataFrame", figure: str) -> SeedSpread | None:
    """How far a figure of the student moves with the training seed; None where the student was not retrained, or only once."""
    found = look_up(figures, "student", figure, TEACHER, TRAINING_SEEDS)
    if found is None or found.value is None or (found.n or 0) < 2:
        return None
    return SeedSpread(found.value, found.n or 0)


def get(figures: "pd.DataFrame", judge: str, figure: str, against: str = TEACHER, part: str = ALL) -> Estimate:
    """One figure that every table has.

    Raises:
        TableError: this one does not.
    """
    if (found := look_up(figures, judge, figure, against, part)) is None:
        raise TableError(f"{FIGURES_CSV} has no figure {name_of(judge, against, part, figure)}.\nNext: `dvc repro` makes it again.")
    return found


def sliced(figures: "pd.DataFrame", by: str) -> "pd.DataFrame":
    """The rows on slices of one sort (`generator`, `kind`, `reason`), with the column `slice` holding the bare name."""
    prefix = f"{by}="
    chosen = figures[figures["slice"].str.startswith(prefix)]
    return chosen.assign(slice=chosen["slice"].str.removeprefix(prefix))


def named(figures: "pd.DataFrame") -> dict[str, Estimate]:
    """Every figure under its name (`name_of`), in the order of the table; then the rows behind them, each as a count of its own.

    Such as student.n, student.by_generator.GENERATOR.n, probe.student.n, probe.student.n.KIND and robustness.student.n_lifted.all.
    """
    rows = figures.to_dict("records")
    estimates = {name_of(row["judge"], row["against"], row["slice"], row["figure"]): estimate(row) for row in rows}
    counts: dict[str, Estimate] = {}
    for row in rows:
        n = estimate(row).n
        if row["against"] != NONE and n is not None:
            counts.setdefault(_name_of_n(row["judge"], row["against"], row["slice"], row["figure"]), Estimate(n, None, None, n, None))
    return estimates | counts


def estimate(row: Mapping[Any, Any]) -> Estimate:
    """The figure of a row of the table, with None for what is missing."""
    value, low, high, n = (_or_none(row[name]) for name in ("value", "low", "high", "n"))
    if value is not None and row["figure"] in COUNTS:
        value = int(value)
    return Estimate(value, low, high, None if n is None else int(n), row["reason"] if isinstance(row["reason"], str) else None)


def best_baseline(figures: "pd.DataFrame") -> str:
    """The name of the strongest baseline; `baseline` where the table does not say, as in older commits."""
    named = sliced(figures, "name")
    chosen = named.loc[(named["judge"] == "baseline") & (named["figure"] == "best"), "slice"]
    return "baseline" if chosen.empty else str(chosen.iloc[0])


def baselines(figures: "pd.DataFrame") -> list[str]:
    """The names of all baselines that were held against the teacher, in the order of the table."""
    sides = figures.loc[(figures["against"] == TEACHER) & (figures["slice"] == ALL), "judge"].unique()
    return [str(side) for side in sides if side not in ("student", "baseline", "difference")]


def nested(figures: "pd.DataFrame") -> dict[str, Any]:
    """The same for programs: judge → against → slice → figure → value, low, high, n, reason; what is missing is null."""
    tree: dict[str, Any] = {}
    for row in figures.to_dict("records"):
        branch = tree.setdefault(row["judge"], {}).setdefault(row["against"], {}).setdefault(row["slice"], {})
        branch[row["figure"]] = estimate(row)._asdict()
    return tree


def to_csv(figures: "pd.DataFrame") -> str:
    """The text of metrics/figures.csv: full precision, nothing for what is missing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in figures.to_dict("records"):
        writer.writerow([*(row[name] for name in COLUMNS[:4]), *("" if cell is None else cell for cell in estimate(row))])
    return text.getvalue()


def from_csv(text: str, path: str = str(FIGURES_CSV)) -> "pd.DataFrame":
    """The table that `to_csv` wrote.

    Raises:
        TableError: a column is missing, or a number is none; the message names the line.
    """
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise TableError(f"{path} has to have the columns {', '.join(COLUMNS)}.\nNext: `dvc repro` makes it again.")
    rows = []
    for row in reader:
        try:
            numbers = {name: float(row[name]) if row[name] else None for name in ("value", "low", "high")}
            rows.append(row | numbers | {"n": int(row["n"]) if row["n"] else None, "reason": row["reason"] or None})
        except (TypeError, ValueError) as error:
            raise TableError(f"{path}, line {reader.line_num}: {error}.\nNext: `dvc repro` makes it again.") from None
    return frame(rows)


def write(figures: "pd.DataFrame") -> None:
    """Write metrics/figures.csv."""
    atomic.write_text(FIGURES_CSV, to_csv(figures))


def read(path: Path = FIGURES_CSV) -> "pd.DataFrame":
    """Read metrics/figures.csv; raises TableError where it is missing or broken."""
    try:
        return from_csv(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        raise TableError(f"{path} is missing.\nNext: `dvc repro` makes it.") from None


def _name_of_n(judge: str, against: str, part: str, figure: str) -> str:
    """The name of the rows behind a figure; those of an AUROC are the false ones, and statements are counted by kind."""
    if against == UNALTERED:
        return name_of(judge, against, part, f"n_{figure}")
    if against != TRUTH:
        return name_of(judge, against, part, "n")
    if figure == "true_accepted":
        return f"probe.{judge}.n_true"
    by_kind = figure in ("auroc", "accepted", "false_accepted")
    return f"probe.{judge}.n" + (f".{part.partition('=')[2] or ALL}" if by_kind else "")


def _or_none(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
