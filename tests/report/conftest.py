"""What the tests of the report share, and those of comparing and deciding."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from judge.evaluation.evaluation import Evaluation
from judge.report import compare, revisions
from judge.report.compare import Comparison
from judge.tables.schema import Row
from tests.report.made_up_run import a_recorded_run, a_run
from tests.report.toy_project import make_project


@pytest.fixture(scope="session")
def run() -> tuple[Evaluation, list[Row]]:
    """`a_run`, made once."""
    return a_run()


@pytest.fixture(scope="session")
def recorded() -> tuple[Evaluation, list[Row]]:
    """`a_recorded_run`, made once."""
    return a_recorded_run()


@pytest.fixture(scope="session")
def made_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, made once; nothing may change it."""
    return make_project(tmp_path_factory.mktemp("toy"))


@pytest.fixture
def toy(made_toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as the current folder."""
    monkeypatch.chdir(made_toy)
    return made_toy


@pytest.fixture
def toy_copy(made_toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project as the current folder, to be changed."""
    folder = Path(shutil.copytree(made_toy, tmp_path / "copy", symlinks=True))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def comparison(toy: Path) -> Comparison:
    """The comparison of the two built commits."""
    assert toy.is_dir()
    return compare.compare(*revisions.read(["one", "two"]))


@pytest.fixture
def incomplete(comparison: Comparison) -> Comparison:
    """The same where the tables of the first commit cannot be had."""
    lacks = ["data/test.jsonl of one is neither in the cache nor in a remote that answers (its MD5 is 0123).", "Next: `dvc pull`."]
    return compare.compare(replace(comparison.a, answers={}, lacks=lacks), comparison.b)
