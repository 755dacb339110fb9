"""What is exchanged with another tool: answers to be labelled, and what people said of them there.

Blind as `judge annotate` is: a task names no generator and no verdict.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from judge.errors import JudgeError
from judge.tables.schema import Row

SKIP = "skip"
"""How a file says that a person would not judge an answer."""

GUIDELINE = "Is the answer right? Judge by the passage and the reference, where there are any, and not by style or length."

_VALUES: dict[str, float | None] = {
    "acceptable": 1.0,
    "unacceptable": 0.0,
    "true": 1.0,
    "false": 0.0,
    "yes": 1.0,
    "no": 0.0,
    SKIP: None,
    "skipped": None,
}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_NAME_LENGTH = 64


class ExchangeError(JudgeError):
    """A file of another tool cannot be read, or what it says cannot be taken over; nothing was written."""


class Task(NamedTuple):
    """An answer to be labelled, as another tool shows it; what is not there is an empty text. A reference has a line for each."""

    item_id: str
    question: str
    context: str
    reference: str
    answer: str


class Said(NamedTuple):
    """What a file says of an answer, as it stands there.

    Attributes:
        where: the place in the file, for messages.
        item_id: the answer.
        annotator: who says it, by the tool's own name, such as an e-mail address; None where the file does not say.
        value: a text, number or truth value that `label_of` reads; `SKIP` where the answer was skipped.
        comment: a remark.
    """

    where: str
    item_id: str
    annotator: str | None
    value: object
    comment: str | None


class Content(NamedTuple):
    """What a file holds: what people said, in the order of the file, and how many entries say nothing yet."""

    said: list[Said]
    without_label: int


def tasks(rows: Iterable[Row]) -> list[Task]:
    """The answers of a dataset table, in the order of the rows, which must not tell the generator. Rows without an answer are left out."""
    return [
        Task(
            row["answer_id"],
            row["question"],
            row["context"] or "",
            "\n".join(row["reference"] or ()),
            row["answer"],
        )
        for row in rows
        if row["answer"]
    ]


def label_of(value: object) -> float | None:
    """A label in [0, 1]; None for a skip. Upper case and spaces around do not count.

    Raises:
        ValueError: the value is none of those that have one meaning only; the message says what there is.
    """
    if isinstance(value, bool | int | float):
        text = str(float(value))
    elif isinstance(value, str):
        text = value.strip().lower()
    else:
        text = ""
    if text in _VALUES:
        return _VALUES[text]
    if _NUMBER.fullmatch(text) and float(text) <= 1.0:
        return float(text)
    raise ValueError(f"{str(value)[:60]!r} is no label: {', '.join(_VALUES)}, or a number from 0 to 1")


def choice_of(label: float) -> str | None:
    """A label as the choice that other tools offer; None for a level between the two."""
    return {1.0: "acceptable", 0.0: "unacceptable"}.get(label)


def annotator_of(name: str) -> str:
    """A tool's name for a person as one that a file may have everywhere: anna@example.org is anna-example.org.

    A name that may stand as it is stays. Accents are dropped, and whatever else may not stand in a name becomes a hyphen.

    Raises:
        ValueError: nothing is left.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    made = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._") if not _may_stand(name) else name
    if not made:
        raise ValueError(f"{name!r} has no letter or digit that may stand in the name of a file")
    return made[:_NAME_LENGTH]


def _may_stand(name: str) -> bool:
    return re.fullmatch(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_NAME_LENGTH - 1}}}", name) is not None
