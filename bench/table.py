"""metrics/bench.csv: one line for each thing that was measured, with its peer, its limit and the machine."""

import csv
import io
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from bench import turns
from bench.machine import Machine
from bench.turns import Contender
from judge.errors import JudgeError
from judge.tables import atomic

BENCH_CSV = Path("metrics/bench.csv")
PER_SECOND = "rows/s"
SECONDS = "s"
TOKENS = "tokens"
_DIGITS = 4


@dataclass(frozen=True)
class Line:
    """What was measured of one work of ours, and of one peer; None stands for what does not apply.

    `ours_median` and `peer_median` are in `unit`. `ratio` says how many times as fast ours is: the median of the turns; `ratio_lowest` and
    `ratio_highest` are of single turns. `to_reach` is the least ratio that is aimed at or, where there is no peer, the most of `unit`.
    `ours_n` and `peer_n` count the rows of a turn, `ours_tokens` and `peer_tokens` what is read for one of them.
    A limit is what the products of the work allow, in `unit`, at the rate of `dtype` that was measured on this machine; a share is what
    was reached of it.
    """

    work: str
    what: str
    ours: str
    peer: str | None
    unit: str
    ours_median: float
    peer_median: float | None = None
    ratio: float | None = None
    ratio_lowest: float | None = None
    ratio_highest: float | None = None
    to_reach: float | None = None
    ours_n: int | None = None
    peer_n: int | None = None
    ours_tokens: float | None = None
    peer_tokens: float | None = None
    repeats: int = 1
    ours_dtype: str | None = None
    ours_limit: float | None = None
    ours_share: float | None = None
    peer_dtype: str | None = None
    peer_limit: float | None = None
    peer_share: float | None = None
    machine: str = ""


COLUMNS = tuple(field.name for field in fields(Line))
_TEXTS = {field.name for field in fields(Line) if "str" in str(field.type)}
_COUNTS = {"ours_n", "peer_n", "repeats"}


def line(
    work: str,
    what: str,
    ours: Contender,
    peer: Contender | None,
    seconds: Mapping[str, Sequence[float]],
    machine: Machine,
    to_reach: float | None = None,
) -> Line:
    """The line of two who took turns, in rows a second; without a peer it has ours alone.

    Args:
        work: the name of the work.
        what: what was done, in words.
        ours: who is held against the peer.
        peer: the peer.
        seconds: of the turns by name, as `turns.take` returns them.
        machine: where it was.
        to_reach: the least ratio that is aimed at.
    """
    own = turns.rates(ours, seconds)
    limit = _limit(ours, machine)
    found = Line(
        work,
        what,
        ours.name,
        None,
        PER_SECOND,
        statistics.median(own),
        to_reach=to_reach,
        ours_n=ours.n,
        ours_tokens=ours.tokens,
        repeats=len(own),
        ours_dtype=ours.dtype,
        ours_limit=limit,
        ours_share=None if limit is None else statistics.median(own) / limit,
        machine=machine.words,
    )
    if peer is None:
        return found
    others = turns.rates(peer, seconds)
    ratio, peer_limit = turns.ratio(own, others), _limit(peer, machine)
    beside = {
        "peer": peer.name,
        "peer_median": statistics.median(others),
        "ratio": ratio.median,
        "ratio_lowest": ratio.lowest,
        "ratio_highest": ratio.highest,
        "peer_n": peer.n,
        "peer_tokens": peer.tokens,
        "peer_dtype": peer.dtype,
        "peer_limit": peer_limit,
        "peer_share": None if peer_limit is None else statistics.median(others) / peer_limit,
    }
    return Line(**{**asdict(found), **beside})


def _limit(contender: Contender, machine: Machine) -> float | None:
    """Rows a second that the products of its work allow."""
    if contender.operations is None or contender.dtype is None:
        return None
    return machine.rates[contender.dtype] / contender.operations


def merged(before: Sequence[Line], measured: Sequence[Line]) -> list[Line]:
    """The lines with those of each work that was measured in the place of its earlier ones; a new work comes last."""
    new: dict[str, list[Line]] = {}
    for one in measured:
        new.setdefault(one.work, []).append(one)
    works = dict.fromkeys([*(one.work for one in before), *new])
    return [one for work in works for one in new.get(work, [each for each in before if each.work == work])]


def write(lines: Sequence[Line], path: Path = BENCH_CSV) -> None:
    """Write all lines, numbers to four digits: more would be noise."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_cell, asdict(one).values()) for one in lines)
    atomic.write_text(path, written.getvalue())


def read(path: Path = BENCH_CSV) -> list[Line]:
    """The lines of the file; none where there is no file.

    Raises:
        JudgeError: the file has other columns.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        found = csv.DictReader(file)
        if tuple(found.fieldnames or ()) != COLUMNS:
            raise JudgeError(f"{path} has other columns than this version writes.\nNext: delete it, and run `make bench`.")
        return [Line(**{name: _value(name, text) for name, text in row.items()}) for row in found]


def _cell(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}"
    return "" if value is None else str(value)


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text or None
    if not text:
        return None
    return int(text) if name in _COUNTS else float(text)
