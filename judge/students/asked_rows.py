"""The rows that a student is asked about, as items: what makes a row unfit, in words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from judge.errors import StudentError
from judge.tables.items import Item


def faults(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with a row, each in words that end no sentence; none where it can be judged, its evidence apart."""
    values = _values(row)
    found = [
        f"`{name}` has to be text{' or a list of texts' * (name == 'reference')}, got {value!r}"
        for name, value in values.items()
        if not _is_fit(name, value)
    ]
    return found if "answer" in row else [*found, "`answer` is missing"]


def item(row: Mapping[str, Any], index: int) -> Item:
    """A row as an item; a list of no references is none.

    Raises:
        StudentError: the row has faults; the message names `index`.
    """
    found = faults(row)
    if found:
        raise StudentError(
            f"Row {index} cannot be judged: {'; '.join(found)}.\n"
            "Next: give each row `question`, `answer`, and the evidence that the student needs (`context`, `reference`)."
        )
    return Item(**_values(row))


def items(rows: Iterable[Item | Mapping[str, Any]], method: str) -> Iterator[Item]:
    """Items or rows as items, one at a time, in order.

    Args:
        rows: as many as there are.
        method: of a student, which the message of an error names.

    Raises:
        StudentError: as `item` does, or it is one row rather than several.
    """
    if isinstance(rows, Item | Mapping | str):
        raise StudentError(f"{method} takes a list of rows, got one {type(rows).__name__}.\nNext: put it into a list, {method}([row]).")
    for index, row in enumerate(rows):
        yield row if isinstance(row, Item) else item(row, index)


def texts(asked: Item) -> list[str]:
    """All texts of an item, those that are empty too."""
    return [asked.question, asked.answer or "", asked.context or "", *asked.references]


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: row.get(name) for name in Item._fields}
    if isinstance(values["reference"], list | tuple):
        values["reference"] = tuple(values["reference"]) or None
    return values


def _is_fit(name: str, value: object) -> bool:
    """Whether a value can stand in that field of an item."""
    if value is None:
        return name != "question"
    if name == "reference" and isinstance(value, tuple):
        return all(isinstance(text, str) for text in value)
    return isinstance(value, str)
