"""The command `judge systems`: the share of each system's answers that people accept, and which system is better."""

import argparse
from typing import TYPE_CHECKING

from judge.errors import TableError
from judge.evaluation import figures
from judge.evaluation.definitions import SYSTEMS
from judge.evaluation.figures import ALL, NONE, PEOPLE, Estimate
from judge.report import people, stale
from judge.report.cells import cell, notes

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("system", "judged", "labelled", "judge alone", "labels alone", "corrected", "Rogan-Gladen", "labels saved")
_WIDTHS = (0, 8, 10, 22, 22, 22, 22, 12)
_MEANING = """\
judge alone   the share that the judge accepts: off by as much as it errs, however many answers it has judged
labels alone  the share among the answers that people have labelled
corrected     judge and people together (prediction-powered inference): the figure to report
Rogan-Gladen  the judge's share, corrected by how often it errs; holds only if it errs alike on all systems
labels saved  how many more labels alone would give an interval as narrow as the corrected one
"""


def command(_: argparse.Namespace) -> None:
    """Print the table of systems.

    Raises:
        TableError: metrics/figures.csv cannot be read, or is from before systems were measured.
    """
    table = figures.read()
    stale.warn(table)
    print(as_text(table), end="")  # noqa: T201 - a command prints its answer


def as_text(table: "pd.DataFrame") -> str:
    """The table of systems as plain text, with a sentence on every two of them that labels can tell apart, or not.

    Raises:
        TableError: there are no figures of systems.
    """
    own = _own(table)
    names = _names(own)
    labelled = _get(own, ALL, "labelled")
    if not labelled.n:
        shares = "".join(f"  {name}  {_get(own, f'generator={name}', 'naive').value:.3f}\n" for name in names)
        return (
            "Nobody has labelled an answer: what people would say of these systems is not known.\n"
            f"The share that the judge accepts, which is off by as much as it errs:\n{shares}"
            "Next: `judge annotate` shows answers to label, and `dvc repro` measures again.\n"
        )
    confidence = figures.get(table, "interval", "confidence", NONE).value
    lines = [
        f"Share of a system's answers that people accept, from {labelled.n} labelled answers; {confidence:.0%} intervals by document",
        *_aligned([COLUMNS, *rows(table)]),
        *([chosen] if (chosen := people.weighted(table)) else []),
        "",
        *_MEANING.splitlines(),
        *(["", *told] if (told := compared(table)) else []),
        *(f"({letter}) {text}" for letter, text in notes(own).items()),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def rows(table: "pd.DataFrame") -> list[tuple[str, ...]]:
    """The cells of `COLUMNS` for each system and for all together; raises as `as_text` does."""
    own = _own(table)
    return [*(_cells(own, name, f"generator={name}") for name in _names(own)), _cells(own, ALL, ALL)]


def compared(table: "pd.DataFrame") -> list[str]:
    """A line on the best system and one beside each of the others; none where fewer than two have labels enough for an interval."""
    own = _own(table)
    return _compared(own, _names(own), f"{figures.get(table, 'interval', 'confidence', NONE).value:.0%}")


def _own(table: "pd.DataFrame") -> "pd.DataFrame":
    own = table[table["judge"] == SYSTEMS]
    if own.empty:
        raise TableError(f"{figures.FIGURES_CSV} has no figures of systems.\nNext: `dvc repro` makes them.")
    return own


def _names(own: "pd.DataFrame") -> list[str]:
    return [str(name) for name in figures.sliced(own, "generator")["slice"].unique()]


def _cells(own: "pd.DataFrame", name: str, part: str) -> tuple[str, ...]:
    saved = figures.look_up(own, SYSTEMS, "labels_saved", PEOPLE, part)
    shares = (figures.look_up(own, SYSTEMS, figure, PEOPLE, part) for figure in ("labelled", "corrected", "rogan_gladen"))
    return (
        name,
        str(_get(own, part, "judged").value),
        str(_get(own, part, "labelled").n),
        str(cell(_get(own, part, "naive"))),
        *("–" if share is None else str(cell(share)) for share in shares),
        "–" if saved is None else str(saved.value),
    )


def _compared(own: "pd.DataFrame", names: list[str], confidence: str) -> list[str]:
    """A line for the best system beside each of the others; none where fewer than two have labels enough for an interval."""
    shares = {name: figures.look_up(own, SYSTEMS, "corrected", PEOPLE, f"generator={name}") for name in names}
    known = {name: share.value for name, share in shares.items() if share and share.value is not None and share.low is not None}
    if len(known) < 2:
        return []
    best = max(known, key=known.__getitem__)
    lines = [f"{best} has the highest corrected share, which of several is in part luck. At {confidence} it is ahead of"]
    for other in known:
        if other != best and (ahead := _ahead(own, best, other)):
            value, low, high = ahead
            told = "" if low > 0 else ", so that they are not told apart"
            lines.append(f"  {other} by {value:.3f} [{low:.3f}, {high:.3f}]{told}")
    return lines


def _ahead(own: "pd.DataFrame", one: str, other: str) -> tuple[float, float, float] | None:
    """By how much one system's share is larger than another's, with both ends; the table has it one way round."""
    for first, second, sign in ((one, other, 1), (other, one, -1)):
        found = figures.look_up(own, SYSTEMS, "ahead", PEOPLE, f"pair={first},{second}")
        if found is not None and found.value is not None and found.low is not None and found.high is not None:
            low, high = sorted((sign * found.low, sign * found.high))
            return sign * found.value, low, high
    return None


def _get(own: "pd.DataFrame", part: str, figure: str) -> Estimate:
    return figures.get(own, SYSTEMS, figure, PEOPLE, part)


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """The rows in columns, the first of them as wide as its longest name."""
    first = 2 + max(len(row[0]) for row in rows)
    return ["".join(f"{text:<{width or first}}" for text, width in zip(row, _WIDTHS, strict=True)) for row in rows]
