"""docs/bench.md: the table between its markers, and the picture beside it, made from the lines of metrics/bench.csv."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.table import SECONDS, TOKENS, Line
from judge.errors import JudgeError
from judge.report import readme
from judge.report.charts import CYCLE
from judge.tables import atomic

PAGE, PICTURE = Path("docs/bench.md"), Path("docs/bench.png")
_NOTHING = "–"
_HEADER = (
    "work",
    "ours",
    "beside",
    "ours, median",
    "beside, median",
    "times as fast (lowest to highest turn)",
    "to reach",
    "rows of a turn",
    "turns",
    "share of the limit: ours; beside",
)
_INK = "#24292f"


def update(lines: Sequence[Line]) -> None:
    """Write table and picture.

    Raises:
        JudgeError: the page is missing or has no markers.
    """
    fill(PAGE, blocks(lines))
    PICTURE.write_bytes(picture(lines))


def fill(path: Path, parts: Mapping[str, str]) -> None:
    """Write a page with each part between its markers.

    Raises:
        JudgeError: the page is missing or has no markers.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise JudgeError(f"{path} is missing.\nNext: run this in the project's folder.") from None
    atomic.write_text(path, readme.with_blocks(text, parts, str(path)))


def blocks(lines: Sequence[Line]) -> dict[str, str]:
    """The page's parts by the names of their markers."""
    return {"bench": as_markdown([one for one in lines if one.work != "machine"]), "machine": machines(lines)}


def as_markdown(lines: Sequence[Line]) -> str:
    """What was measured as a table in Markdown; of several commands the one that starts most slowly."""
    made = ["| " + " | ".join(_HEADER) + " |", "|" + "---|" * len(_HEADER)]
    for one in _shown(lines):
        ratio = _NOTHING
        if one.ratio is not None and one.ratio_lowest is not None and one.ratio_highest is not None:
            ratio = f"{number(one.ratio)} ({number(one.ratio_lowest)} to {number(one.ratio_highest)})"
        cells = [
            f"{one.work}: {one.what}",
            one.ours,
            one.peer or _NOTHING,
            f"{number(one.ours_median)} {one.unit}",
            _NOTHING if one.peer_median is None else f"{number(one.peer_median)} {one.unit}",
            ratio,
            to_reach(one),
            " and ".join(f"{count:,}" for count in (one.ours_n, one.peer_n) if count is not None) or _NOTHING,
            str(one.repeats),
            f"{_share(one.ours_share, one.ours_dtype)}; {_share(one.peer_share, one.peer_dtype)}",
        ]
        made.append("| " + " | ".join(cells) + " |")
    return "\n".join(made) + "\n"


def machines(lines: Sequence[Line]) -> str:
    """Each machine that a line was measured on, and the product rates of the last one."""
    words = dict.fromkeys(one.machine for one in lines)
    rates = [f"{one.ours} {number(one.ours_median)}" for one in lines if one.work == "machine"]
    made = [f"- {each}" for each in words]
    if rates:
        made.append(
            f"- product of matrices there, in 10⁹ operations a second (a multiplication and its addition are two): {', '.join(rates)}"
        )
    return "\n".join(made) + "\n"


def to_reach(one: Line) -> str:
    """What is aimed at, and whether it is reached."""
    if one.to_reach is None:
        return _NOTHING
    if one.ratio is None:
        return f"≤ {number(one.to_reach)} {one.unit}: {'yes' if one.ours_median <= one.to_reach else 'no'}"
    return f"≥ {number(one.to_reach)}: {'yes' if one.ratio >= one.to_reach else 'no'}"


def number(value: float) -> str:
    """Three digits, without an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def picture(lines: Sequence[Line]) -> bytes:
    """A bar for each peer: how many times as fast ours is, from the lowest turn to the highest; a mark where it should be. A PNG file."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    drawn = [one for one in lines if one.ratio is not None]
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 9, "text.color": _INK, "axes.edgecolor": _INK}):
        figure = Figure(figsize=(9.0, 1.2 + 0.34 * max(1, len(drawn))), layout="constrained")
        axes: Any = figure.subplots()
        heights = list(range(len(drawn)))
        ratios = [one.ratio or 0.0 for one in drawn]
        spread = [
            [max(0.0, ratio - (one.ratio_lowest or ratio)) for one, ratio in zip(drawn, ratios, strict=True)],
            [max(0.0, (one.ratio_highest or ratio) - ratio) for one, ratio in zip(drawn, ratios, strict=True)],
        ]
        axes.barh(heights, ratios, xerr=spread, color=CYCLE[0], ecolor=_INK, capsize=2, height=0.6)
        aims = [(one.to_reach, height) for one, height in zip(drawn, heights, strict=True) if one.to_reach is not None]
        if aims:
            axes.plot(*zip(*aims, strict=True), "|", color=CYCLE[5], markersize=14, markeredgewidth=2, label="to reach")
            axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False)
        axes.axvline(1.0, color=_INK, linewidth=0.8, linestyle=":")
        names = [f"{one.ours} / {one.peer}" if one.work != "answers" else f"{one.what} / {one.peer}" for one in drawn]
        axes.set(yticks=heights, yticklabels=names, xscale="log", xlabel="times as fast, log scale\nwhiskers: lowest and highest turn")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.invert_yaxis()
        axes.spines[["top", "right"]].set_visible(False)
        written = io.BytesIO()
        # No version of matplotlib in the file: the same lines give the same bytes.
        figure.savefig(written, format="png", dpi=120, facecolor="white", metadata={"Software": None})
    return written.getvalue()


def _shown(lines: Sequence[Line]) -> list[Line]:
    slowest = max((one for one in lines if one.unit == SECONDS and one.work == "commands"), key=lambda one: one.ours_median, default=None)
    return [one for one in lines if one.unit != TOKENS and (one.work != "commands" or one is slowest)]


def _share(share: float | None, dtype: str | None) -> str:
    return _NOTHING if share is None else f"{share:.0%} of {dtype}"
