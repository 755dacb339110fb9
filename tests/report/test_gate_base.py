"""The gate against a base revision, in a real repository of git and DVC."""

import contextlib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from judge import tables
from judge.evaluation import figures
from judge.evaluation.figures import TEACHER, TRAINING_SEEDS, measured
from judge.report import gate
from judge.tables import levels
from tests.report.gate_by_hand import ROWS, prepare, run


def commands(*lines: str) -> None:
    """Run commands of git and DVC in the current folder."""
    for line in lines:
        words = [sys.executable, "-m", *line.split()] if line.startswith("dvc") else line.split()
        subprocess.run(words, capture_output=True, check=True)


def write_judgments(spread: float) -> None:
    """240 test answers from 40 documents, whose student is off by up to `spread`."""
    chance = random.Random(1)
    test: list[tables.Row] = []
    guesses = []
    for number in range(240):
        score = chance.random()
        row = {column.name: None if column.nullable else f"{column.name} {number}" for column in tables.TEST.columns}
        row |= {"document_id": f"document {number % 40}", "teacher_class": levels.classify(score, 0.8)}
        test.append(row | {"teacher_levels": levels.interpolate(score), "teacher_score": score})
        guess = min(1.0, max(0.0, score + spread * (2 * chance.random() - 1)))
        guesses.append(levels.Judgment(levels.interpolate(guess)))
    tables.write(tables.TEST, test)
    tables.write(tables.STUDENT_SCORES, tables.judgment_rows([row["answer_id"] for row in test], guesses))


def write_spread(deviation: float) -> None:
    """Put the spread of the student's figures over training seeds into metrics/figures.csv."""
    rows = [measured("student", TEACHER, TRAINING_SEEDS, name, 8, (deviation, None, None, None)) for name in ("pearson", "mae")]
    figures.write(figures.frame([*ROWS, *rows]))


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with DVC: the judgments of a fair student are committed."""
    folder = tmp_path_factory.mktemp("project")
    with contextlib.chdir(folder):
        commands("git init --quiet", "git config user.name me", "git config user.email me@example.org", "dvc init --quiet")
        prepare(base="HEAD", not_worse=[{"figure": name, "margin": 0.05} for name in ("student.pearson", "student.mae")])
        write_spread(0.005)
        params = yaml.safe_load(Path("params.yaml").read_text("utf-8"))
        params |= {"label": {"threshold": 0.8}, "evaluate": {"resamples": 200, "confidence": 0.95}}
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        write_judgments(spread=0.3)
        commands("dvc add --quiet data/test.jsonl data/scores/student.jsonl", "git add .", "git commit --quiet -m fair")
    return folder


@pytest.mark.parametrize(("spread", "expected"), [(0.3, "pass"), (0.2, "pass"), (0.5, "fail")])
def test_a_student_is_held_against_the_one_that_is_committed(
    spread: float, expected: str, fair: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same student passes, a better one passes, one that is clearly further off fails."""
    monkeypatch.chdir(fair)
    write_judgments(spread)
    exit_code = run("--json", "-")
    document = json.loads(capsys.readouterr().out)
    verdicts = [(rule["rule"], rule["rows"], rule["verdict"]) for rule in document["rules"][1:]]
    assert (gate.EXIT_CODES[expected], [("at most 0.05 worse than HEAD", 240, expected)] * 2) == (exit_code, verdicts)


def test_a_spread_over_seeds_beyond_the_margin_leaves_the_gate_in_doubt(
    fair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What another seed could have given as well shows neither a loss nor its absence."""
    monkeypatch.chdir(Path(shutil.copytree(fair, tmp_path / "copy", symlinks=True)))
    write_judgments(spread=0.35)
    write_spread(0.2)

    assert run("--json", "-") == 2

    assert [rule["low"] < -0.05 < 0.05 < rule["high"] for rule in json.loads(capsys.readouterr().out)["rules"][1:]] == [True, True]


def test_a_side_without_a_spread_over_seeds_is_named(
    fair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A workspace that was not retrained passes nothing, and it is said which figures it lacks."""
    monkeypatch.chdir(Path(shutil.copytree(fair, tmp_path / "copy", symlinks=True)))
    write_judgments(spread=0.2)
    figures.write(figures.frame(ROWS))

    assert run() == 2

    assert "(student.seed_spread.* in metrics/figures.csv) is not known of workspace, so" in capsys.readouterr().out


def test_a_revision_that_is_not_there_cannot_be_told(
    fair: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--base` stands above gate.base; a typo in it passes nothing, and says what there is."""
    monkeypatch.chdir(fair)
    assert run("--base", "mian") == 2
    printed = capsys.readouterr().out
    assert "nothing is held against mian: There is no commit 'mian' here." in printed
    assert "Next: name one of these, another commit, or workspace." in printed


def test_a_base_whose_tables_are_nowhere_cannot_be_told(
    fair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an emptied cache, and other tables in the workspace, the rules of not_worse say what is missing; the bounds are decided."""
    clone = Path(shutil.copytree(fair, tmp_path / "clone", symlinks=True))
    monkeypatch.chdir(clone)
    write_judgments(spread=0.2)
    shutil.rmtree(clone / ".dvc/cache")

    assert run("--json", "-") == 2

    rules = json.loads(capsys.readouterr().out)["rules"]
    assert ["pass", "cannot tell", "cannot tell"] == [rule["verdict"] for rule in rules]
    assert "data/scores/student.jsonl of HEAD is neither in the cache nor in a remote that answers (its MD5 is " in rules[1]["why"]
    assert "Next: `dvc pull`" in rules[1]["why"]
