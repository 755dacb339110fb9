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


# Files that share the tiny project, which is built once for them; they begin first, so that no worker is left with them at the end.
_SHARE_A_PROJECT = tuple(
    f"tests/pipeline/{name}.py" for name in ("test_pipeline", "test_opened_files", "test_sweeps", "test_remotes", "test_evidence")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that share the tiny project."""
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in _SHARE_A_PROJECT)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file, and the files that share what they build, in one worker, in the order in which they were collected.

    By name rather than by `xdist_group`: pytest-xdist 3.8 writes that mark where pytest 9.2 no longer reads it.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return "tiny project" if path in _SHARE_A_PROJECT else path

    config.option.loadscopereorder = False
    return ByFile(config, log)


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
