"""From judgments to the labelled dataset: acceptable means a score strictly above the threshold."""

from collections.abc import Sequence

from pydantic import Field

from judge.levels import classify
from judge.settings import Settings
from judge.tables import Row

_ITEM = ("answer_id", "question_id", "document_id", "generator", "question", "context", "reference", "answer", "human_class")


class LabelSettings(Settings):
    """Where acceptable begins."""

    threshold: float = Field(ge=0.0, lt=1.0, description="an answer is acceptable when its score is strictly above this")


def items(answers: Sequence[Row], questions: Sequence[Row], chunks: Sequence[Row], recorded: Sequence[Row]) -> list[Row]:
    """What is judged and labelled: each answer with its question and passage, its reference, and what people say of it.

    They are the rows of the recorded table where it has any, and otherwise the generated answers, of which no person has said anything.
    """
    if recorded:
        return [{name: row[name] for name in _ITEM} for row in recorded]
    chunk_of = {chunk["chunk_id"]: chunk for chunk in chunks}
    question_of = {question["question_id"]: question for question in questions}
    rows = []
    for answer in answers:
        question = question_of[answer["question_id"]]
        chunk = chunk_of[question["chunk_id"]]
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
                "human_class": None,
            },
        )
    return rows


def label(items: Sequence[Row], judgments: Sequence[Row], settings: LabelSettings) -> list[Row]:
    """Join what `items` gives with the teacher's judgments into rows of the dataset table.

    A failed judgment stays a row, without score and class, and with its reason.
    """
    judgment_of = {judgment["item_id"]: judgment for judgment in judgments}
    rows = []
    for item in items:
        judgment = judgment_of[item["answer_id"]]
        score = judgment["score"]
        rows.append(
            {
                **item,
                "teacher_levels": judgment["levels"],
                "teacher_score": score,
                "teacher_class": None if score is None else classify(score, settings.threshold),
                "reason": judgment["reason"],
            },
        )
    return rows
