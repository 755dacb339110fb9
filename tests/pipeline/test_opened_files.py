"""dvc.yaml is true of data: while the tiny project is built, each stage opens exactly what it declares."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import tiny_project

# Declared, and not opened by the default choices.
_UNOPENED = {
    "ingest": {
        "data/validated.json",  # what makes `validate` come first
        "data/raw",  # the corpus `directory` reads it
    },
}
Opened = dict[str, set[str]]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], Opened]]:
    """For each stage what dvc.lock says that it depends on and makes, and what it opened."""
    folder = tiny_project.built(tmp_path_factory)
    declared = yaml.safe_load((folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    return {name: (entry, _opened(tiny_project.opened_files(tmp_path_factory), name)) for name, entry in declared.items()}


def _opened(log: Path, stage: str) -> Opened:
    opened: Opened = {kind: set(paths) for kind, paths in json.loads((log / f"{stage}.json").read_text(encoding="utf-8")).items()}
    return opened


def _data(paths: set[str]) -> set[str]:
    """What is data or a setting: no code, and not the folder itself, which Python lists when it looks for modules."""
    return {path for path in paths if path.split("/")[0] not in (".", "<unknown>", "judge", "stages", "tests")}


def _covered(path: str, declared: set[str]) -> bool:
    return any(path == name or path.startswith(f"{name}/") for name in declared)


def _paths(entries: list[dict[str, Any]]) -> set[str]:
    return {entry["path"] for entry in entries}


def _faults(stage: str, declared: dict[str, Any], opened: Opened) -> list[str]:
    """Where what a stage opened and what it declares differ."""
    # Every stage reads params.yaml: tests/stages/test_dvc_yaml.py holds the keys against those that are tracked.
    deps = _paths(declared.get("deps", [])) | set(declared.get("params", {})) | {"params.yaml"}
    outs = _paths(declared["outs"])
    # Folders of conf/ are listed to see which options there are.
    read = _data(opened["read"] | {path for path in opened["listed"] if not path.startswith("conf/")})
    written = _data(opened["written"])
    unread = {name for name in _data(deps) - {"params.yaml"} if not any(_covered(path, {name}) for path in read)}
    return [
        *(f"{path} is read, and neither in deps nor in params" for path in sorted(read) if not _covered(path, deps | outs)),
        *(f"{path} is written, and not in outs" for path in sorted(written) if not _covered(path, outs)),
        *(f"{path} is declared, and not read" for path in sorted(unread - _UNOPENED.get(stage, set()))),
        *(f"{name} is an out, and not written" for name in sorted(outs) if not any(_covered(path, {name}) for path in written)),
    ]


def test_every_stage_opens_exactly_what_it_declares(stages: dict[str, tuple[dict[str, Any], Opened]]) -> None:
    """What is read is in deps or params, what is written in outs, and nothing is declared in vain."""
    faults = {name: faults for name, (declared, opened) in stages.items() if (faults := _faults(name, declared, opened))}
    assert {} == faults


def test_every_kind_of_untruth_would_be_seen(stages: dict[str, tuple[dict[str, Any], Opened]]) -> None:
    """A dep too few, one too many, an out too few and one too many are each named."""
    declared, opened = stages["split"]
    assert ["data/dataset.jsonl is read, and neither in deps nor in params"] == _faults("split", {**declared, "deps": []}, opened)
    more = {**declared, "deps": [*declared["deps"], {"path": "data/probes.jsonl"}]}
    assert ["data/probes.jsonl is declared, and not read"] == _faults("split", more, opened)
    assert ["data/test.jsonl is written, and not in outs"] == _faults("split", _without(declared, "data/test.jsonl"), opened)
    more = {**declared, "outs": [*declared["outs"], {"path": "data/more.jsonl"}]}
    assert ["data/more.jsonl is an out, and not written"] == _faults("split", more, opened)


def _without(declared: dict[str, Any], out: str) -> dict[str, Any]:
    return {**declared, "outs": [entry for entry in declared["outs"] if entry["path"] != out]}


def test_a_folder_of_documents_is_read_from_data_raw(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """`ingest` depends on data/raw for the corpus `directory`."""
    project = tiny_project.unbuilt(tmp_path)
    (project / "data/raw/lima.txt").write_text("Lima is the capital of Peru. It lies on the coast of the Pacific.\n" * 9, encoding="utf-8")
    log = tmp_path_factory.mktemp("log")
    tiny_project.run(project, sys.executable, "-m", "stages.ingest", "corpus=directory", check=True, **tiny_project.watching(log))
    assert "data/raw/lima.txt" in _opened(log, "ingest@directory")["read"]
