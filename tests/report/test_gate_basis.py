"""What the power of the gate is taken from, in a real repository of git and DVC."""

import json
import math
import shutil
from pathlib import Path

import pytest

from judge import tables
from judge.errors import JudgeError
from judge.evaluation import figures
from judge.evaluation.figures import TEACHER, TRAINING_SEEDS, SeedSpread, measured
from judge.report import gate_basis
from judge.report.gate_power import Precision
from tests.report.gate_by_hand import prepare, run
from tests.report.toy_project import FIGURES

MAE = "student.mae"


@pytest.fixture
def retrained(toy_copy: Path) -> Path:
    """The project, whose student's error moves by 0.01 with the training seed, with the judgments of three retrainings."""
    rows = [measured("student", TEACHER, TRAINING_SEEDS, "mae", 8, (0.01, None, None, None))]
    figures.write(figures.frame([*FIGURES, *rows]))
    student = [json.loads(line) for line in (toy_copy / tables.STUDENT_SCORES.path).read_text(encoding="utf-8").splitlines()]
    Path(tables.RETRAINED_SCORES).mkdir()
    for seed in (1, 2, 3):
        scores = [None if row["score"] is None else abs(row["score"] - 0.01 * seed * (number % 3)) for number, row in enumerate(student)]
        rows = [
            {column.name: row.get(column.name) for column in tables.JUDGMENTS.columns} | {"score": score, "levels": None, "source": "model"}
            for row, score in zip(student, scores, strict=True)
        ]
        tables.write(tables.judgments_in(tables.RETRAINED_SCORES, str(seed)), rows)
    return toy_copy


def test_without_a_base_the_student_s_own_retrainings_are_the_measure(retrained: Path) -> None:
    """Wider intervals the further the retrainings are apart, and twice the variance of one training."""
    all_three = gate_basis.read(None)
    (retrained / tables.RETRAINED_SCORES / "3.jsonl").unlink()
    two = gate_basis.read(None)

    assert all_three.words == "the paired differences to 3 retrainings of this student"
    assert all_three.precision[MAE].half_width > two.precision[MAE].half_width > 0
    assert all_three.precision[MAE].spread == SeedSpread(0.01 * math.sqrt(2), 8)
    assert (22, 12, 0.9) == (all_three.rows, all_three.documents, all_three.confidence)


def test_without_retrainings_the_figures_own_intervals_are_the_measure(toy: Path) -> None:
    """Pearson's r of 0.5 to 0.875 has half a width of 0.1875, and two judges that err apart √2 times that."""
    assert toy.is_dir()

    told = gate_basis.read(None)

    assert ["student.pearson"] == list(told.precision)
    assert told.precision["student.pearson"] == Precision(0.1875 * math.sqrt(2), None)


def test_with_a_base_the_paired_differences_to_it_are_the_measure(toy: Path) -> None:
    """The first commit and the workspace share 21 answers that both have judged."""
    assert toy.is_dir()

    told = gate_basis.read("one")

    assert ("the paired differences to one", 21, 11) == (told.words, told.rows, told.documents)
    assert told.precision[MAE].half_width > 0


def test_a_workspace_without_its_tables_says_what_to_do(toy_copy: Path) -> None:
    """Nothing is measured where there are no answers."""
    shutil.rmtree(toy_copy / ".dvc/cache")
    (toy_copy / "data/test.jsonl").unlink()

    with pytest.raises(JudgeError, match="Next: "):
        gate_basis.read(None)


@pytest.mark.usefixtures("toy_copy")
def test_the_command_decides_nothing_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    """`--power` prints one line a rule, also where the rules fail, and with `--json -` nothing but JSON."""
    params = Path("params.yaml").read_text(encoding="utf-8")
    table = figures.read()
    prepare(not_worse=[{"figure": "student.pearson", "margin": 0.02}])
    Path("params.yaml").write_text(params + Path("params.yaml").read_text(encoding="utf-8").replace("seed: 17", ""), encoding="utf-8")
    figures.write(table)

    assert (0, 0) == (run("--power"), run("--power", "--json", "-"))

    text, _, document = capsys.readouterr().out.partition("{")
    assert "Taken from the figures' own intervals" in text
    assert [rule["figure"] for rule in json.loads("{" + document)["rules"]] == ["student.pearson"]
