"""What a judge is asked to judge: question, answer, and the evidence that the answer is held against."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from judge.tables.levels import Judgment
from judge.tables.schema import Row


class Item(NamedTuple):
    """What a judge is asked to judge; `answer` is None where a generator returned nothing."""

    question: str
    answer: str | None
    context: str | None = None
    reference: str | None = None

    @classmethod
    def of(cls, row: Row) -> "Item":
        """The item of a row of the dataset or of the probes."""
        return cls(row["question"], row["answer"], row["context"], row.get("reference"))


class Judge(Protocol):
    """Whatever judges answers: a student, or the baseline that it has to beat."""

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order."""
        ...


def has_words(answer: str | None) -> bool:
    """Whether there is anything to judge: an answer with a letter or a digit."""
    return any(map(str.isalnum, answer or ""))


_ITEM = ("answer_id", "question_id", "document_id", "generator", "question", "context", "reference", "answer", "human_class")


def rows_to_judge(answers: Sequence[Row], questions: Sequence[Row], chunks: Sequence[Row], recorded: Sequence[Row]) -> list[Row]:
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
