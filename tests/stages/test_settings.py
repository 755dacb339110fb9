"""Settings: what is composed from params.yaml and conf/, and how a bad value is refused."""

import os
import runpy
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from judge.dataset.local_generator import HuggingFace
from tests.conftest import ROOT, change_yaml


def options(choice: str) -> str:
    """The options of a choice as a message lists them."""
    return ", ".join(sorted(path.stem for path in (ROOT / "conf" / choice).glob("*.yaml")))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of conf/ and params.yaml, to work in."""
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class _Ran(NamedTuple):
    returncode: int | str | None
    stdout: str
    stderr: str


def _run(stage: str, *overrides: str) -> _Ran:
    """As `python -m stages.STAGE`, but in this process: one of its own takes a second to import what it needs."""
    out, err = StringIO(), StringIO()
    code: int | str | None = 0
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(err):
        patched.setattr(sys, "argv", [f"stages.{stage}", *overrides])
        # Another test may have imported it, and runpy warns of what is run again.
        patched.delitem(sys.modules, f"stages.{stage}", raising=False)
        # The stage sets it where it is not set, and would leave it so.
        patched.setenv("GOMP_SPINCOUNT", "10000")
        try:
            runpy.run_module(f"stages.{stage}", run_name="__main__")
        except SystemExit as ended:
            code = ended.code
    return _Ran(code or 0, out.getvalue(), err.getvalue())


@pytest.mark.usefixtures("project")
def test_the_settings_of_the_project_are_valid() -> None:
    """What is committed passes its own check, in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "stages.validate"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (0, "") == (result.returncode, result.stderr)
    assert Path("data/validated.json").exists()


BAD = [
    ({"label__threshold": 1.4}, ["label.threshold: got 1.4, allowed is less than 1"]),
    ({"split__train_fraction": 0}, ["split.train_fraction: got 0, allowed is greater than 0"]),
    ({"split__group_by": "city"}, ["split.group_by: got 'city', allowed is 'document', 'question' or 'answer'"]),
    ({"generators": []}, ["generators: got []"]),
    ({"generators": ["gpt5x"]}, ["generators: got gpt5x", options("generator")]),
    ({"generators": ["gemma-passage", "gemma-passage"]}, ["each generator once"]),
    ({"teacher": "gpt5x"}, [f"teacher: got 'gpt5x', allowed is one of {options('teacher')}"]),
    ({"student": "tiny"}, [f"student: got 'tiny', allowed is one of {options('student')}"]),
    ({"chunk__overlap": 256}, ["chunk: got", "an overlap (got 256) below the size (got 256)"]),
    ({"seed": "seventeen"}, ["seed: got 'seventeen'", "integer"]),
    ({"splt": {"train_fraction": 0.5}}, ["splt: there is no such key (got {'train_fraction': 0.5}); the nearest is split"]),
    ({"distil__learning_rat": 0.1}, ["distil.learning_rat: there is no such key (got 0.1); the nearest is distil.learning_rate"]),
    ({"label__zzz": 1}, ["label.zzz: there is no such key (got 1); there are label.threshold"]),
    ({"label": 0.5}, ["label: got 0.5, allowed is a section with the keys threshold"]),
    ({"label__threshold": 1.4, "distil__alpha": -1}, ["label.threshold: got 1.4", "distil.alpha: got -1"]),
]


@pytest.mark.parametrize(("values", "expected"), BAD)
def test_a_bad_value_is_refused_before_any_work(project: Path, values: dict[str, object], expected: list[str]) -> None:
    """Exit code 2, the full key, what was got, what is allowed; all faults at once, no traceback, nothing written."""
    change_yaml(project / "params.yaml", **values)
    result = _run("validate")
    assert result.returncode == 2
    assert not [text for text in expected if text not in result.stderr], result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("data").exists()


def test_a_missing_value_is_named(project: Path) -> None:
    """A key that was deleted is told from one that is wrong."""
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    del params["label"]["threshold"]
    (project / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    assert "label.threshold: missing" in _run("validate").stderr


def test_params_that_are_no_yaml_are_refused_with_the_line(project: Path) -> None:
    """A syntax error names its line."""
    (project / "params.yaml").write_text("seed: 1\nlabel: [\n", encoding="utf-8")
    result = _run("validate")
    assert result.returncode == 2
    assert "params.yaml is no valid YAML" in result.stderr
    assert "line 3" in result.stderr


def test_a_bad_value_in_an_option_file_is_refused_with_its_key(project: Path) -> None:
    """conf/ is checked as params.yaml is, for generators too, which are many."""
    path = project / "conf/generator/gemma-passage.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("temperature: 0.0", "temperature: -1.0"), encoding="utf-8")
    result = _run("validate")
    assert result.returncode == 2
    assert "generator.decoding.temperature: got -1.0" in result.stderr


def test_a_misspelt_key_of_an_option_file_is_refused_with_the_nearest(project: Path) -> None:
    """Also deep in a file, where the option's own kind says which keys there may be."""
    path = project / "conf/teacher/joined.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("    hub:", "    hubb:"), encoding="utf-8")
    result = _run("validate")
    assert result.returncode == 2
    assert "teacher.prompt.model.hubb: there is no such key" in result.stderr
    assert "the nearest is teacher.prompt.model.hub\n" in result.stderr


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["label.threshold=1.4"], "label.threshold: got 1.4"),
        (["lable.threshold=0.4"], "lable.threshold: there is no such key; the nearest is label.threshold"),
        (["label.treshold=0.5"], "label.treshold: there is no such key (got 0.5); the nearest is label.threshold"),
        (["+label.treshold=0.5"], "label.treshold: there is no such key (got 0.5); the nearest is label.threshold"),
        (["split.train_fraction=0.5"], "split.train_fraction: this stage does not read it\nThis stage reads: generators, label"),
        (["teacher=gpt-4"], "teacher: this stage does not read it"),
        (["label.threshold=0.5,0.6"], "Ambiguous value for argument 'label.threshold=0.5,0.6'"),
        (["generators=[]"], "generators: got []"),
        (["label.threshold"], "label.threshold"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_bad_override_is_refused(overrides: list[str], expected: str) -> None:
    """By hand, on the command line: exit code 2, the key, the nearest where there is none such; no traceback, no advice to append it."""
    result = _run("label", *overrides)
    assert result.returncode == 2
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert "append" not in result.stderr


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("techer.prompt.window=x", "techer.prompt.window: there is no such key; the nearest is teacher.prompt.window"),
        ("teacher.promt.window=x", "teacher.promt: there is no such key (got {'window': 'x'}); the nearest is teacher.prompt"),
        ("teacher.prompt.windw=x", "teacher.prompt.windw: there is no such key (got 'x'); the nearest is teacher.prompt.window"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_misspelt_key_of_a_chosen_option_names_the_nearest(override: str, expected: str) -> None:
    """Keys of the option files are changed by hand as those of params.yaml are, and refused like them."""
    result = _run("calibrate", override)
    assert result.returncode == 2
    assert expected in result.stderr


@pytest.mark.usefixtures("project")
def test_an_unknown_option_on_the_command_line_is_refused_with_the_options_there_are() -> None:
    """`teacher=gpt5x` names what there is."""
    result = _run("score", "teacher=gpt5x")
    assert result.returncode == 2
    assert f"teacher: got 'gpt5x', allowed is one of {options('teacher')}" in result.stderr


def test_a_stage_gets_only_what_it_declares(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a stage does not declare does not reach it, so dvc.yaml cannot miss it."""
    monkeypatch.chdir(project)
    import stages
    from stages.label import Config

    assert set(stages.settings(Config, []).model_dump()) == {"generators", "label"}


@pytest.mark.usefixtures("project")
def test_an_option_of_an_option_can_be_changed_by_hand() -> None:
    """Hydra overrides reach into the option file."""
    import stages
    from stages.answer import Config

    config = stages.settings(Config, ["generator=gemma-passage", "generator.decoding.max_new_tokens=7", "seed=3"])
    assert isinstance(config.generator, HuggingFace)
    assert ("gemma-passage", 7, 3) == (config.generator.name, config.generator.decoding.max_new_tokens, config.seed)


@pytest.mark.parametrize("stage", ["validate", "answer", "predict"])
@pytest.mark.usefixtures("project")
def test_help_tells_what_a_stage_reads(stage: str) -> None:
    """`--help` prints the stage's purpose and its settings."""
    result = _run(stage, "--help")
    assert result.returncode == 0
    assert "Settings (from params.yaml and conf/" in result.stdout
