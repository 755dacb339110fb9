"""The student as a metric of ragas, for `evaluate` and for `single_turn_ascore` in an experiment."""

from pathlib import Path
from typing import Any

from ragas.dataset_schema import SingleTurnSample
from ragas.metrics import MetricType, SingleTurnMetric

from judge.errors import StudentError
from judge.evaluators.shared_student import SharedStudent, row
from judge.students.student import Student

_COLUMNS = {"user_input", "response", "retrieved_contexts:optional", "reference:optional"}


class StudentMetric(SingleTurnMetric):
    """Judges `response` against `retrieved_contexts`, or `reference`, whichever the student reads.

    Args:
        student: a student, or its folder, which is loaded when the first sample comes.
        name: the column of its scores.
    """

    def __init__(self, student: SharedStudent | Student | Path | str, name: str = "student") -> None:
        super().__init__(_required_columns={MetricType.SINGLE_TURN: _COLUMNS}, name=name)
        self._student = SharedStudent.of(student)

    def init(self, run_config: Any) -> None:
        """Nothing: there is no model to set up."""

    async def _single_turn_ascore(self, sample: SingleTurnSample, callbacks: Any) -> float:  # noqa: ARG002 - ragas passes it by name
        """The score, in [0, 1]; samples that wait at the same time are judged together.

        Raises:
            StudentError: the evidence that the student needs is missing, or it gave no verdict: `evaluate` has NaN for it, or
                raises it where it was asked to.
        """
        verdict = await self._student.ajudge(row(sample.user_input, sample.response, sample.retrieved_contexts, sample.reference))
        if verdict.score is None:
            raise StudentError(verdict.text)
        return verdict.score
