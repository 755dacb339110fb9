"""What tests share: the project's folder, and settings of the options as a run would read them."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

ROOT = Path(__file__).resolve().parent.parent

# Converted models are large: tests use the project's cache of them, but never its cache of replies.
os.environ.setdefault("JUDGE_MODELS", str((ROOT / ".cache" / "models").resolve()))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Tests share the cores among workers; torch in each of them would take all.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# What a shell has started in the background ignores Ctrl-C, and so does all that it starts; some tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# As in a stage: see stages.run.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")


# The files that take longest: they begin first, so that no worker is left with one of them at the end. The first of them builds the
# tiny project, which the others of tests/pipeline wait for: they come when it is there.
_FIRST = (
    "tests/pipeline/test_pipeline.py",
    "tests/stages/test_launched.py",
    "tests/pipeline/test_hosted_pipeline.py",
    "tests/bench/test_works.py",
    "tests/distillation/test_encoder_training.py",
    "tests/pipeline/test_evidence.py",
    "tests/pipeline/test_sweeps.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    place = {path: number for number, path in enumerate(_FIRST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(_FIRST)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file in one worker, and begin with the files in the order in which they were collected."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def option(group: str, name: str, kind: Any, **changes: Any) -> Any:
    """An option file of conf/ as settings, with some keys changed."""
    values = yaml.safe_load((ROOT / "conf" / group / f"{name}.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(kind).validate_python({**values, "name": name, **changes})


def change_yaml(path: Path, **values: Any) -> None:
    """Change values of a YAML file in place; a__b is the key b of the section a."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in values.items():
        *parents, last = key.split("__")
        section = content
        for parent in parents:
            section = section[parent]
        section[last] = value
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
