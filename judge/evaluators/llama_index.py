"""The student as an evaluator of llama-index: sync, async, and in a `BatchEvalRunner`, whose workers' answers are judged together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llama_index.core.evaluation import BaseEvaluator, EvaluationResult
from llama_index.core.prompts.mixin import PromptDictType

from judge.evaluators.shared_student import SharedStudent, row
from judge.students.student import Student


class StudentEvaluator(BaseEvaluator):
    """Judges a response against its contexts, or `reference=`, whichever the student reads.

    Args:
        student: a student, or its folder, which is loaded when the first response comes.
    """

    def __init__(self, student: SharedStudent | Student | Path | str) -> None:
        self._student = SharedStudent.of(student)

    async def aevaluate(
        self,
        query: str | None = None,
        response: str | None = None,
        contexts: Sequence[str] | None = None,
        reference: str | Sequence[str] | None = None,
        **_: Any,
    ) -> EvaluationResult:
        """The verdict of a response; an `invalid_result` with its reason where the student gives none.

        Raises:
            StudentError: the query or the evidence that the student needs is missing.
        """
        verdict = await self._student.ajudge(row(query, response, contexts, reference))
        return EvaluationResult(
            query=query,
            contexts=contexts,
            response=response,
            score=verdict.score,
            passing=verdict.is_acceptable,
            feedback=verdict.text,
            invalid_result=verdict.score is None,
            invalid_reason=verdict.reason,
        )

    def _get_prompts(self) -> PromptDictType:
        """No prompts: a student has none that could be changed."""
        return {}

    def _update_prompts(self, prompts_dict: PromptDictType) -> None:
        """Nothing: there are none."""
