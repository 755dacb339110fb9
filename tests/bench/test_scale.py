"""Time and money of 100 million judgments follow from rates, prices and assumptions."""

import pytest

from bench import scale
from bench.scale import Assumed
from bench.table import Line
from judge.errors import JudgeError

WORDS = "2 cores, 2 threads, made up"
CROSS_ENCODER = "sentence-transformers' CrossEncoder, float32"
LINES = [
    Line("machine", "product of matrices", "int8", None, "10^9 operations/s", 400.0, machine=WORDS),
    Line("student", "judge", "the student, cold", CROSS_ENCODER, "rows/s", 200.0, ours_dtype="int8", ours_limit=400.0, machine=WORDS),
    *(
        Line("teachers", "judge", "the student, cold", f"teacher={name}", "rows/s", 200.0, 2.0, machine=WORDS)
        for name in ("joined", "qwen2.5-1.5b-verdicts", "likelihood")
    ),
    Line("teachers", "a prompt", "openai", None, "tokens", 500.0, machine=WORDS),
]
SMALL = Assumed(rows=7_200_000)


@pytest.fixture(scope="module")
def text() -> str:
    """The table of time and money."""
    return scale.costs(LINES, SMALL)


def _row(text: str, way: str) -> list[str]:
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {way} |")]
    return row.strip("| ").split(" | ")


def test_the_student_costs_the_hours_of_its_cores(text: str) -> None:
    """7.2 million rows at 200 a second are ten hours of two cores; one core takes twice as long and costs the same."""
    assert ["the student, 2 cores", "200", "10 hours", "1", "measured"] == _row(text, "the student, 2 cores")
    assert ["the student, a core", "100", "20 hours", "1", "measured"] == _row(text, "the student, a core")


def test_a_gpu_is_scaled_by_operations_and_says_so(text: str) -> None:
    """10^9 operations a row at a fifth of 800 · 10^12 a second are 160,000 rows."""
    row = _row(text, "the student's encoder, a GPU")
    assert "160,000" == row[1]
    assert row[-1].startswith("**not measured**")


def test_a_hosted_teacher_costs_its_tokens(text: str) -> None:
    """At 500 and 60 tokens and GPT-6 Sol's prices; half of it by batch."""
    usd = 7.2 * (500 * 2.0 + 60 * 10.0)
    assert f"{usd:,.0f}" == _row(text, "teacher=openai")[3]
    assert f"{usd / 2:,.0f}" == _row(text, "teacher=openai, `batch: true`")[3]


def test_distilling_pays_for_the_training_rows_alone(text: str) -> None:
    """10,000 rows at 0.0016 dollars, and ten hours of two cores at 0.04."""
    row = _row(text, "10,000 rows by teacher=openai, the others by the student, 2 cores")
    assert f"{10_000 * (500 * 2.0 + 60 * 10.0) / 1e6 + 0.8:,.0f}" == row[3]


def test_every_assumption_is_named() -> None:
    """With its value and its option."""
    lines = scale.assumptions(LINES, Assumed()).splitlines()[2:]
    assert len(Assumed._fields) + 1 == len(lines)
    assert "| judgments | 100,000,000 | `--rows` |" == lines[0]


def test_what_was_never_measured_is_named() -> None:
    """With what to do."""
    with pytest.raises(JudgeError, match=r"(?s)has nothing of student.*make bench WORK=student"):
        scale.clustered([], Assumed())
