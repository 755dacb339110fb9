"""The pictures of the report, as SVG text that stands in the page itself.

Drawn from the rows of `plots.COLUMNS`; the same rows give the same bytes.
Colours are those of Okabe and Ito, told apart by colour-blind readers; marks differ in shape as well.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE
from judge.tables.schema import Row

COLOURS = {"student": "#0072B2", "baseline": "#E69F00", "teacher": "#009E73", "overlap": "#CC79A7"}
MARKS = {"student": "o", "baseline": "s", "teacher": "D", "overlap": "^"}
CYCLE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
CYCLE_MARKS = ("o", "s", "^", "D", "v", "P")
# Drawn in this colour and replaced by the colour of the page's text, so that a dark page has light axes.
_INK = "#010203"
_SIZE_INCHES = (4.8, 4.0)
MOST_POINTS = 2000  # Ids of answers are hashes, so the first are a sample; 100,000 points would be a page of 28 MB.
_STYLE: Any = {
    "svg.hashsalt": "the-judge-you-own",
    # Letters as outlines look the same where the font is missing.
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#888888",
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "errorbar.capsize": 3,
} | dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK)


def score_scatter(rows: Sequence[Row], judge: str, threshold: float) -> str:
    """The scores of student or baseline over the teacher's, by generator, from the rows of `scores`."""
    generators, total, rows = sorted({row["generator"] for row in rows}), len(rows), rows[:MOST_POINTS]
    count = f"n = {total}" if total == len(rows) else f"{len(rows)} of {total}"
    with _figure(f"Scores of the {judge} over the teacher's", (4.8, 4.6)) as (figure, svg):
        axes = figure.subplots()
        for number, generator in enumerate(generators):
            chosen = [row for row in rows if row["generator"] == generator]
            axes.scatter(
                [row["teacher_score"] for row in chosen],
                [row[f"{judge}_score"] for row in chosen],
                s=18,
                marker=CYCLE_MARKS[number % len(CYCLE_MARKS)],
                color=CYCLE[number % len(CYCLE)],
                alpha=0.65,
                linewidths=0,
                label=generator,
            )
        axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
        axes.axhline(threshold, color="#888888", linewidth=0.8, linestyle="--")
        axes.axvline(threshold, color="#888888", linewidth=0.8, linestyle="--")
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal", title=f"Scores: {judge} and teacher ({count})")
        axes.set(xlabel="teacher's score (0 to 1; dashed: threshold)", ylabel=f"{judge}'s score (0 to 1)")
        _legend(figure, axes, columns=2)
    return svg.text


def confusion(rows: Sequence[Row], judge: str) -> str:
    """How many answers of each of the teacher's classes student or baseline puts into each class, from the rows of `scores`."""
    classes = (ACCEPTABLE, UNACCEPTABLE)
    pairs = Counter((row["teacher_class"], row[f"{judge}_class"]) for row in rows)
    with _figure(f"Confusion matrix of the {judge}") as (figure, svg):
        axes = figure.subplots()
        for down, actual in enumerate(classes):
            total = sum(pairs[actual, predicted] for predicted in classes)
            for across, predicted in enumerate(classes):
                share = pairs[actual, predicted] / max(1, total)
                axes.add_patch(_rectangle(across, down, COLOURS[judge], share))
                axes.text(across, down, f"{pairs[actual, predicted]}\n{share:.0%} of row", ha="center", va="center")
        axes.set(xlim=(-0.5, 1.5), ylim=(1.5, -0.5), xticks=(0, 1), yticks=(0, 1), xticklabels=classes)
        axes.set_yticklabels(classes, rotation=90, va="center")
        axes.set(xlabel=f"{judge}'s class", ylabel="teacher's class", title=f"Classes: {judge} and teacher (answers, n = {len(rows)})")
        axes.grid(visible=False)
    return svg.text


def reliability(rows: Sequence[Row]) -> str:
    """The share that the teacher calls acceptable over the student's probability, with the count of each bin."""
    with _figure("Reliability of the student's probability of acceptable", (4.8, 4.8)) as (figure, svg):
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":", label="perfectly calibrated")
        _bars(upper, [row["mean_predicted"] for row in rows], rows, "observed_share", "student")
        upper.set(ylim=(-0.03, 1.03), ylabel="share acceptable\nto the teacher", title="Reliability of the student's probability")
        _legend(figure, upper)
        lower.bar([row["bin"] for row in rows], [row["n"] for row in rows], width=0.09, color=COLOURS["student"], alpha=0.6)
        lower.set(xlim=(-0.03, 1.03), xlabel="student's probability of acceptable (0 to 1)", ylabel="answers")
    return svg.text


def roc(rows: Sequence[Row]) -> str:
    """The ROC curves of student and baseline for the teacher's class."""
    with _figure("ROC curves of student and baseline") as (figure, svg):
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":", label="chance")
        for judge, line in (("student", "-"), ("baseline", "--")):
            points = [row for row in rows if row["judge"] == judge]
            axes.plot([row["fpr"] for row in points], [row["tpr"] for row in points], line, color=COLOURS[judge], label=judge)
        axes.set(xlabel="false-positive rate", ylabel="true-positive rate", title="ROC for the teacher's class, by score", aspect="equal")
        _legend(figure, axes)
    return svg.text


def training(rows: Sequence[Row]) -> str:
    """The loss and its two parts over the epochs: training solid, validation dashed; empty where there is no such curve.

    Columns: epoch, and any of train_ and validation_ with ce, kl and loss, in nats.
    """
    parts = ("loss", "total"), ("ce", "CE"), ("kl", "KL")
    there = {column for row in rows for column, value in row.items() if value is not None}
    if not there & {f"{side}_{part}" for side in ("train", "validation") for part, _ in parts}:
        return ""
    with _figure("Training curves") as (figure, svg):
        axes = figure.subplots()
        epochs = [row["epoch"] for row in rows]
        for (part, label), colour in zip(parts, CYCLE, strict=False):
            for side, line in (("train", "-"), ("validation", "--")):
                if f"{side}_{part}" in there:
                    values = _or_nan(row.get(f"{side}_{part}") for row in rows)
                    axes.plot(epochs, values, line, color=colour, label=f"{label}, {side}", linewidth=1.2)
        axes.set(xlabel="epoch", ylabel="loss (nats)", title="Training")
        axes.xaxis.get_major_locator().set_params(integer=True)
        _legend(figure, axes)
    return svg.text


def by_generator(rows: Sequence[Row]) -> str:
    """Pearson's r of student and baseline with the teacher on the answers of each generator."""
    with _figure("Agreement by generator") as (figure, svg):
        axes = figure.subplots()
        for judge, shift in (("student", -0.1), ("baseline", 0.1)):
            _bars(axes, [number + shift for number in range(len(rows))], rows, f"{judge}_pearson", judge, line="", across=True)
        names = [f"{row['generator']}\n(n = {row['n']:.0f})" for row in rows]
        axes.set(yticks=range(len(rows)), yticklabels=names, ylim=(len(rows) - 0.5, -0.5))
        axes.set(xlabel="Pearson's r with the teacher", title="Agreement by generator")
        _legend(figure, axes)
    return svg.text


def thresholds(rows: Sequence[Row]) -> str:
    """Kappa with the teacher, and the share of acceptable answers, as the threshold moves."""
    with _figure("Agreement and class share over the threshold", (4.8, 4.8)) as (figure, svg):
        upper, lower = figure.subplots(2, 1, sharex=True)
        moved = [row["threshold"] for row in rows]
        for judge in ("student", "baseline"):
            _bars(upper, moved, rows, f"{judge}_kappa", judge)
        for judge in ("teacher", "student", "baseline"):
            _bars(lower, moved, rows, f"{judge}_share", judge)
        upper.set(ylabel="kappa", title="As the threshold moves (no new training)")
        lower.set(xlabel="threshold (acceptable: score above it)", ylabel="share acceptable", ylim=(-0.03, 1.03))
        _legend(figure, lower)
    return svg.text


def probes(rows: Sequence[Row]) -> str:
    """The AUROC of each judge on each kind of false statement."""
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    judges = list(dict.fromkeys(row["judge"] for row in rows))
    with _figure("Telling true statements from false ones", (4.8, 1.4 + 0.45 * len(kinds))) as (figure, svg):
        axes = figure.subplots()
        for number, judge in enumerate(judges):
            by_kind = {row["kind"]: row for row in rows if row["judge"] == judge}
            heights = [middle + 0.18 * (number - (len(judges) - 1) / 2) for middle in range(len(kinds))]
            _bars(axes, heights, [by_kind[kind] for kind in kinds], "auroc", judge, line="", across=True)
        axes.axvline(0.5, color=_INK, linewidth=0.8, linestyle=":")
        counts = {row["kind"]: row["n"] for row in rows}
        axes.set(yticks=range(len(kinds)), yticklabels=[f"{kind.replace('_', ' ')}\n(n = {counts[kind]:.0f})" for kind in kinds])
        axes.set(ylim=(len(kinds) - 0.5, -0.5), xlabel="AUROC (dotted: chance)")
        axes.set(title="Telling true statements from false ones")
        _legend(figure, axes, columns=4)
    return svg.text


def _legend(figure: Any, axes: Any, columns: int = 3) -> None:
    """Below the picture, where it covers no data."""
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=columns)


def _bars(
    axes: Any,
    positions: Sequence[float],
    rows: Sequence[Mapping[str, Any]],
    column: str,
    judge: str,
    line: str = "-",
    *,
    across: bool = False,
) -> None:
    """Mark a figure with its interval; a figure without an interval gets the mark alone, a figure that is undefined nothing."""
    nan = float("nan")
    values = _or_nan(row[column] for row in rows)
    low = [nan if row[f"{column}_low"] is None else max(0.0, row[column] - row[f"{column}_low"]) for row in rows]
    high = [nan if row[f"{column}_high"] is None else max(0.0, row[f"{column}_high"] - row[column]) for row in rows]
    points = (values, positions) if across else (positions, values)
    style = {"color": COLOURS[judge], "marker": MARKS[judge], "markersize": 4, "linestyle": line, "linewidth": 1.2, "label": judge}
    axes.errorbar(*points, **{"xerr" if across else "yerr": [low, high]}, **style)


def _or_nan(values: Iterable[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _rectangle(across: int, down: int, colour: str, share: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((across - 0.5, down - 0.5), 1, 1, facecolor=colour, alpha=0.05 + 0.5 * share)


class _Svg:
    """Holds the picture once its block has ended."""

    text = ""


@contextmanager
def _figure(label: str, size_inches: tuple[float, float] = _SIZE_INCHES) -> Iterator[tuple[Any, _Svg]]:
    """A figure to draw on; at the end of the block it is turned to SVG, `label` telling a screen reader what it shows."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    svg = _Svg()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size_inches, layout="constrained")
        yield figure, svg
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = written.getvalue()
    text = text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)
    svg.text = _named_ids(text.replace(_INK, "currentColor"), label)


def _named_ids(svg: str, label: str) -> str:
    """The SVG with its ids numbered by order; matplotlib hashes what is drawn, so that a last digit would change them."""
    picture = re.sub(r"\W+", "-", label.lower())
    names = {name: f"{picture}-{number}" for number, name in enumerate(dict.fromkeys(re.findall(r'id="(\w*[0-9a-f]{10})"', svg)), start=1)}
    return re.sub(r'(?<=["#])\w+(?=[")])', lambda match: names.get(match[0], match[0]), svg)
