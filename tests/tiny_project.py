"""The project cut down to a few articles and to the small models, built once a session, and ways to work in copies of it."""

import fcntl
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

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
    # Short answers take less time.
    for generator in SMALL_MODELS["generators"]:
        change_yaml(folder / f"conf/generator/{generator}.yaml", decoding__max_new_tokens=20)
    # A few batches, so that there is something left to do after the first.
    change_yaml(folder / "conf/generator/smollm2-passage.yaml", decoding__batch_size=4)
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


@contextmanager
def _made_once(factory: pytest.TempPathFactory, name: str) -> Iterator[tuple[Path, bool]]:
    """A folder that all workers of a session share, and whether the block has to make what it holds; the others wait meanwhile."""
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, stamp = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.made-by").open("w") as made_by:
        fcntl.flock(made_by, fcntl.LOCK_EX)
        if not stamp.exists():
            # What a worker before this one could not make is made again, for this one's tests to say why.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            yield folder, True
            stamp.touch()
            return
    yield folder, False


def built(factory: pytest.TempPathFactory) -> Path:
    """The tiny project after `dvc repro`, committed; built by the first test that asks, and to be copied by those that work in it."""
    with _made_once(factory, "tiny_project") as (folder, is_new):
        if is_new:
            unbuilt(folder)
            run(folder, "dvc", "repro", also=watching(opened_files(factory)))
            commit(folder)
    return folder


class Experiment(NamedTuple):
    """The project after an experiment in its workspace, what DVC said of it, and the replies of before it."""

    folder: Path
    said: str
    replies: dict[str, str]


def another_threshold(factory: pytest.TempPathFactory) -> Experiment:
    """A copy of the tiny project after `dvc exp run -S label.threshold=0.4`; run by the first test that asks, and not to be changed."""
    project = built(factory)
    with _made_once(factory, "another_threshold") as (folder, is_new):
        if is_new:
            copy(project, folder / "project")
            said = run(folder / "project", "dvc", "exp", "run", "-S", "label.threshold=0.4").stdout
            (folder / "said.txt").write_text(said, encoding="utf-8")
    said = (folder / "said.txt").read_text(encoding="utf-8")
    return Experiment(folder / "project", said, replies(project / ".cache/replies.sqlite"))


def opened_files(factory: pytest.TempPathFactory) -> Path:
    """The folder with what each stage opened while the tiny project was built: see tests/opened_files."""
    own = factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "opened_files"


def watching(log: Path) -> dict[str, str]:
    """The environment in which a stage notes in `log` what it opens."""
    paths = [str(ROOT / "tests/opened_files"), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "OPENED_FILES": str(log)}


def copy(folder: Path, target: Path) -> Path:
    """A project once more, its repository and its cache with it."""
    return Path(shutil.copytree(folder, target, symlinks=True, copy_function=_put))


def _put(source: str, target: str) -> None:
    """The file itself in DVC's cache, where none is ever written again; elsewhere a copy."""
    if "/.dvc/cache/files/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


_ONE_AFTER_THE_OTHER = """
import json, runpy, sys
for module, *arguments in json.loads(sys.argv[1]):
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def run_stages(folder: Path, commands: Sequence[str], also: Mapping[str, str] | None = None) -> None:
    """Run `python -m MODULE ...` commands one after the other in a single process, which imports what they share once."""
    split = [shlex.split(command) for command in commands]
    assert all(["python", "-m"] == words[:2] for words in split), commands
    run(folder, sys.executable, "-c", _ONE_AFTER_THE_OTHER, json.dumps([words[2:] for words in split]), also=also)


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
