"""The folder of a student: what is saved, what loads again, and what is refused."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import judge
from judge.errors import StudentError
from judge.models import compiled_encoder, encoder_graph
from judge.serving import sources
from judge.students.encoder_student import EncoderStudent
from judge.students.saved import load, save
from judge.tables.levels import mean
from tests.conftest import ROOT
from tests.students.examples import items


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the saved student, to be spoilt."""
    return Path(shutil.copytree(folder, tmp_path / "student"))


def test_loaded_student_gives_the_scores_of_the_one_that_was_saved(trained: EncoderStudent, folder: Path) -> None:
    """Saving and loading changes no level of any judgment."""
    assert load(folder).judge(items()) == trained.judge(items())


def test_no_file_names_a_path_of_this_machine(folder: Path) -> None:
    """Neither the cache nor the project's folder is named in what is saved."""
    for path in folder.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert ".cache" not in text
        assert str(ROOT) not in text


def test_it_loads_without_stages_hydra_and_dvc(folder: Path, tmp_path: Path) -> None:
    """In a fresh interpreter `judge.load` and a score import none of them."""
    code = (
        "import sys, judge\n"
        f"student = judge.load({str(folder)!r})\n"
        "student.score('Who?', 'Nobody knows.', context='Nobody knows who.')\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'stages', 'hydra', 'dvc', 'dvclive', 'omegaconf'}))\n"
    )
    # Elsewhere than in the project, so that nothing can be found there by accident.
    environment = {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_the_package_offers_load() -> None:
    """`judge.load` is `judge.serving.sources.load`."""
    assert judge.load is sources.load


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_missing_file_is_named(copied: Path, name: str) -> None:
    """A folder that lacks a file is refused with the file's name."""
    (copied / name).unlink()
    with pytest.raises(StudentError, match=name):
        load(copied)


def test_a_graph_that_was_lost_is_missed(copied: Path) -> None:
    """The student would judge a little otherwise without it."""
    (copied / encoder_graph.FILE).unlink()
    with pytest.raises(StudentError, match=r"encoder.int8.onnx is missing"):
        load(copied)


def test_a_graph_that_is_cut_off_is_refused(copied: Path) -> None:
    """What is left of it is no graph."""
    path = copied / encoder_graph.FILE
    path.write_bytes(path.read_bytes()[:1_000_000])
    with pytest.raises(StudentError, match=r"encoder.int8.onnx cannot be read by OpenVINO"):
        load(copied)


def test_without_openvino_pytorch_reads(folder: Path, trained: EncoderStudent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores are those of the encoder as it was, close to those of the graph, and the graph stays with the student."""
    monkeypatch.setattr(compiled_encoder, "is_supported", lambda: False)
    student = load(folder)
    assert trained.reference(items()) == student.judge(items())
    assert trained.judge(items()) != student.judge(items())
    assert [mean(each.levels or ()) for each in trained.judge(items())] == pytest.approx(
        [mean(each.levels or ()) for each in student.judge(items())], abs=0.05
    )
    assert student.describe() == trained.describe()


def test_other_format_is_refused(copied: Path) -> None:
    """A student of another format is refused with both numbers."""
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    (copied / "config.json").write_text(json.dumps({**config, "format": 99}), encoding="utf-8")
    with pytest.raises(StudentError, match=r"format 99 .* reads format 4"):
        load(copied)


def test_unreadable_config_is_refused(copied: Path) -> None:
    """A config that is no JSON is the user's to mend, so it is no traceback."""
    (copied / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(StudentError, match=r"config\.json cannot be read"):
        load(copied)


def test_config_that_does_not_fit_the_weights_is_refused(copied: Path) -> None:
    """Heads of another size than the saved ones are refused."""
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    config["option"]["hidden"] += 1
    (copied / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(StudentError, match="does not fit"):
        load(copied)


def test_cut_off_weights_are_refused(copied: Path) -> None:
    """A weights file of which the end is missing is refused."""
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(StudentError, match="does not fit"):
        load(copied)


def test_failed_save_leaves_the_old_student(trained: EncoderStudent, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing breaks off, the folder still holds the whole older student."""
    before = {path.name: path.read_bytes() for path in copied.iterdir()}

    def break_off(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trained.model.tokenizer, "save_pretrained", break_off)
    with pytest.raises(KeyboardInterrupt):
        save(trained, copied, "another card")
    assert {path.name: path.read_bytes() for path in copied.iterdir()} == before


def test_a_budget_reaches_the_student(folder: Path) -> None:
    """`load` hands on what may be paid, for the kinds that cost anything."""
    assert (None, 0.5) == (load(folder).budget_usd, load(folder, budget_usd=0.5).budget_usd)
