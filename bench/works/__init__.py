"""The works that `make bench` measures: a module each, with a function `measure` that returns its lines of metrics/bench.csv."""

from importlib import import_module

from bench.effort import Effort, empty_cache
from bench.table import Line

# The modules, in the order in which they are measured.
WORKS = ("student", "teachers", "answers", "verdicts", "llama_cpp", "evaluation", "commands")


def measure(name: str, effort: Effort) -> list[Line]:
    """What a work measures, with nothing at hand that was computed before.

    Raises:
        ModuleNotFoundError: a peer is not installed.
        JudgeError: as the work's own parts raise it.
    """
    with empty_cache():
        found: list[Line] = import_module(f"bench.works.{name}").measure(effort)
    return found
