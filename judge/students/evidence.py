"""The texts that a student reads of an item."""

from typing import NamedTuple

from judge.errors import StudentError
from judge.students.options import Evidence
from judge.tables.items import Item


class Texts(NamedTuple):
    """The texts of an item that a student reads; none is empty."""

    question: str
    answer: str
    evidence: str


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
