"""What the tests of the benchmarks share: a made-up machine, and an effort of a few rows."""

from pathlib import Path

import pytest

from bench.effort import Effort
from bench.machine import Machine
from bench.rows import Source
from judge.models.language_models import ModelSettings
from tests.students.examples import PASSAGES, folder, trained

__all__ = ["folder", "trained"]

MACHINE = Machine("2 cores, 2 threads, made up", {"float32": 1e11, "bfloat16": 2e11, "int8": 4e11})
SMALL = ModelSettings(embedded="smollm2-135m-instruct", hub=None, revision=None, dtype="bfloat16")
"""A chat model that a test can hold in memory more than once."""

SOURCE = Source(
    list(PASSAGES.values()), [f"What is said of {title}?" for title in PASSAGES], ["It is the capital of Portugal.", "Nothing."]
)


@pytest.fixture
def effort(folder: Path) -> Effort:
    """One turn of a few rows."""
    return Effort(SOURCE, folder, MACHINE, repeats=1, share=0.01)
