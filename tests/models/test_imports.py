"""What importing the settings of hosted models loads."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

HEAVY = {
    "asyncio",
    "httpx",
    "judge.models.hosted",
    "judge.models.hosted_requests",
    "judge.models.rate_limits",
    "openai",
    "sqlite3",
    "ssl",
}


@pytest.mark.parametrize(
    "module", ["judge.students.options", "judge.teachers.registry", "judge.dataset.answers", "judge.dataset.questions"]
)
def test_settings_load_no_network_stack(module: str) -> None:
    """In a fresh interpreter, option files can be read and checked without what asks a server or opens the cache."""
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    loaded = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert module in loaded
    assert set() == HEAVY & set(loaded)
