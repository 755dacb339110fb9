"""How long a command takes to say what it is for: that is what a user waits for before anything happens."""

import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence

from bench import turns
from bench.effort import ROOT, Effort
from bench.table import SECONDS, Line
from bench.turns import Contender, Work

WORK = "commands"
_TO_REACH_S = 0.5
_REPEATS = 5


def measure(effort: Effort, names: Sequence[str] | None = None) -> list[Line]:
    """Seconds of `judge --help`, and of each command's help; all commands where none is named."""
    commands = ["", *(names if names is not None else of_help(_run("")))]
    contenders = [Contender(f"judge {name} --help".replace("  ", " "), 1, _prepared(name)) for name in commands]
    # A command that starts is over in half a second, and the machine's other work shows: more turns than of what takes long.
    repeats = effort.rows(_REPEATS)
    seconds = turns.take(contenders, repeats, WORK)
    return [
        Line(
            WORK,
            "start and help",
            one.name,
            None,
            SECONDS,
            statistics.median(seconds[one.name]),
            to_reach=_TO_REACH_S,
            ours_n=1,
            repeats=repeats,
            machine=effort.machine.words,
        )
        for one in contenders
    ]


def of_help(text: str) -> list[str]:
    """The names of the commands in what `judge --help` prints, which lists them in braces."""
    found = re.search(r"\{([\w,-]+)\}", text)
    return found[1].split(",") if found else []


def _prepared(name: str) -> Callable[[int], Work]:
    return lambda _: lambda: _run(name)


def _run(name: str) -> str:
    command = [sys.executable, "-m", "judge", *name.split(), "--help"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
