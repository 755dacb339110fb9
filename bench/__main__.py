"""`make bench`: ours and what a user would pick instead, in turn, on this machine; into metrics/bench.csv and docs/bench.md.

`python -m bench [WORK ...]` in a built project measures all works, or those that are named, each in a process of its own.
What takes the place of earlier lines is a work's lines as a whole; the other works' stay, with the machine that they were measured on.
`--page` measures nothing and writes the page from the file.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench import machine, page, rows, table, works
from bench.effort import Effort
from bench.machine import Machine
from bench.table import Line
from bench.works import WORKS
from judge.errors import JudgeError


def main() -> int:
    """Measure, and write; exit code 2 where something has to be mended first."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("works", nargs="*", metavar="WORK", help=", ".join(WORKS))
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="turns of each")
    parser.add_argument("--share", type=float, default=1.0, metavar="SHARE", help="of the usual number of rows: 0.1 is a quick look")
    parser.add_argument("--student", type=Path, default=Path("data/student"), metavar="FOLDER")
    parser.add_argument("--page", action="store_true", help="write docs/bench.md from metrics/bench.csv, and measure nothing")
    options = parser.parse_args()
    if unknown := set(options.works) - set(WORKS):
        parser.error(f"{', '.join(sorted(unknown))}: no such work; there are {', '.join(WORKS)}")
    try:
        if not options.page:
            _measure(options.works or WORKS, options.student.resolve(), options.repeats, options.share)
        page.update(table.read())
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _measure(names: Sequence[str], student: Path, repeats: int, share: float) -> None:
    """Measure each work, and write its lines as soon as they are there."""
    source = rows.source()
    with _process() as process:
        here = process.submit(machine.measure).result()
    table.write(table.merged(table.read(), rates(here)))
    for name in names:
        try:
            with _process() as process:
                found = process.submit(works.measure, name, Effort(source, student, here, repeats, share)).result()
        except ModuleNotFoundError as error:
            sys.stderr.write(f"{name} is left out: {error.name} is not installed.\nNext: make bench, or docs/bench.md for llama.cpp.\n")
            continue
        table.write(table.merged(table.read(), found))
        print(page.as_markdown(found), flush=True)


def _process() -> ProcessPoolExecutor:
    """A fresh process: none of a work's models or threads are there when the next one begins."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def rates(here: Machine) -> list[Line]:
    """The machine's own lines: its product rates, in 10^9 operations a second."""
    return [
        Line("machine", "product of matrices", dtype, None, "10^9 operations/s", rate / 1e9, machine=here.words)
        for dtype, rate in here.rates.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
