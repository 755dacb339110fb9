"""What a student learns from: the rows that teach, and the documents that are left out to see when to stop."""

from collections.abc import Sequence
from typing import Any, Literal

from judge.errors import StudentError
from judge.tables.identity import shuffled
from judge.tables.items import has_words
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE, classify, nearest
from judge.tables.schema import Row

_FEWEST_DOCUMENTS = 2

Target = Literal["teacher", "people"]
"""Whose class a student learns."""


def taught(rows: Sequence[Row]) -> list[Row]:
    """The rows that teach: those with a teacher's judgment and with words in the answer."""
    return [row for row in rows if row["teacher_levels"] is not None and has_words(row["answer"])]


def is_acceptable(row: Row, threshold: float, target: Target) -> bool | None:
    """The class that the cross-entropy is of: the teacher's, or what people say; None where nobody was asked."""
    if target == "teacher":
        return classify(row["teacher_score"], threshold) == ACCEPTABLE
    # A statement of known truth has no such column.
    said = row.get("human_class")
    return None if said is None else said == ACCEPTABLE


def reported(row: Row, target: Target) -> float | None:
    """The score, in [0, 1], whose level a student in words learns to say: the teacher's, or 1 or 0 by what people say; None as above."""
    if target == "teacher":
        return float(row["teacher_score"])
    said = row.get("human_class")
    return None if said is None else float(said == ACCEPTABLE)


def as_judged(constructed: Sequence[Row]) -> list[Row]:
    """Rows of the constructed table as a teacher that knows the truth would judge them, all mass on 1.0 or 0.0, and so would people."""
    return [
        {
            **row,
            "teacher_levels": nearest(float(row["truth"])),
            "teacher_score": float(row["truth"]),
            "human_class": ACCEPTABLE if row["truth"] else UNACCEPTABLE,
        }
        for row in constructed
    ]


def require_classes(rows: Sequence[Row], target: Target) -> None:
    """Refuse rows without a class to learn.

    Raises:
        StudentError: people's class is to be learnt, and they judged none of the rows.
    """
    if target == "people" and all(row["human_class"] is None for row in rows):
        raise StudentError(
            f"distil.target is people, and none of the {len(rows)} judged training rows has a class that people gave.\n"
            "Next: set distil.target=teacher, or give the corpus people's labels (columns.human in conf/corpus)."
        )


def folds(rows: Sequence[Row], validation_fraction: float, seed: int) -> list[int]:
    """The fold of each row, from 0; all rows of a document share one, and a fold is about that fraction of the documents.

    Raises:
        StudentError: the rows belong to fewer than two documents.
    """
    documents = shuffled({row["document_id"] for row in rows}, seed, "validation")
    if len(documents) < _FEWEST_DOCUMENTS:
        raise StudentError(
            f"A student needs judged answers about at least {_FEWEST_DOCUMENTS} documents, one of them for validation; "
            f"of {len(rows)} judged training rows all belong to {len(documents)}.\n"
            "Next: add documents to the corpus, or raise split.train_fraction.",
        )
    count = min(len(documents), round(1.0 / validation_fraction))
    fold_of = {document: index % count for index, document in enumerate(documents)}
    return [fold_of[row["document_id"]] for row in rows]


def figures(rows: Sequence[Row], learnt: Sequence[Row], teacher: str) -> dict[str, Any]:
    """What every student says of its training rows: of all `rows`, those `learnt` from or validated on."""
    return {
        "teacher": teacher,
        "rows": len(learnt),
        "rows_left_out": len(rows) - len(learnt),
        "documents": len({row["document_id"] for row in learnt}),
    }
