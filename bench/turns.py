"""Ours and its peers in turn: what each took, and how many times as fast ours is."""

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Work = Callable[[], object]


class Contender(NamedTuple):
    """Somebody who does a work.

    `prepare` is given the number of the turn and returns what the clock runs for; `n` is how many rows that does.
    `operations` and `tokens` are for one row: what its products take, and how many tokens it reads; `dtype` is what it computes in.
    None stands for what does not apply.
    """

    name: str
    n: int
    prepare: Callable[[int], Work]
    operations: float | None = None
    tokens: float | None = None
    dtype: str | None = None


class Ratio(NamedTuple):
    """How many times as fast one is as another: the median of the turns, the lowest and the highest."""

    median: float
    lowest: float
    highest: float


def take(contenders: Sequence[Contender], repeats: int, what: str) -> dict[str, list[float]]:
    """Let all do their work in turn, every second time in the other order, so that a machine that slows down is unfair to none.

    Returns:
        For each contender by name the seconds of its turns.
    """
    from tqdm import tqdm

    seconds: dict[str, list[float]] = {one.name: [] for one in contenders}
    # disable=None keeps the bar away where stderr is no terminal.
    with tqdm(total=repeats * len(contenders), desc=what, unit="turn", disable=None, file=sys.stderr) as bar:
        for turn in range(repeats):
            for one in contenders if turn % 2 == 0 else reversed(contenders):
                work = one.prepare(turn)
                start = time.perf_counter()
                work()
                seconds[one.name].append(time.perf_counter() - start)
                bar.update()
    return seconds


def rates(contender: Contender, seconds: Mapping[str, Sequence[float]]) -> list[float]:
    """Rows a second, turn by turn."""
    return [contender.n / taken for taken in seconds[contender.name]]


def ratio(ours: Sequence[float], peers: Sequence[float]) -> Ratio:
    """Of rates turn by turn: each turn's own ratio, as both of them stood beside each other."""
    each = [one / other for one, other in zip(ours, peers, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))
