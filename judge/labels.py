"""From judgments to the labelled dataset: acceptable means a score strictly above the threshold."""

from collections.abc import Sequence

from pydantic import Field

from judge.levels import classify
from judge.settings import Settings
from judge.tables import Row


class LabelSettings(Settings):
    """Where acceptable begins."""

    threshold: float = Field(ge=0.0, lt=1.0, description="an answer is acceptable when its score is strictly above this")


def label(
    answers: Sequence[Row], questions: Sequence[Row], chunks: Sequence[Row], judgments: Sequence[Row], settings: LabelSettings
) -> list[Row]:
    """Join answers with their question, passage and teacher judgment into rows of the dataset table.

    A failed judgment stays a row, without score and class, and with its reason.
    """
    chunk_of = {chunk["chunk_id"]: chunk for chunk in chunks}
    question_of = {question["question_id"]: question for question in questions}
    judgment_of = {judgment["item_id"]: judgment for judgment in judgments}
    rows = []
    for answer in answers:
        question = question_of[answer["question_id"]]
        chunk = chunk_of[question["chunk_id"]]
        judgment = judgment_of[answer["answer_id"]]
        score = judgment["score"]
        rows.append(
            {
                "answer_id": answer["answer_id"],
                "question_id": question["question_id"],
                "document_id": chunk["document_id"],
                "generator": answer["generator"],
                "question": question["question"],
                "context": chunk["text"],
                "reference": question["reference"],
                "answer": answer["answer"],
                "teacher_levels": judgment["levels"],
                "teacher_score": score,
                "teacher_class": None if score is None else classify(score, settings.threshold),
                "reason": judgment["reason"],
            },
        )
    return rows
