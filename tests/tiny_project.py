"""The project cut down to a few articles and to the small models, built once a session, and ways to work in copies of it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, change_yaml

_ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


# The options that `make env MODELS=small` has everything for.
SMALL_MODELS: dict[str, Any] = {
    "questioner": "gemma-3-270m",
    "generators": ["smollm2-passage", "gemma-passage", "smollm2-closed-book"],
    "teacher": "likelihood",
}


def run(
    folder: Path, *command: str, check: bool = True, also: Mapping[str, str] | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; the test fails with its output where it fails, unless `check` is off.

    `also` and `variables` are added to its environment.
    """
    environment = {**os.environ, **_ENVIRONMENT, **(also or {}), **variables}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if check and result.returncode:
        pytest.fail(f"{' '.join(command)} exited with {result.returncode}:\n{result.stdout}\n{result.stderr}")
    return result


def commit(folder: Path) -> None:
    """Commit everything that git does not ignore."""
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", "tiny")


def unbuilt(folder: Path) -> Path:
    """Put the project's files into the folder, cut down to a few articles and the small models, and commit them."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file() and name != "dvc.lock":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    titles = ["San Francisco", "Toronto", "Tokyo", "Paris"]
    change_yaml(
        folder / "conf/corpus/wikipedia-summaries.yaml",
        titles=titles,
        articles=14,
        background=8,
        minimum_characters=400,
        maximum_characters=1200,
    )
    change_yaml(
        folder / "params.yaml",
        **SMALL_MODELS,
        label__threshold=0.5,
        split__train_fraction=0.6,
        probe__per_passage=None,
        evaluate__resamples=200,
        distil__epochs=5,
        distil__retrainings=2,
    )
    run(folder, "git", "init", "-q")
    commit(folder)
    return folder


def built(factory: pytest.TempPathFactory) -> Path:
    """The tiny project after `dvc repro`, committed; built by the first test that asks, and to be copied by those that change it."""
    folder = factory.getbasetemp() / "tiny_project"
    if not (folder / "dvc.lock").is_file():
        unbuilt(folder)
        run(folder, "dvc", "repro", also=watching(opened_files(factory)))
        commit(folder)
    return folder


def opened_files(factory: pytest.TempPathFactory) -> Path:
    """The folder with what each stage opened while the tiny project was built: see tests/opened_files."""
    return factory.getbasetemp() / "opened_files"


def watching(log: Path) -> dict[str, str]:
    """The environment in which a stage notes in `log` what it opens."""
    paths = [str(ROOT / "tests/opened_files"), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "OPENED_FILES": str(log)}


def copy(folder: Path, target: Path) -> Path:
    """A project once more, its repository and its cache with it."""
    return Path(shutil.copytree(folder, target, symlinks=True))


def replies(store: Path) -> dict[str, str]:
    """All replies of a store by key; none where there is no store yet."""
    if not store.is_file():
        return {}
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        return dict(connection.execute("SELECT key, reply FROM replies").fetchall())
    except sqlite3.OperationalError:
        # A store that a process has just begun to make has no table yet.
        return {}
    finally:
        connection.close()
