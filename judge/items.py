"""What a judge is asked to judge: question, answer, and the evidence that the answer is held against."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from judge.errors import StudentError
from judge.levels import Judgment
from judge.student_settings import Evidence
from judge.tables import Row


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


class Texts(NamedTuple):
    """The texts of an item that a student reads; none is empty."""

    question: str
    answer: str
    evidence: str


class Judge(Protocol):
    """Whatever judges answers: a student, or the baseline that it has to beat."""

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order."""
        ...


def has_words(answer: str | None) -> bool:
    """Whether there is anything to judge: an answer with a letter or a digit."""
    return any(map(str.isalnum, answer or ""))


def texts_of(item: Item, evidence: Evidence) -> Texts:
    """The texts of an item with a non-empty answer.

    Both kinds of evidence make one text, the reference first: where a text is cut, it is the end of the passage that goes.

    Raises:
        StudentError: the evidence is missing; the message names what is.
    """
    needed = {"context": item.context, "reference": item.reference}
    if evidence != "both":
        needed = {evidence: needed[evidence]}
    missing = [name for name, text in needed.items() if not text or not text.strip()]
    if missing:
        raise StudentError(
            f"This student holds answers against evidence={evidence}, but the {' and the '.join(missing)} is missing "
            f"for the question {item.question[:80]!r}.\n"
            f"Next: give it ({', '.join(f'{name}=...' for name in missing)}), or distil a student with another `evidence` "
            "(conf/student).",
        )
    return Texts(item.question, str(item.answer), "\n".join(str(needed[name]) for name in ("reference", "context") if name in needed))
