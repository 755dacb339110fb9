"""How much is measured, of what, and where; and a cache of its own, so that nothing is at hand that was computed before."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import yaml

from bench.machine import Machine
from bench.rows import Source
from judge.models import folders, language_models

ROOT = Path(__file__).resolve().parent.parent


class Effort(NamedTuple):
    """What a work is given.

    Attributes:
        source: what its rows are made of.
        student: the folder of the student.
        machine: where it runs.
        repeats: turns of each.
        share: of its usual number of rows.
    """

    source: Source
    student: Path
    machine: Machine
    repeats: int = 3
    share: float = 1.0

    def rows(self, usual: int) -> int:
        """How many rows of a usual number, at least one."""
        return max(1, round(usual * self.share))


def option(name: str) -> dict[str, Any]:
    """An option file of conf/, such as "teacher/joined", with its name."""
    values: dict[str, Any] = yaml.safe_load((ROOT / "conf" / f"{name}.yaml").read_text(encoding="utf-8"))
    return {**values, "name": Path(name).name}


@contextmanager
def empty_cache() -> Iterator[None]:
    """Nothing that was computed before is known; files of models stay where they are."""
    models = folders.models_folder().resolve()
    with tempfile.TemporaryDirectory() as cache, mock.patch.dict(os.environ, JUDGE_CACHE=cache, JUDGE_MODELS=str(models)):
        yield


@contextmanager
def loaded_once() -> Iterator[None]:
    """A language model stays loaded for the next turn, as it does within a long run, so that no turn's clock has its loading."""
    load = language_models.load
    kept = lru_cache(maxsize=2)(load)
    holders = [module for name, module in sys.modules.items() if name.startswith("judge.") and vars(module).get("load") is load]
    with mock.patch.multiple(language_models, load=kept):
        patches = [mock.patch.object(module, "load", kept) for module in holders if module is not language_models]
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in patches:
                patch.stop()
