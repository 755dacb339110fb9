"""The student in a real evaluation by ragas."""

import statistics
from collections.abc import Callable
from typing import Any

import pytest

from judge.tables.levels import Judgment
from tests.evaluators.tools import ROWS, to_judge


@pytest.fixture(scope="module")
def results(evaluated: Callable[[str], Any]) -> Any:
    """The scores by sample, and their mean."""
    return evaluated("ragas")


def test_scores_are_those_of_the_student(results: Any, judgments: list[Judgment]) -> None:
    """A sample has the student's own score; one without a verdict is not a number, here None."""
    expected = [None if judgment.score is None else pytest.approx(judgment.score, abs=1e-6) for judgment in judgments]
    assert expected == results["student"]["scores"]
    assert 1 == expected.count(None)


def test_no_verdict_counts_in_no_mean(results: Any, judgments: list[Judgment]) -> None:
    """The mean is that of the samples with a verdict."""
    mean = statistics.fmean(judgment.score for judgment in judgments if judgment.score is not None)
    assert pytest.approx(mean, abs=1e-6) == results["student"]["mean"]


def test_what_reaches_the_student(results: Any) -> None:
    """The retrieved contexts are the context, the reference is the reference."""
    assert sorted(map(str, map(to_judge, ROWS))) == sorted(map(str, results["asked"]))
