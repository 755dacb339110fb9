"""The student in a real evaluation by MLflow."""

import statistics
from collections.abc import Callable
from typing import Any

import pytest

from judge.tables.levels import Judgment
from tests.evaluators.tools import ROWS, WORDLESS, to_judge


@pytest.fixture(scope="module")
def results(evaluated: Callable[[str], Any]) -> Any:
    """The feedback by row, and the metrics."""
    return evaluated("mlflow")


def test_feedback_is_the_score_of_the_student(results: Any, judgments: list[Judgment]) -> None:
    """The value of a row's feedback is the student's own score; None where it gave no verdict."""
    expected = [None if judgment.score is None else pytest.approx(judgment.score, abs=1e-6) for judgment in judgments]
    assert expected == [row["value"] for row in results["student"]["rows"]]


def test_no_verdict_is_an_error(results: Any, judgments: list[Judgment]) -> None:
    """A row without a verdict has feedback with an error, the only one, and counts in no mean."""
    errors = [row["error"] for row in results["student"]["rows"]]
    assert [None] * WORDLESS + ["no_verdict"] + [None] * (len(ROWS) - WORDLESS - 1) == errors
    mean = statistics.fmean(judgment.score for judgment in judgments if judgment.score is not None)
    assert pytest.approx(mean, abs=1e-6) == results["student"]["metrics"]["student/mean"]


def test_what_reaches_the_student(results: Any) -> None:
    """The passages of the inputs are the context, the expected response is the reference."""
    assert sorted(map(str, map(to_judge, ROWS))) == sorted(map(str, results["asked"][: len(ROWS)]))


def test_what_was_retrieved_is_the_context(results: Any) -> None:
    """Where the inputs have no passage, the texts that the retriever of the trace found are the context."""
    (traced,) = results["asked"][len(ROWS) :]
    assert {"question": "What?", "answer": "What else?", "context": "What? What.\n\nWhat else?", "reference": None} == traced
