"""The bar on the terminal, and the lines that name bad rows."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from judge.serving.inputs import Input

if TYPE_CHECKING:
    from tqdm import tqdm


class Progress:
    """How far an input has been judged: rate and time left on standard error, where that is a terminal."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self._bar = bar
        self._rows = 0
        self._began_s = time.monotonic()

    def moved(self, rows: int, position: int) -> None:
        """So many rows more are done, and with them all that stands before a position of the input."""
        self._rows += rows
        rate = self._rows / max(time.monotonic() - self._began_s, 1e-9)
        self._bar.set_postfix_str(f"{self._rows:,} rows, {rate:.1f} rows/s", refresh=False)
        self._bar.update(position - self._bar.n)

    def say(self, line: str) -> None:
        """A line for the user, above the bar."""
        self._bar.write(line, file=sys.stderr)


@contextmanager
def shown(read: Input) -> Iterator[Progress]:
    """Progress from where the input has been read to already; the time left is estimated from what was read since."""
    from tqdm import tqdm

    # `disable=None` is tqdm's way to say: only on a terminal.
    bar: tqdm[Any] = tqdm(total=read.total, initial=read.position, unit=read.unit, unit_scale=read.unit == "B", disable=None, leave=False)
    with bar:
        yield Progress(bar)
