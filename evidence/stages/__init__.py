"""The stages of the evidence suite: one file each, run in the project's top folder as `python -m evidence.stages.NAME [TASK]`.

This module reads evidence/params.yaml. Options of conf/ and the sections that the project's own stages read, such as distil, are read
as those do, with the changes that a task names.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from judge import tables
from judge.errors import JudgeError, SettingsError
from judge.settings import Settings, check, nearest, read_params

FOLDER = Path("evidence")
EVIDENCE_CSV = FOLDER / "metrics/evidence.csv"


class Read(Settings):
    """A published file."""

    corpus: str = Field(description="the option of conf/corpus that reads it")
    file: str = Field(min_length=1, description="its name in data/published")
    threshold: float = Field(ge=0.0, lt=1.0, description="an answer is acceptable when its recorded score is strictly above this")
    train_fraction: float | None = Field(gt=0.0, lt=1.0, description="share of the documents that goes to train; null: no row is set aside")
    single_scores: str | None = Field(description="a regular expression whose groups are the scores of an answer; null: there is one")


class Train(Settings):
    """A student that is trained on published rows."""

    rows: str = Field(min_length=1, description="a table of rows, below this folder")
    student: str = Field(description="the option of conf/student")
    settings: list[str] = Field(description="key=value, as on the command line of a stage of the project")


class Ask(Settings):
    """What the teacher of the default run is asked about."""

    teacher: str = Field(description="the option of conf/teacher")
    rows: int = Field(ge=1, description="rows of each file, at most")
    files: list[str] = Field(description="names of `read`")


class Task(Settings):
    """What is measured."""

    rows: str = Field(min_length=1, description="a table of rows, below this folder")
    judges: str = Field(min_length=1, description="the folder of student and baselines, seen from this one")
    trained_on: str = Field(min_length=1, description="what the student has learnt of the data, in words")
    against: Literal["people", "teacher"] = Field(description="people's verdicts, or the recorded scores")
    figure: str = Field(description="the one by which the task is told")


class Params(Settings):
    """evidence/params.yaml."""

    seed: int = Field(ge=0, description="of every choice that is left to chance")
    read: dict[str, Read]
    train: dict[str, Train]
    ask: Ask
    tasks: dict[str, Task]


def run(main: Callable[[Params, str], None], section: str) -> None:
    """Run a stage for the entry of a section of evidence/params.yaml that the command line names: exit code 0, or 2 with a message."""
    # As in a stage of the project: see stages.run.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    arguments = sys.argv[1:]
    try:
        params = check(Params, read_params(FOLDER / "params.yaml"))
        names = params.ask.files if section == "ask" else list(getattr(params, section))
        if len(arguments) != 1 or arguments[0] not in names:
            raise SettingsError(f"{section}: got {' '.join(arguments) or 'nothing'}; {nearest(' '.join(arguments), names)}.")
        main(params, arguments[0])
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)


def read_rows(path: str) -> list[tables.Row]:
    """The rows of a table of the dataset's columns, below this folder."""
    return tables.read(replace(tables.DATASET, path=f"{FOLDER}/{path}"))


def write_rows(path: str, rows: Sequence[tables.Row]) -> None:
    """Write such a table."""
    tables.write(replace(tables.DATASET, path=f"{FOLDER}/{path}"), rows)


def judgments(name: str) -> tables.Table:
    """A table of judgments in data/, by its path there without the ending."""
    return replace(tables.JUDGMENTS, path=f"{FOLDER}/data/{name}.jsonl")
