"""Judgments and usage as columns of a table."""

from collections.abc import Iterable, Sequence

from judge.tables.levels import Judgment
from judge.tables.schema import CALLS, Row
from judge.tables.usage import Usage, total


def judgment_rows(ids: Sequence[str], judgments: Sequence[Judgment]) -> list[Row]:
    """Judgments as rows of a judgments table, each under the id of what is judged."""
    return [
        {
            "item_id": item_id,
            "levels": None if judgment.levels is None else list(judgment.levels),
            "score": judgment.score,
            "acceptable": judgment.acceptable,
            "reason": judgment.reason,
            "source": judgment.source,
            "rationale": judgment.rationale,
            **calls(judgment.usage),
        }
        for item_id, judgment in zip(ids, judgments, strict=True)
    ]


def calls(usage: Usage | None) -> Row:
    """The columns that say what a row took of a hosted model; all null for a model that runs here."""
    if usage is None:
        return dict.fromkeys(column.name for column in CALLS)
    return {column.name: getattr(usage, column.name) for column in CALLS}


def usage_of(rows: Iterable[Row]) -> Usage | None:
    """The sum of those columns; None where no row has any."""
    return total(Usage(*(row[column.name] for column in CALLS)) for row in rows if row["calls"] is not None)
