"""What a judge is asked to judge: question, answer, and the evidence that the answer is held against.

Every judge, teacher or student, hosted or here, is given `Item`s and gives one `Judgment` for each, in their order.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from judge.tables.levels import Judgment
from judge.tables.schema import Row


class Item(NamedTuple):
    """An answer to be judged, with the question it answers and the evidence it is held against.

    `answer` is None where a generator returned nothing; one without words (`has_words`) is given no verdict.
    `context` is the passage that the answer should rest on, `reference` an answer that is known to be right, or several of
    them, each right alone; None where there is none. Which of the two a judge reads, and needs, is for the judge to say.
    """

    question: str
    answer: str | None
    context: str | None = None
    reference: str | tuple[str, ...] | None = None

    @property
    def references(self) -> tuple[str, ...]:
        """The answers that are known to be right, each alone; () where there is none."""
        return (self.reference,) if isinstance(self.reference, str) else self.reference or ()

    @property
    def texts(self) -> dict[str, str | None]:
        """The four texts by name, for a judge that reads prompts: several references stand in one text, with " / " between them."""
        return self._asdict() | {"reference": " / ".join(self.references) or None}

    @classmethod
    def of(cls, row: Row) -> "Item":
        """The item of a row of the dataset, of the probes (which have no reference), or of what `rows_to_judge` gives."""
        reference = row.get("reference")
        return cls(row["question"], row["answer"], row["context"], None if reference is None else tuple(reference))


class Judge(Protocol):
    """Whatever judges answers: a student, or the baseline that it has to beat."""

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """One judgment for each item, in order; a failed one has a reason and no levels."""
        ...


def has_words(text: str | None) -> bool:
    """Whether there is anything to judge in a text: a letter or a digit of any script."""
    return any(map(str.isalnum, text or ""))


_ITEM = ("answer_id", "question_id", "document_id", "generator", "question", "context", "reference", "answer", "human_class")


def rows_to_judge(answers: Sequence[Row], questions: Sequence[Row], chunks: Sequence[Row], recorded: Sequence[Row]) -> list[Row]:
    """What is judged and labelled: each answer with its question and passage, its reference, and what people say of it.

    Args:
        answers: rows of the answers tables.
        questions: rows of the questions table, those of all answers among them.
        chunks: rows of the chunks table, those of all questions among them.
        recorded: rows of the recorded table; where it has any they are what is judged, and the other tables are not looked at.

    Returns:
        Rows with the columns of the dataset table that are known before the teacher judges, in the order of `answers` or `recorded`;
        of a generated answer no person has said anything, so its human class is None.
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
