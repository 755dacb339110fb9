"""Sweeps: run what `dvc exp run --queue` has queued, wait for its end, and put all into one table; the command `judge sweep`.

DVC starts workers and returns; here a command ends when the last experiment has, and says which of them failed and why.
"""

import argparse
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.errors import JudgeError
from judge.settings import flatten
from judge.tables import atomic

if TYPE_CHECKING:
    import pandas as pd

_PARAMS = "params.yaml"
_SUMMARY = "metrics/summary.json"
_SWEEPS = Path("metrics/sweeps")
# Keys of params.yaml that are no key of a section.
_CHOICES = ("seed", "corpus", "questioner", "generators", "teacher", "student")
_ENDS = ("Success", "Failed")
# Lines of a failed experiment's log that are shown.
_TAIL = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Tell a parser what the command takes."""
    parser.add_argument(
        "--workers",
        type=int,
        choices=range(1, 17),
        default=2,
        metavar="N",
        help="experiments at the same time, 1 to 16; %(default)s by default",
    )


def command(chosen: argparse.Namespace) -> int:
    """Run what is queued and print the table, whatever came of it; exit code 130 where the user interrupts it.

    Raises:
        JudgeError: as `finish`.
    """
    try:
        for line in finish(chosen.workers):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. What is queued goes on: `judge sweep` waits for it again, `dvc queue stop --kill` ends it.\n")
        return 130
    finally:
        runs = table()
        save(runs)
        sys.stdout.write(f"\n{as_text(runs)}")
    return 0


def finish(workers: int, patience_s: float = 60) -> Iterator[str]:
    """Run all queued experiments, those of an interrupted call and those queued meanwhile too; the workers have ended afterwards.

    Args:
        workers: processes that run an experiment each; 1 or more.
        patience_s: how long to wait while no worker answers; one needs a few seconds to start, more on a busy machine.

    Yields:
        A line for each experiment that has ended, as it ends.

    Raises:
        JudgeError: an experiment failed, the workers died, or this is no project with a commit.
    """
    with _repo() as repo:
        queue = repo.experiments.celery_queue
        names: dict[str, str] = {}
        failed: list[str] = []
        ended: set[str] = set()
        last_answer = time.monotonic()
        while True:
            tasks = {task["rev"]: task for task in queue.status()}
            started = bool(names)
            names |= {rev: str(task["name"]) for rev, task in tasks.items() if task["status"] not in _ENDS}
            if not started and names:
                _start(workers)
            for rev in [rev for rev in names if rev not in ended and tasks.get(rev, {}).get("status") in _ENDS]:
                ended.add(rev)
                status = tasks[rev]["status"]
                if status == "Failed":
                    failed.append(f"{names[rev]} failed; the end of its log:\n{_log(queue, rev)}")
                yield f"{names[rev]}: {status.lower()}, {len(ended)} of {len(names)}"
            if ended >= names.keys():
                break
            # This asks every worker and waits a second for the answers.
            if queue.worker_status():
                last_answer = time.monotonic()
            elif time.monotonic() - last_answer > patience_s:
                left = ", ".join(name for rev, name in names.items() if rev not in ended)
                failed.append(f"No worker is left for {left}; the end of its log:\n{_log(queue, '')}")
                break
            time.sleep(1)
        if names:
            _wait_for_the_end(queue, patience_s)
    if failed:
        raise JudgeError("\n".join(failed) + "\nNext: mend the cause and queue the experiment again; `dvc queue kill` ends one that hangs.")


def table() -> "pd.DataFrame":
    """The experiments of this commit, a row each, as they are shown: all cells are texts, – where a run has none.

    The columns: experiment, the settings in which the runs differ, then the figures of metrics/summary.json with their intervals.

    Raises:
        JudgeError: this is no project with a commit.
    """
    with _repo() as repo:
        states = repo.experiments.show(hide_queued=True, hide_failed=True, hide_workspace=True)
    states = [state for base in states for state in (base, *(run.revs[0] for run in base.experiments or []))]
    return join([(state.name or state.rev[:7], _flat(state, "params", _PARAMS), _flat(state, "metrics", _SUMMARY)) for state in states])


def join(runs: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]]) -> "pd.DataFrame":
    """The table of `table`, sorted by what was set.

    Args:
        runs: of each run the name, its flat settings, and the figures of its metrics/summary.json.
    """
    import pandas as pd

    # As objects: a whole number beside a missing one stays whole.
    every = pd.DataFrame([params for _, params, _ in runs], dtype=object)
    settings = every[[key for key in every if len(set(every[key].map(str))) > 1]]
    figures = pd.DataFrame([_figures(summary) for _, _, summary in runs], dtype=object)
    names = pd.DataFrame({"experiment": [name for name, _, _ in runs]})
    ranks = [[_rank(value) for value in row] for row in settings.to_numpy().tolist()]
    order = sorted(range(len(runs)), key=ranks.__getitem__)
    return names.join(_shown(settings)).join(_shown(figures)).iloc[order].reset_index(drop=True)


@contextmanager
def _repo() -> Iterator[Any]:
    """The DVC project of the working folder; what DVC refuses becomes an error for the user."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from scmrepo.exceptions import SCMError

    try:
        with Repo() as repo:
            yield repo
    except (DvcException, SCMError) as error:
        raise JudgeError(f"{error}\nNext: run this in the project's top folder, and commit first.") from error


def _start(workers: int) -> None:
    """Start workers that find `dvc` and `python` where this one is, whatever PATH is: without them they die silently."""
    folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(folder / "dvc"), "queue", "start", "--quiet", "--jobs", str(workers)]
    subprocess.run(command, env=environment, check=True)  # noqa: S603 - the dvc of this environment


def _wait_for_the_end(queue: Any, patience_s: float) -> None:
    """Wait for the workers, which end by themselves within ten seconds.

    Telling them to (`dvc queue stop`) is no help: a worker that has just ended leaves the word to the next of its name, which then
    ends as soon as it has taken an experiment.
    """
    last = time.monotonic() + patience_s
    while queue.worker_status() and time.monotonic() < last:
        time.sleep(1)


def _log(queue: Any, rev: str) -> str:
    """The last lines of an experiment, or of the first worker where the experiment did not come to have a log."""
    process = queue.proc.get(rev)
    path = Path(process.stdout if process else Path(queue.wdir) / "dvc-exp-worker-1.out")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return "\n".join(f"  {line}" for line in lines[-_TAIL:]) or "  (empty)"


def _flat(state: Any, kind: str, path: str) -> dict[str, Any]:
    return flatten((getattr(state.data, kind).get(path) or {}).get("data") or {})


def _figures(summary: Mapping[str, Any]) -> dict[str, str]:
    """Each figure with its interval, to three places."""
    return {
        key: _figure(value, summary.get(f"{key}_low"), summary.get(f"{key}_high"))
        for key, value in summary.items()
        if not key.endswith(("_low", "_high"))
    }


def _figure(value: Any, low: float | None, high: float | None) -> str:
    shown = f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)
    return shown if low is None or high is None else f"{shown} [{low:.3f}, {high:.3f}]"


def _rank(value: Any) -> tuple[bool, Any]:
    """What a setting is sorted by: numbers first, by size."""
    if isinstance(value, int | float) and not _is_missing(value):
        return False, value
    return True, str(None if _is_missing(value) else value)


def _shown(values: "pd.DataFrame") -> "pd.DataFrame":
    """The values as texts, – for those that a run does not have."""
    return values.map(lambda value: "–" if _is_missing(value) else str(value))


def _is_missing(value: Any) -> bool:
    """Whether pandas has put its mark here, for lack of a value; a list is none."""
    return isinstance(value, float) and math.isnan(value)


def save(runs: "pd.DataFrame") -> None:
    """Write a table to metrics/sweeps, under the names of what was swept; the report shows it after the next `dvc repro`.

    The experiments' names, which DVC draws by chance, are left out; with nothing swept there is nothing to keep.
    """
    swept = [name for name in runs.columns if "." in name or name in _CHOICES]
    if swept:
        atomic.write_text(_SWEEPS / f"{'+'.join(swept)}.csv", runs.drop(columns="experiment").to_csv(index=False, lineterminator="\n"))


def as_text(runs: "pd.DataFrame") -> str:
    """A table in columns."""
    rows = [list(runs.columns), *runs.itertuples(index=False)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)
