"""Fixtures of the evaluators' tests: rows, what the student says of them, and what a tool made of that in its own environment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import judge
from judge.tables.levels import Judgment
from tests.evaluators.tools import ROWS, run, to_judge
from tests.students.examples import folder, trained

__all__ = ["folder", "trained"]


@pytest.fixture(scope="session")
def judgments(folder: Path) -> list[Judgment]:
    """What the saved student says of the rows, asked by itself."""
    return judge.load(folder).judge([to_judge(row) for row in ROWS])


@pytest.fixture(scope="session")
def evaluated(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """The results of a tool's evaluation of the same rows by the same student."""
    return lambda tool: run(tool, folder, tmp_path_factory.mktemp(tool))
