"""The student as a scorer of inspect_ai; its accuracy is the share of acceptable answers, the scores stand in the metadata."""

from pathlib import Path

from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import TaskState

from judge.evaluators.shared_student import SharedStudent, row
from judge.students.student import Student


@scorer(metrics=[accuracy(), stderr()])
def student_scorer(student: SharedStudent | Student | Path | str, context: str = "context") -> Scorer:
    """Judges what the model wrote against a passage of the sample's metadata, or its target, whichever the student reads.

    Args:
        student: a student, or its folder, which is loaded when the first sample comes.
        context: the key of the sample's metadata under which its passage stands, or a list of passages.
    """
    shared = SharedStudent.of(student)

    async def score(state: TaskState, target: Target) -> Score:
        """Correct where the answer is acceptable; a sample without a verdict is unscored, and counts in no metric."""
        answer = state.output.completion
        passages = (state.metadata or {}).get(context)
        verdict = await shared.ajudge(row(state.input_text, answer, passages, list(target)))
        if verdict.score is None:
            return Score.unscored(reason=verdict.reason, answer=answer, explanation=verdict.text)
        return Score(
            value=CORRECT if verdict.is_acceptable else INCORRECT,
            answer=answer,
            explanation=verdict.text,
            metadata={"score": verdict.score, "probability": verdict.probability, "threshold": verdict.threshold},
        )

    return score
