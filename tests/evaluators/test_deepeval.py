"""The student in a real evaluation by DeepEval."""

from collections.abc import Callable
from typing import Any

import pytest

from judge.tables.levels import Judgment
from tests.evaluators.tools import ROWS, WORDLESS, to_judge


@pytest.fixture(scope="module")
def results(evaluated: Callable[[str], Any]) -> Any:
    """The metric's data by test case."""
    return evaluated("deepeval")


@pytest.mark.parametrize("way", ["sync", "async"])
def test_scores_are_those_of_the_student(results: Any, judgments: list[Judgment], way: str) -> None:
    """A test case has the student's own score, and succeeds where that is strictly above the student's threshold."""
    cases = results["student"][way]
    assert [None if one.score is None else pytest.approx(one.score, abs=1e-6) for one in judgments] == [case["score"] for case in cases]
    assert [one.score is not None and one.score > 0.8 for one in judgments] == [case["success"] for case in cases]
    assert {0.8} == {case["threshold"] for case in cases}


@pytest.mark.parametrize("way", ["sync", "async"])
def test_no_verdict_is_an_error(results: Any, way: str) -> None:
    """Of all test cases the one without a verdict has an error."""
    errors = [case["error"] for case in results["student"][way]]
    # Only one of its two ways puts the class of the error before it.
    assert "The student gave no verdict (no_verdict)." == errors.pop(WORDLESS).removeprefix("StudentError: ")
    assert {None} == set(errors)


def test_assert_test_fails_what_is_not_acceptable(results: Any, judgments: list[Judgment]) -> None:
    """An unacceptable answer is an AssertionError, one without a verdict the error of the student."""
    expected = ["StudentError" if one.score is None else "passed" if one.score > 0.8 else "AssertionError" for one in judgments]
    assert expected == results["student"]["asserted"]
    assert {"StudentError", "passed", "AssertionError"} == set(expected)


def test_what_reaches_the_student(results: Any) -> None:
    """The retrieval context is the context, the expected output is the reference, each time that a case is measured."""
    assert sorted(map(str, map(to_judge, ROWS * 3))) == sorted(map(str, results["asked"]))
