"""The tables of the evidence suite, from rows written by hand."""

import pytest

from judge.report import evidence
from judge.tables.schema import Row


def row(judge: str, figure: str, value: float, n: int = 40, task: str = "qa") -> Row:
    """A figure with an interval of 0.1 to either side."""
    ends = {"low": value - 0.1, "high": value + 0.1, "reason": None}
    counted = {"n": n, "clusters": n // 2, "base_rate": 0.25}
    return {"task": task, "trained_on": "its train", "judge": judge, "against": "people", "figure": figure, "value": value} | ends | counted


ROWS = [
    row("student", "kappa", 0.7),
    row("overlap", "kappa", 0.6),
    row("length", "kappa", 0.0),
    row("teacher", "kappa", 0.65, n=10),
    row("student less teacher", "kappa", 0.05, n=10),
    row("student less overlap", "kappa", 0.1),
    row("teacher less overlap", "kappa", 0.0, n=10),
    row("student", "ece", 0.02),
    row("overlap", "ece", 0.03),
    row("student", "pearson", 0.5, task="grades"),
    row("cosine", "pearson", 0.3, task="grades"),
    row("student less cosine", "pearson", 0.2, task="grades"),
    row("one score", "pearson", 0.8, task="grades"),
    row("student", "ece", 0.2, task="grades"),
]


def test_a_task_has_one_line() -> None:
    """With n, base rate, student, the strongest simple judge, the difference, and the teacher with its own n."""
    first = evidence.by_task(ROWS).splitlines()[2]

    expected = (
        "| qa | its train | 40 (20) | 25% | Cohen's kappa | 0.700 [0.600, 0.800] | overlap 0.600 [0.500, 0.700] "
        "| 0.100 [0.000, 0.200] | teacher 0.650 [0.550, 0.750] (n 10); teacher less overlap 0.000 [-0.100, 0.100] (n 10) "
        "| 0.020 [-0.080, 0.120] |"
    )
    assert expected == first


def test_one_score_stands_beside_the_student_where_there_are_several() -> None:
    """As what such a student can reach."""
    assert "one score 0.800 [0.700, 0.900] (n 40)" in evidence.by_task(ROWS).splitlines()[3]


def test_every_judge_has_a_line_with_all_its_figures() -> None:
    """A figure that a judge does not have is a dash."""
    lines = evidence.by_judge(ROWS).splitlines()

    assert 2 + 11 == len(lines)
    assert "| qa | overlap | 40 | – | 0.600 [0.500, 0.700] | – | – | – | – | – | 0.030 [-0.070, 0.130] |" in lines
    assert len({line.count("|") for line in lines}) == 1


def test_the_command_prints_the_table_of_the_project(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`judge evidence` prints a line a task, from metrics/evidence.csv."""
    from judge.__main__ import main
    from judge.evaluation import evidence as table

    monkeypatch.setattr(table, "read", lambda: ROWS)

    assert 0 == main(["evidence"])
    assert evidence.by_task(ROWS) in capsys.readouterr().out
