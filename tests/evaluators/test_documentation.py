"""What the documentation says of versions."""

import re

import pytest

from tests.conftest import ROOT
from tests.evaluators.environments import lock_file

LOCKS = {
    "llama-index-core": ROOT / "requirements.lock",
    "inspect_ai": lock_file("inspect-ai"),
    "mlflow": lock_file("mlflow"),
    "deepeval": lock_file("deepeval"),
    "ragas": lock_file("ragas"),
}


@pytest.mark.parametrize("package", LOCKS)
def test_versions_are_those_of_the_locks(package: str) -> None:
    """The version that a tool was checked with, by docs/evaluators.md, is the one that its tests run."""
    page = (ROOT / "docs" / "evaluators.md").read_text(encoding="utf-8")
    checked = re.findall(rf"\| {package} ([\d.]+) \|", page)
    assert checked == re.findall(rf"^{package}==(\S+)$", LOCKS[package].read_text(encoding="utf-8"), re.MULTILINE)
    assert 1 == len(checked)
