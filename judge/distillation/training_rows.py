"""What a student learns from: the rows that teach, and the documents that are left out to see when to stop."""

from collections.abc import Sequence
from typing import Any

from judge.errors import StudentError
from judge.tables.identity import shuffled
from judge.tables.items import has_words
from judge.tables.schema import Row

_FEWEST_DOCUMENTS = 2


def taught(rows: Sequence[Row]) -> list[Row]:
    """The rows that teach: those with a teacher's judgment and with words in the answer."""
    return [row for row in rows if row["teacher_levels"] is not None and has_words(row["answer"])]


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
