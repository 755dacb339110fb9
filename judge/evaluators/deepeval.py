"""The student as a metric of DeepEval, for `evaluate`, `assert_test` and `measure`."""

from pathlib import Path
from typing import Any

from deepeval.metrics import BaseMetric
from deepeval.test_case import LLMTestCase

from judge.errors import StudentError
from judge.evaluators.shared_student import SharedStudent, Verdict, row
from judge.students.student import Student


class StudentMetric(BaseMetric):
    """Judges `actual_output` against `retrieval_context`, or `expected_output`, whichever the student reads.

    Args:
        student: a student, or its folder, which is loaded when an evaluation begins.
    """

    def __init__(self, student: SharedStudent | Student | Path | str) -> None:
        # DeepEval copies a metric for each test case, by its attributes of the names of these parameters: all copies share the student.
        self.student = SharedStudent.of(student)

    def measure(self, test_case: LLMTestCase, *_: Any, **__: Any) -> float:
        """The score, in [0, 1].

        Raises:
            StudentError: the evidence that the student needs is missing, or it gave no verdict: a failed test case, or, with
                `ErrorConfig(ignore_errors=True)`, one with an error and no score.
        """
        return self._take(self.student.judge(_row(test_case)))

    async def a_measure(self, test_case: LLMTestCase, *_: Any, **__: Any) -> float:
        """As `measure`; test cases that wait at the same time are judged together."""
        return self._take(await self.student.ajudge(_row(test_case)))

    def is_successful(self) -> bool:
        """Whether the last score is strictly above the student's threshold; DeepEval's own rule lets the threshold itself pass."""
        return self.error is None and bool(self.success)

    @property
    def threshold(self) -> float:
        """Of the student, in [0, 1); DeepEval asks for it before the first test case."""
        return self.student.threshold

    @property
    def __name__(self) -> str:
        return "Student"

    def _take(self, verdict: Verdict) -> float:
        self.score, self.success, self.reason = verdict.score, verdict.is_acceptable, verdict.text
        self.error = None if verdict.score is not None else verdict.text
        if verdict.score is None:
            raise StudentError(verdict.text)
        return verdict.score


def _row(test_case: LLMTestCase) -> dict[str, Any]:
    return row(test_case.input, test_case.actual_output, test_case.retrieval_context, test_case.expected_output)
