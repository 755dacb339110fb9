"""A small real project of git and DVC, with a few commits to compare, and ways to work in it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from judge import tables
from judge.evaluation import figures
from judge.tables import levels
from judge.tables.schema import Row

ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    **{f"GIT_{who}_{what}": "someone@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
PIPELINE = """\
stages:
  copy:
    cmd: cp -r prepared/. .
    deps: [prepared]
    params: [label]
    outs: [data/test.jsonl, data/scores/student.jsonl]
    metrics:
      - metrics/evaluation.json: {cache: false}
"""
PARAMS = """\
seed: 17
teacher: strict
generators: [small]
label:
  threshold: 0.8
evaluate:
  resamples: 200
  confidence: 0.9
"""
# The figures of the two commits; only the second has the table.
FLAT = {
    "student.pearson": 0.5,
    "student.pearson_low": 0.25,
    "student.pearson_high": 0.625,
    "student.kappa": 0.25,
    "student.kappa_low": None,
    "student.kappa_high": None,
    "student.kappa_reason": "few_documents",
    "student.n": 23,
    "baseline.kappa": 0.1,
    "student.by_generator.small.mae": 0.125,
    "student.by_generator.small.n": 20,
    "probe.student.auroc.all": 0.75,
    "test.n": 23,
}


def figure(judge: str, against: str, name: str, value: float | None, **more: Any) -> Row:
    """A row of the table of figures, of all answers where no slice is given."""
    return {"judge": judge, "against": against, "slice": "all", "figure": name, "value": value, "n": 23} | more


FIGURES = [
    figure("student", "teacher", "pearson", 0.75, low=0.5, high=0.875),
    figure("student", "teacher", "kappa", 0.25, reason="few_documents"),
    figure("baseline", "teacher", "kappa", 0.1),
    figure("student", "teacher", "mae", 0.25, slice="generator=small", n=20),
    figure("student", "truth", "auroc", 0.5),
    figure("teacher", "people", "accuracy", 0.5),
    figure("test", "none", "n", 23),
]
HOSTILE = "<script>alert(1)</script> \x1b[31mred"
DOCUMENTS = 12


def run(folder: Path, *command: str) -> str:
    """What a command prints; the test fails where it does."""
    result = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


def answer_row(number: int, teacher: float, threshold: float, answer: str = "An answer.") -> Row:
    """A row of the test table, two to a document."""
    return {
        "answer_id": f"answer{number:02}",
        "question_id": f"question{number:02}",
        "document_id": f"document{number // 2:02}",
        "generator": "small",
        "question": f"Question {number}?",
        "context": "A passage.",
        "reference": None,
        "answer": answer,
        "teacher_levels": list(levels.interpolate(teacher)),
        "teacher_score": teacher,
        "teacher_class": levels.classify(teacher, threshold),
        "reason": None,
    }


def prepare(folder: Path, teacher: Sequence[float], student: Sequence[float | None], threshold: float, skipped: int) -> None:
    """The tables, in a folder: an answer for each pair of scores, without number `skipped`; answer 0 is hostile."""
    numbers = [number for number in range(len(teacher)) if number != skipped]
    rows = [answer_row(number, teacher[number], threshold, "An answer." if number else HOSTILE) for number in numbers]
    judgments = [
        {
            "item_id": f"answer{number:02}",
            "levels": None if student[number] is None else list(levels.interpolate(student[number] or 0.0)),
            "score": student[number],
            "acceptable": None if student[number] is None else float((student[number] or 0.0) > threshold),
            "reason": None if student[number] is not None else "error",
        }
        for number in numbers
    ]
    write_rows(folder / tables.TEST.path, rows)
    write_rows(folder / tables.STUDENT_SCORES.path, judgments)


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as a table, whatever their columns are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


# Teacher and student of both commits, answer by answer. In the second the student is right about answer 0 and nearer to its teacher in
# the odd answers, its judgment of answer 3 failed, answer 4 has another teacher score, answer 22 is gone and answer 23 is new.
TEACHER_1 = [0.9, 0.1] * DOCUMENTS
TEACHER_2 = [*TEACHER_1[:4], 0.2, *TEACHER_1[5:]]
STUDENT_1: list[float | None] = [0.5, 0.3, *[0.9, 0.3] * 3, 0.5, 0.3, *[0.9, 0.3] * 7]
STUDENT_2: list[float | None] = [0.95, 0.2, 0.9, None, *[0.9, 0.2] * 2, 0.5, 0.2, *[0.9, 0.2] * 7]


def make_project(folder: Path) -> Path:
    """A project with two built commits (tags one and two, branch side at one), an unbuilt one, one without tables, and an experiment.

    The first is from before metrics/figures.csv: its metrics/evaluation.json is flat.
    """
    run(folder, "git", "init", "-q", "-b", "main")
    run(folder, "dvc", "init", "-q")
    run(folder, "dvc", "config", "core.analytics", "false")
    (folder / "params.yaml").write_text(PARAMS, encoding="utf-8")
    commit(folder, "bare")
    for path, text in (
        ("teacher/strict", "kind: strict\nprompt: {system: Judge., user: 'Is it so?'}\n"),
        ("teacher/unused", "kind: unused\n"),
        ("teacher/gone", "kind: gone\n"),
        ("generator/small", "tokens: 10\n"),
    ):
        (folder / f"conf/{path}.yaml").parent.mkdir(parents=True, exist_ok=True)
        (folder / f"conf/{path}.yaml").write_text(text, encoding="utf-8")
    (folder / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    prepare(folder / "prepared", TEACHER_1, STUDENT_1, 0.8, skipped=23)
    (folder / "prepared/metrics").mkdir()
    (folder / "prepared/metrics/evaluation.json").write_text(json.dumps(FLAT), encoding="utf-8")
    (folder / "prepared/metrics/cost.json").write_text(json.dumps({"usd": 0.25, "by_model": {"small": 3}, "unit": "$"}), encoding="utf-8")
    commit(folder, "unbuilt")
    run(folder, "dvc", "repro", "-q")
    commit(folder, "one")
    run(folder, "git", "branch", "side")
    prepare(folder / "prepared", TEACHER_2, STUDENT_2, 0.8, skipped=22)
    table = figures.frame(FIGURES)
    (folder / "prepared/metrics/figures.csv").write_text(figures.to_csv(table), encoding="utf-8")
    (folder / "prepared/metrics/evaluation.json").write_text(json.dumps(figures.nested(table)), encoding="utf-8")
    (folder / "conf/teacher/strict.yaml").write_text("kind: strict\nprompt: {system: Judge., user: 'Is it true?'}\n", encoding="utf-8")
    (folder / "conf/teacher/unused.yaml").write_text("kind: other\n", encoding="utf-8")
    (folder / "conf/teacher/gone.yaml").unlink()
    (folder / "conf/teacher/new.yaml").write_text("kind: new\n", encoding="utf-8")
    (folder / "params.yaml").write_text(PARAMS.replace("seed: 17", "seed: 18"), encoding="utf-8")
    run(folder, "dvc", "repro", "-q")
    commit(folder, "two")
    run(folder, "dvc", "exp", "run", "-q", "-n", "lenient", "-S", "label.threshold=0.4")
    run(folder, "git", "checkout", "-q", "-f", "main")
    run(folder, "dvc", "checkout", "-q", "--force")
    return folder


def commit(folder: Path, tag: str) -> None:
    """Commit everything under a tag."""
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", tag)
    run(folder, "git", "tag", tag)
