"""`POST /v1/judge`: our own rows, and their judgments."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from judge.serving import outputs
from judge.serving.asked import Asker
from judge.serving.columns import READ, Columns
from judge.serving.inputs import Record
from judge.serving.server.batches import Judged
from judge.students.student import Student
from judge.tables.items import Item


class AskedRow(BaseModel):
    """An answer to judge; which of `context` and `reference` is needed is for the student to say. Other fields are ignored."""

    question: StrictStr
    answer: StrictStr | None
    context: StrictStr | None = Field(None, description="the passage")
    reference: StrictStr | list[StrictStr] | None = Field(None, description="a right answer, or several, each right alone")
    id: StrictStr | StrictInt | None = Field(None, description="comes back; its place in the request, from 0, where it is missing")


class JudgeRequest(BaseModel):
    """Rows to judge."""

    model_config = ConfigDict(extra="forbid")

    rows: list[AskedRow] = Field(min_length=1)
    explain: bool = Field(default=False, strict=True, description="whether the words without support come back as well")


class FoundSpan(BaseModel):
    """A word or sentence of an answer, from character `start` to before `end`, counted in Unicode code points."""

    start: int
    end: int
    text: str
    unsupported: float
    unit: str


class RowJudgment(BaseModel):
    """The judgment of a row."""

    model_config = ConfigDict(populate_by_name=True)

    id: str | int
    levels: list[float] | None = Field(description="the probabilities of the scores 0.0, 0.1, ... 1.0")
    score: float | None
    label: str | None = Field(alias="class")
    acceptable: float | None
    reason: str | None
    spans: list[FoundSpan] | None = None


class JudgeReply(BaseModel):
    """A judgment for each row, in order."""

    judgments: list[RowJudgment]


class UnfitError(Exception):
    """A request cannot be answered as it is: its faults, each with where it is, and the status."""

    def __init__(self, faults: Sequence[dict[str, Any]], status: int = 422) -> None:
        super().__init__("; ".join(str(fault["msg"]) for fault in faults))
        self.faults = faults
        self.status = status


def fault(said: str, *where: str | int) -> dict[str, Any]:
    """A fault, in FastAPI's form."""
    return {"loc": ["body", *where], "msg": said, "type": "value_error"}


def items(rows: Sequence[dict[str, Any]], student: Student, where: Sequence[Sequence[str | int]]) -> list[Item]:
    """Rows as items that the student can judge.

    Args:
        rows: with what `judge score` reads of a row.
        student: says what evidence it needs.
        where: of each row its place in the body.

    Raises:
        UnfitError: at least one cannot be judged; all faults are named, and no row is judged.
    """
    asker = Asker(Columns({name: name for name in READ}), "jsonl", student.option.evidence)
    asked = [asker.of(Record(index, row)) for index, row in enumerate(rows)]
    faults = [fault(each.fault, *place) for each, place in zip(asked, where, strict=True) if each.fault]
    if faults:
        raise UnfitError(faults)
    return [each.item for each in asked if each.item is not None]


def require_explaining(student: Student) -> None:
    """Refuse to explain where the student cannot.

    Raises:
        UnfitError: it cannot.
    """
    if not student.EXPLAINS:
        said = f"A student of kind {student.option.kind} says nothing of single words. Next: leave `explain` out."
        raise UnfitError([fault(said, "explain")])


def reply(asked: Sequence[AskedRow], judged: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """The body of the reply."""
    judgments = []
    for index, (row, each) in enumerate(zip(asked, judged, strict=True)):
        judgment = outputs.row(index if row.id is None else row.id, each.judgment, threshold, {})
        if each.spans is not None:
            judgment["spans"] = [span._asdict() for span in each.spans]
        judgments.append(judgment)
    return {"judgments": judgments}
