"""Where cached replies and models lie."""

import os
from pathlib import Path

from judge.models.pinned import FILES, joint_hash, read
from judge.tables import atomic


def cache_folder() -> Path:
    """The folder for what can always be made again: `.cache` of the project, or where `JUDGE_CACHE` points.

    DVC runs queued experiments in copies below .dvc/tmp/exps, which lack what git ignores; they share the project's own cache.
    """
    return _project() / (os.environ.get("JUDGE_CACHE") or ".cache")


def models_folder() -> Path:
    """The folder for files of models, converted or copied, by hash; `JUDGE_MODELS` moves it, so that several caches can share it."""
    moved = os.environ.get("JUDGE_MODELS")
    return _project() / moved if moved else cache_folder() / "models"


def _project() -> Path:
    """The project's folder as seen from here: this one, unless this is one of DVC's copies of it."""
    parts = Path.cwd().parts
    copies = (".dvc", "tmp", "exps")
    starts = [index for index in range(len(parts) - len(copies)) if parts[index : index + len(copies)] == copies]
    return Path(*parts[: starts[-1]]) if starts else Path()


def folder(name: str) -> Path:
    """A folder that holds the verified files of `name`, copied once into the cache under their joint hash.

    Raises:
        PinError: as `pinned.read` raises it.
    """

    def fill(target: Path) -> None:
        for file in FILES[name]:
            (target / file.name).write_bytes(read(file))

    return atomic.make_once(models_folder() / joint_hash(name), fill)
