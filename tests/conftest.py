"""What tests share: the project's folder, and settings of the options as a run would read them."""

import os
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
# As in a stage: see stages.run.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")


# Files that share the tiny project, which is built once for them.
_SHARE_A_PROJECT = ("pipeline/test_pipeline", "pipeline/test_opened_files", "pipeline/test_sweeps", "pipeline/test_remotes")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file, and the files that share what they build, in one worker."""

    def name(item: pytest.Item) -> str:
        return item.path.relative_to(ROOT / "tests").with_suffix("").as_posix()

    for item in items:
        item.add_marker(pytest.mark.xdist_group("tiny project" if name(item) in _SHARE_A_PROJECT else name(item)))
    # The longest first, so that no worker is left with it at the end.
    items.sort(key=lambda item: name(item) not in _SHARE_A_PROJECT)


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
