"""The folder that a student is saved in and loaded from."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from judge.errors import StudentError
from judge.students import registry
from judge.students.options import StudentOption
from judge.students.student import Student, incompatible
from judge.tables import atomic
from judge.tables.levels import LEVELS

# Raised whenever a folder saved before can no longer be read, or would judge otherwise.
FORMAT = 4

CONFIG, _CARD = "config.json", "README.md"


def save(student: Student, folder: Path, card: str) -> None:
    """Write a student to a folder, whole or not at all: its model's files, settings, and model card.

    Raises:
        JudgeError: the disk is full or the folder cannot be written; an older folder stands as it was.
    """
    config = {
        "format": FORMAT,
        "levels": LEVELS,
        "threshold": student.threshold,
        "option": student.option.model_dump(),
        "training": student.training,
        "model": student.describe(),
    }
    with atomic.new_folder(folder) as target:
        student.write(target)
        (target / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        (target / _CARD).write_text(card, encoding="utf-8")


def load(folder: Path | str, *, budget_usd: float | None = None) -> Student:
    """Load a saved student.

    One with an encoder reads nothing but the folder; a causal language model needs its base model as well, and a hosted one
    its server, each time it judges.

    Args:
        folder: where it was saved.
        budget_usd: dollars that all runs with this cache may pay together for a hosted student; None is no limit.

    Raises:
        StudentError: a file is missing or unreadable, or was written by another version of this project, or a package that the
            student needs is not installed.
        PinError, ModelError: the base model of a causal language model cannot be loaded.
    """
    folder = Path(folder)
    _require(folder, [CONFIG])
    try:
        saved = _SavedConfig.model_validate(json.loads((folder / CONFIG).read_text(encoding="utf-8")), strict=False)
    except (ValueError, ValidationError) as error:
        raise incompatible(folder, f"{CONFIG} cannot be read: {error}") from None
    if saved.format != FORMAT or saved.levels != LEVELS:
        raise incompatible(
            folder,
            f"{CONFIG} has format {saved.format} with {len(saved.levels)} levels, "
            f"this version reads format {FORMAT} with {len(LEVELS)} levels",
        )
    kind = registry.student_class(saved.option.kind)
    _require(folder, kind.FILES)
    student = kind.restore(saved.option, saved.threshold, saved.training, saved.model, folder)
    student.budget_usd = budget_usd
    return student


class _SavedConfig(BaseModel):
    """config.json of a saved student."""

    model_config = ConfigDict(extra="forbid")

    format: int
    levels: tuple[float, ...]
    threshold: float
    option: StudentOption
    training: dict[str, Any]
    model: dict[str, Any]


def _require(folder: Path, names: Sequence[str]) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise StudentError(
            f"{folder} is no complete student: {', '.join(missing)} missing.\nNext: `dvc repro distil` makes one, `dvc pull` fetches it."
        )
