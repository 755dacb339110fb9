"""The metric files: JSON, written whole, in the order given; flat, as `dvc metrics` reads it, but for evaluation.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from judge.errors import TableError
from judge.tables import atomic

Metrics = dict[str, float | int | str | None]

QUESTIONS = Path("metrics/questions.json")
TEACHER = Path("metrics/teacher.json")
EVALUATION = Path("metrics/evaluation.json")
SUMMARY = Path("metrics/summary.json")
COST = Path("metrics/cost.json")


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Write metrics in full precision."""
    atomic.write_text(path, json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read(path: Path) -> Metrics:
    """Read metrics.

    Raises:
        TableError: the file is missing or is no JSON object.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(f"{path} is missing.\nNext: `dvc repro` makes it.") from None
    except ValueError as error:
        raise TableError(f"{path} is no valid JSON ({error}).\nNext: `git checkout {path}` restores it.") from None
    if not isinstance(values, dict):
        raise TableError(f"{path} has to hold a JSON object, got {type(values).__name__}.")
    return values
