"""evidence/dvc.yaml is true: each stage depends on exactly the code that it imports, and on the file of each option that it reads."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from judge.settings import check
from tests.conftest import ROOT
from tests.stages.test_dvc_yaml import _imports

EVIDENCE = ROOT / "evidence"
DVC = yaml.safe_load((EVIDENCE / "dvc.yaml").read_text(encoding="utf-8"))
# `code` has none: it always runs.
STAGES = sorted(set(DVC["stages"]) - {"code"})


def body(stage: str) -> dict[str, Any]:
    """What dvc.yaml says of a stage, or of each of several."""
    entry: dict[str, Any] = DVC["stages"][stage]
    inner: dict[str, Any] = entry.get("do", entry)
    return inner


def code(stage: str) -> set[str]:
    """What a stage's code is made of, as its deps spell it."""
    found: set[Path] = set()
    waiting = {Path(f"evidence/stages/{stage}.py")}
    while waiting:
        path = waiting.pop()
        found.add(path)
        waiting |= _imports(path) - found
    # The package itself holds no more than its docstring.
    found.discard(Path("evidence/__init__.py"))
    return {named(path) for path in found}


def named(path: Path) -> str:
    """A file of this project by its path; one of the project above by the list of hashes that it stands in."""
    if path.parts[0] == "evidence":
        return path.relative_to("evidence").as_posix()
    return f"data/code/{path.parts[1] if len(path.parts) > 2 else 'top'}.txt"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_code_it_imports(stage: str) -> None:
    """Code that is imported and no dep goes stale silently; a dep that nothing imports makes a stage run for nothing."""
    declared = {dep for dep in body(stage)["deps"] if dep.endswith(".py") or dep.startswith("data/code/")}
    assert code(stage) == declared


def test_the_hashes_are_those_of_every_file_of_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list a package, with every module of it, in the order of their paths; but for the command line, which no stage imports."""
    from evidence.stages import code as noted

    (tmp_path / "judge/report").mkdir(parents=True)
    for name in (
        "judge/__main__.py",
        "judge/errors.py",
        "judge/report/__init__.py",
        "judge/report/page.html.j2",
        "judge/report/notes.txt",
        "stages/__init__.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    noted.main()

    listed = {
        path.stem: [line.split()[1] for line in path.read_text().splitlines()] for path in (tmp_path / "evidence/data/code").iterdir()
    }
    expected = {"report": ["judge/report/__init__.py", "judge/report/page.html.j2"], "top": ["judge/errors.py", "stages/__init__.py"]}
    assert expected == listed


def test_the_values_of_the_suite_are_valid() -> None:
    """evidence/params.yaml is of its settings' types, and each task's rows and judges are made by a stage or by the project above."""
    from evidence.stages import Params

    params = check(Params, yaml.safe_load((EVIDENCE / "params.yaml").read_text(encoding="utf-8")))
    made = {
        f"data/rows/{name}/{side}.jsonl"
        for name, read in params.read.items()
        for side in (("all",) if read.train_fraction is None else ("train", "test"))
    }
    assert {task.rows for task in params.tasks.values()} | {train.rows for train in params.train.values()} == made
    assert {task.judges for task in params.tasks.values()} == {"../data", *(f"data/judges/{name}" for name in params.train)}
    assert set(params.ask.files) <= set(params.read) & set(params.tasks)
