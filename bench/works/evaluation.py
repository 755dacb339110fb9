"""The stages that make figures and report of 100,000 answers: seconds and memory, against what they may take."""

import statistics
import sys
import tempfile
from pathlib import Path

from bench import compare, evaluate
from bench.effort import Effort
from bench.table import SECONDS, Line

WORK = "evaluation"
STAGES = ("evaluate", "report")
_ANSWERS, _OTHERS = 100_000, 20_000
_TO_REACH = {SECONDS: 60.0, "GB": 2.0}


def measure(effort: Effort) -> list[Line]:
    """Seconds and gigabytes of each stage on tables of that size, which are those of data/ again and again."""
    answers, others = effort.rows(_ANSWERS), effort.rows(_OTHERS)
    taken: dict[tuple[str, str], list[float]] = {(stage, unit): [] for stage in STAGES for unit in _TO_REACH}
    # A turn takes more than a minute and hardly differs from the next.
    repeats = min(effort.repeats, 2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        evaluate.make_project(folder, answers, others)
        for _ in range(repeats):
            for stage in STAGES:
                seconds, _, peak_gb = compare.measure(folder, [sys.executable, "-m", f"stages.{stage}"])
                taken[stage, SECONDS].append(seconds)
                taken[stage, "GB"].append(peak_gb)
    return [
        Line(
            WORK,
            f"{answers:,} answers of test, {others:,} of train, as many statements of either kind",
            f"stage {stage}",
            None,
            unit,
            statistics.median(found),
            # What is aimed at is the stage that makes the figures.
            to_reach=_TO_REACH[unit] if stage == STAGES[0] else None,
            ours_n=answers,
            repeats=len(found),
            machine=effort.machine.words,
        )
        for (stage, unit), found in taken.items()
    ]
