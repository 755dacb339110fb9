"""dvc.yaml is true: each stage depends on exactly the code it imports, and tracks exactly the settings it reads."""

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import stages
from tests.conftest import ROOT

DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
STAGES = sorted(DVC["stages"])


def _body(stage: str) -> dict[str, Any]:
    body: dict[str, Any] = DVC["stages"][stage]
    inner: dict[str, Any] = body.get("do", body)
    return inner


def _file(module: str) -> Path | None:
    for path in (Path(*module.split(".")).with_suffix(".py"), Path(*module.split("."), "__init__.py")):
        if (ROOT / path).is_file():
            return path
    return None


def _imports(path: Path) -> set[Path]:
    """The project's modules that a file imports, wherever in the file, but for type checking alone."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    skipped = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    # Importing a.b runs a/__init__.py as well.
    names |= {name.rsplit(".", number)[0] for name in names for number in range(1, name.count(".") + 1)}
    return {file for name in names if (file := _file(name))}


def _code(stage: str) -> set[str]:
    """What a stage's code is made of: its own file, the packages of what it imports, and the few files beside them."""
    found: set[Path] = set()
    waiting = {Path("stages") / f"{stage}.py", Path("stages/__init__.py")}
    while waiting:
        path = waiting.pop()
        found.add(path)
        waiting |= _imports(path) - found
    # A module of a package stands for the whole package: DVC hashes the folder.
    return {(path.parent if len(path.parts) > len(("judge", "errors.py")) else path).as_posix() for path in found}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_code_it_imports(stage: str) -> None:
    """An edit of a module reruns the stages that use it, and no other."""
    listed = {dep for dep in _body(stage)["deps"] if dep.split("/")[0] in ("stages", "judge")}
    assert sorted(_code(stage)) == sorted(listed)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_tracks_exactly_the_settings_it_reads(stage: str) -> None:
    """Every setting that reaches a stage is tracked, with its option file, and no other."""
    config = importlib.import_module(f"stages.{stage}").Config
    if stage == "validate":
        assert {"params.yaml", "conf"} <= set(_body(stage)["deps"])
        assert sorted(PARAMS) == sorted(config.model_fields)
        return
    groups = {name for name, field in config.model_fields.items() if stages._holds_option(field.annotation)}
    # The budget stops a run, and changes no output: raising it makes nothing stale.
    expected = {name for name in config.model_fields if name not in groups} - {"budget_usd", "runtime", "ray"}
    expected |= {f"conf/{name}/${{{'item' if name == 'generator' else name}}}.yaml" for name in groups}
    tracked = {next(iter(entry)) if isinstance(entry, dict) else entry for entry in _body(stage).get("params", [])}
    assert sorted(expected) == sorted(tracked)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_says_in_one_line_what_it_is_for(stage: str) -> None:
    """`dvc stage list` tells the story."""
    assert re.fullmatch(r"[A-Z][^\n]{20,140}", _body(stage)["desc"])


def test_an_edit_of_figures_or_report_reruns_no_teacher_and_no_student() -> None:
    """Measuring and showing are last: only the check of the settings, which makes the same bytes, depends on them as well."""
    late = {stage for stage in STAGES if {"judge/evaluation", "judge/report"} & set(_body(stage)["deps"])}
    assert {"validate", "evaluate", "report", "package"} == late


def test_every_stage_file_is_a_stage() -> None:
    """dvc.yaml and the folder stages/ hold the same names."""
    assert STAGES == sorted(path.stem for path in (ROOT / "stages").glob("*.py") if path.stem != "__init__")


def test_stages_never_import_each_other_and_the_library_never_imports_them() -> None:
    """`stages` imports `judge`, never the other way; one stage never another."""
    for path in (ROOT / "stages").glob("[a-z]*.py"):
        others = {file for file in _imports(path.relative_to(ROOT)) if file.parts[0] == "stages"}
        assert others <= {Path("stages/__init__.py")}, path
    for path in (ROOT / "judge").rglob("*.py"):
        assert not {file for file in _imports(path.relative_to(ROOT)) if file.parts[0] == "stages"}, path


@pytest.mark.parametrize("stage", STAGES)
def test_importing_a_stage_loads_no_heavy_package(stage: str) -> None:
    """A fresh interpreter that imports the stage has none of the packages that take seconds."""
    import subprocess
    import sys

    heavy = {"torch", "transformers", "llama_index", "openai", "sklearn", "pandas", "matplotlib", "scipy"}
    code = f"import sys, stages.{stage}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not heavy & set(loaded)
