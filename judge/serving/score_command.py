"""`judge score`: judge a file of rows with a student."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from judge.serving import columns, formats
from judge.serving.errors import ScoreError
from judge.serving.formats import FORMATS, STREAM
from judge.serving.scoring import Job
from judge.settings import check

if TYPE_CHECKING:
    from judge.serving.chunks import Judging
    from judge.students.student import Student

STUDENT = "data/student"
_INTERRUPTED = 130
# What torch reads as it loads; a value that the user has set stands. Threads that wait long before they sleep slow down a second busy
# process. And what it keeps for each shape of a batch, by default for a thousand of them, would grow for tens of thousands of rows.
_TORCH = {"GOMP_SPINCOUNT": "10000", "LRU_CACHE_CAPACITY": "32", "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32"}


def read_arguments(command: argparse.ArgumentParser) -> None:
    """Declare what is judged, and by which student."""
    command.add_argument("source", metavar="IN", help="the rows, JSONL, CSV or Parquet; - is the standard input")
    command.add_argument(
        "--student",
        default=STUDENT,
        metavar="WHICH",
        help="a folder, a revision of this project (v1.0), REPOSITORY@REVISION, or ORGANISATION/NAME at the hub (default: %(default)s)",
    )
    command.add_argument("--format", choices=FORMATS, help="of IN, where its suffix does not say")
    command.add_argument(
        "--columns",
        metavar="NAME=COLUMN,...",
        help=f"the input's own names, where they are not {', '.join(columns.READ)}; question=q,answer=a",
    )


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    read_arguments(command)
    command.add_argument("target", metavar="OUT", help="their judgments; - is the standard output, from which no run can go on")
    command.add_argument("--output-format", choices=FORMATS, help="of OUT, where its suffix does not say")
    command.add_argument("--keep", metavar="COLUMN,...", help="columns of the input that go along; `all` is all that are not read")
    command.add_argument("--spans", action="store_true", help="write the words and sentences without support as well, a list of spans")
    command.add_argument(
        "--passages", metavar="FOLDER", type=Path, help="keep what is read of passages there, a megabyte each, for other runs"
    )
    command.add_argument("--strict", action="store_true", help="end at the first bad row, with exit code 2")
    command.add_argument("--restart", action="store_true", help="drop what a run that was broken off has left, and begin anew")
    command.add_argument("--runtime", choices=("local", "ray"), default="local", help="where it judges: here, or on a Ray cluster")
    command.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="auto, the cluster that this machine is a node of; HOST:PORT; or local, a Ray on this machine for this run, if it is left out",
    )
    command.add_argument("--ray-workers", type=int, metavar="N", help="processes that judge there; as many as fit, if it is left out")
    command.add_argument("--ray-cpus", type=int, metavar="N", help="cores of each; 1, if it is left out")
    command.add_argument("--ray-gpus", type=float, metavar="N", help="GPUs of each, in the place of cores; 0.5 lets two share one")


def set_up_torch() -> None:
    """Say to torch, before it loads, what fits endless rows of all lengths."""
    for name, value in _TORCH.items():
        os.environ.setdefault(name, value)


def command(options: argparse.Namespace) -> int:
    """Judge, and say on standard error how many rows were; a run that is broken off goes on where it was, by the same command."""
    job = Job(
        options.source,
        formats.of(options.source, options.format, "--format"),
        options.target,
        formats.of(options.target, options.output_format, "--output-format"),
        columns.parse(options.columns, options.keep),
        options.strict,
        options.restart,
        options.spans,
    )
    if STREAM not in (job.source, job.target) and Path(job.source).resolve() == Path(job.target).resolve():
        raise ScoreError(f"{job.source} is the input and the output.\nNext: name another output.")
    set_up_torch()
    from judge.serving import scoring, sources
    from judge.students import saved

    folder = sources.folder(options.student)
    student = saved.load(folder)
    if options.passages is not None:
        student.keep_passages(options.passages)
    try:
        counts = scoring.score(job, student, sources.fingerprint(folder, student), _judging(options, folder, student))
    except KeyboardInterrupt:
        goes_on = "" if job.target == STREAM else " The same command goes on where it was."
        sys.stderr.write(f"Interrupted.{goes_on}\n")
        return _INTERRUPTED
    bad = f", {_rows(counts.bad)} kept out that cannot be" if counts.bad else ""
    sys.stderr.write(f"{_rows(counts.judged)} judged{bad}.\n")
    return 0


def _judging(options: argparse.Namespace, folder: Path, student: "Student") -> "Judging | None":
    """Where chunks are judged: None for here."""
    given = {name: value for name, value in vars(options).items() if name.startswith("ray_") and value is not None}
    if options.runtime == "local":
        if given:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise ScoreError(f"{names}: nothing runs on a cluster.\nNext: add --runtime ray, or leave it out.")
        return None
    from judge.models.cluster import RaySettings
    from judge.serving import cluster_scoring

    asked = {name.removeprefix("ray_"): value for name, value in given.items()}
    settings = check(RaySettings, {"address": "local", "workers": None, "cpus": 1, "gpus": 0.0} | asked)
    return cluster_scoring.judging(folder, student, settings, spans=options.spans)


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"
