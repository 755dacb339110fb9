"""What says that metrics/ is older than the labels or the settings: a verdict on figures of yesterday is worse than none."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge import tables
from judge.errors import JudgeError
from judge.evaluation import figures
from judge.evaluation.figures import NONE, PEOPLE
from judge.people import labels
from judge.settings import read_params

if TYPE_CHECKING:
    import pandas as pd

_LOCK = Path("dvc.lock")


def warn(table: "pd.DataFrame") -> None:
    """Say on standard error where labels or settings are newer than the figures; quiet where that cannot be told."""
    for note in notes(table):
        sys.stderr.write(f"note: {note}; `dvc repro` measures again.\n")


def notes(table: "pd.DataFrame") -> list[str]:
    """What is newer than the figures, a clause each; nothing where tables, settings or dvc.lock cannot be read."""
    try:
        return [*_labels(table), *_settings()]
    except (JudgeError, OSError):
        return []


def _labels(table: "pd.DataFrame") -> list[str]:
    test = {str(row["answer_id"]) for row in tables.read(tables.TEST)}
    given = sum(len(by) for item, by in labels.by_item(labels.read()).items() if item in test)
    found = figures.look_up(table, PEOPLE, "labels", NONE)
    measured = 0 if found is None else int(found.value or 0)
    return [] if given == measured else [f"data/labels has {given} labels of test answers, and metrics/ knows of {measured}"]


def _settings() -> list[str]:
    import yaml

    locked = yaml.safe_load(_LOCK.read_text(encoding="utf-8"))["stages"].get("evaluate", {})
    known: dict[str, Any] = locked.get("params", {}).get("params.yaml", {})
    params = read_params()
    return [f"the section {name} of params.yaml is not the one that was measured" for name in known if params.get(name) != known[name]]
