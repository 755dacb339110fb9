"""The student as a scorer of `mlflow.genai.evaluate`, whose threads' answers are judged together."""

from pathlib import Path
from typing import Any

from mlflow.entities import AssessmentError, Feedback, SpanType, Trace
from mlflow.genai.scorers import Scorer
from pydantic import PrivateAttr

from judge.evaluators.shared_student import SharedStudent, row
from judge.students.student import Student


class StudentScorer(Scorer):
    """Judges outputs against a passage of their inputs, or an expectation, whichever the student reads.

    Attributes:
        name: what its feedback and its mean are called.
        question: the key of the inputs that has the question.
        context: the key that has the passage, or a list of them; without it the passages are what the trace's retrievers returned.
        reference: the key of the expectations that has the right answer, or a list of them, each right alone.
    """

    name: str = "student"
    question: str = "question"
    context: str = "context"
    reference: str = "expected_response"

    _student: SharedStudent = PrivateAttr()

    def __init__(self, student: SharedStudent | Student | Path | str, **fields: Any) -> None:
        super().__init__(**fields)
        self._student = SharedStudent.of(student)

    def __call__(
        self, *, inputs: dict[str, Any], outputs: Any, expectations: dict[str, Any] | None = None, trace: Trace | None = None
    ) -> Feedback:
        """The score with its class; an error with its reason where the student gives no verdict, which counts in no mean."""
        passages = inputs.get(self.context) or _retrieved(trace)
        verdict = self._student.judge(row(inputs.get(self.question), outputs, passages, (expectations or {}).get(self.reference)))
        if verdict.score is None:
            return Feedback(error=AssessmentError(error_code=str(verdict.reason), error_message=verdict.text))
        metadata = {"acceptable": str(verdict.is_acceptable).lower(), "threshold": str(verdict.threshold)}
        return Feedback(value=verdict.score, rationale=verdict.text, metadata=metadata)


def _retrieved(trace: Trace | None) -> list[str]:
    """The texts that the retrievers of a trace returned, in their order."""
    spans = trace.search_spans(span_type=SpanType.RETRIEVER) if trace else []
    return [document["page_content"] for span in spans for document in span.outputs or []]
