"""Training by two processes under `accelerate launch`, on loopback: the same student, told and written once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import stages
from judge import tables
from judge.models import encoders
from judge.models.encoders import EncoderSettings
from judge.students import saved
from stages import distil
from tests.conftest import ROOT, change_yaml
from tests.students.examples import LORA, VIOLA, shallow_language_model, supported_or_not

# Processes of a CPU are what this option starts where there is no GPU; all is said, so that the launcher has nothing to ask or warn of.
_LAUNCH = ["accelerate", "launch", "--multi_gpu", "--num_processes=2", "--num_machines=1", "--mixed_precision=no", "--dynamo_backend=no"]
_PATIENCE_S = 300
_ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an encoder and a language model: the first two layers of the pinned ones, whose other layers would only take time.

    The encoder is without dropout, whose random numbers differ between processes.
    """
    folder = tmp_path_factory.mktemp("models")
    encoder: Any = encoders.load(EncoderSettings(embedded="all-minilm-l6-v2", hub=None, revision=None))
    encoder.model.config.hidden_dropout_prob = encoder.model.config.attention_probs_dropout_prob = 0.0
    encoder.model.encoder.layer = encoder.model.encoder.layer[:2]
    encoder.model.config.num_hidden_layers = 2
    encoder.model.save_pretrained(folder / "encoder")
    encoder.tokenizer.save_pretrained(folder / "encoder")
    shallow_language_model(folder / "language-model")
    return folder


def _project(folder: Path, models: Path) -> Path:
    """A project with eight rows about two documents to learn from."""
    (folder / "data").mkdir(parents=True)
    shutil.copytree(ROOT / "conf", folder / "conf")
    shutil.copy(ROOT / "params.yaml", folder)
    more = {"generator": "g", "human_class": None, "reason": None}
    made = supported_or_not()
    given = [row | more | {"question_id": row["answer_id"]} for row in (*made[:4], *made[8:12])]
    for table, content in ((tables.TRAIN, given), (tables.STATEMENTS, []), (tables.CONSTRUCTED, [])):
        table_path = folder / table.path
        table_path.write_text(
            "".join(json.dumps(row) + "\n" for row in sorted(content, key=lambda row: row["answer_id"])), encoding="utf-8"
        )
    source = {"embedded": None, "revision": "main"}
    change_yaml(folder / "conf/student/cross-encoder.yaml", encoder={**source, "hub": str(models / "encoder")})
    lora = {**LORA, "dropout": 0.0}
    # In bfloat16 the order of a sum moved the losses by a hundredth.
    model = {**source, "hub": str(models / "language-model"), "dtype": "float32"}
    adapted = {"lora": lora, "batch_size": 3, "validation_fraction": 0.5, "epochs": 2, "learning_rate": 0.005, "model": model}
    change_yaml(folder / "conf/student/causal-lm.yaml", **adapted)
    change_yaml(folder / "params.yaml", distil__epochs=2, distil__learning_rate=3e-4, distil__batch_size=3, distil__retrainings=0)
    return folder


def _distilled(folder: Path) -> tuple[dict[str, Any], list[float]]:
    """The figures of the last epoch of a training, and the distribution that its student gives."""
    figures = json.loads((folder / "metrics/training/metrics.json").read_text(encoding="utf-8"))
    (judgment,) = saved.load(folder / "data/student").judge([VIOLA])
    return figures, list(judgment.levels or ())


# With four or five rows of a document to learn from in batches of three, the last batch has one row, and one process none.
@pytest.mark.parametrize("student", ["cross-encoder", "causal-lm"])
def test_two_processes_train_the_student_of_one(
    tmp_path: Path, models: Path, student: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To rounding: figures to a thousandth, probabilities to a hundredth; the first process alone says and writes so."""
    command = ["-m", "stages.distil", f"student={student}"]
    folder = _project(tmp_path / "two", models)
    done = subprocess.run(
        [*_LAUNCH, *command], cwd=folder, env=_ENVIRONMENT, check=False, capture_output=True, text=True, timeout=_PATIENCE_S
    )
    assert 0 == done.returncode, done.stderr
    figures_by_two, levels_by_two = _distilled(folder)
    # The one is this process.
    monkeypatch.chdir(_project(tmp_path / "one", models))
    distil.main(stages.settings(distil.Config, command[2:]))
    figures, levels = _distilled(Path())
    assert f"{student} distilled from 8 rows into data/student\n" == capsys.readouterr().out
    assert f"{student} distilled by 2 processes from 8 rows into data/student\n" == done.stdout
    for side in ("train", "validation"):
        assert pytest.approx(figures[side], rel=1e-3) == figures_by_two[side]
    assert pytest.approx(levels, abs=1e-2) == levels_by_two
    curves = [tmp_path / name / "metrics/training/plots/metrics/train/loss.tsv" for name in ("one", "two")]
    assert [3, 3] == [len(path.read_text(encoding="utf-8").splitlines()) for path in curves]


def test_a_lost_process_ends_the_training(tmp_path: Path, models: Path) -> None:
    """With an error, and nothing written; nobody waits for it."""
    folder = _project(tmp_path, models)
    command = [*_LAUNCH, "-m", "stages.distil", "student=cross-encoder", "distil.epochs=100000", "distil.patience=100000"]
    with subprocess.Popen(command, cwd=folder, env=_ENVIRONMENT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as launcher:
        while not (folder / "metrics/training/metrics.json").exists():
            assert launcher.poll() is None
            time.sleep(0.1)
        os.kill(_second(launcher.pid), signal.SIGKILL)
        said = launcher.communicate(timeout=_PATIENCE_S)
    assert 0 != launcher.returncode
    assert ("", False) == (said[0], (folder / "data/student").exists())


def _second(launcher: int) -> int:
    """The process of the second of two that a launcher has started."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text(encoding="utf-8").split()
    (second,) = [child for child in children if b"\0RANK=1\0" in b"\0" + Path(f"/proc/{child}/environ").read_bytes()]
    return int(second)
