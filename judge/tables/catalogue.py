"""All tables, in the order in which they come to be."""

from collections.abc import Iterable

from judge.tables.schema import (
    ANSWERS,
    BACKGROUND,
    CHUNKS,
    DATASET,
    DOCUMENTS,
    JUDGMENTS,
    LABELS,
    QUESTIONS,
    QUEUE,
    RECORDED,
    SPANS,
    TEST,
    TEST_DOCUMENTS,
    TRAIN,
    Table,
)
from judge.tables.statements import CONSTRUCTED, PERTURBED, PROBES, STATEMENTS

ALL: tuple[Table, ...] = (
    DOCUMENTS,
    BACKGROUND,
    CHUNKS,
    QUESTIONS,
    ANSWERS,
    RECORDED,
    JUDGMENTS,
    SPANS,
    LABELS,
    QUEUE,
    DATASET,
    TRAIN,
    TEST,
    TEST_DOCUMENTS,
    STATEMENTS,
    CONSTRUCTED,
    PROBES,
    PERTURBED,
)


def as_markdown(tables: Iterable[Table] = ALL) -> str:
    """The README's table of tables."""
    lines = ["| table | a row is | key | columns |", "|---|---|---|---|"]
    for table in tables:
        columns = ", ".join(f"`{column.name}`" for column in table.columns)
        lines.append(f"| {table.path} | {table.row} | `{table.key}` | {columns} |")
    return "\n".join(lines) + "\n"
