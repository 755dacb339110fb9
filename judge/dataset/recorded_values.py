"""What a field of a recorded judgment says: a text, several of them, a number, or nothing."""

from typing import Any

from judge.dataset.recorded_file import plain
from judge.tables.items import has_words


def each(value: Any) -> list[Any]:
    """A list as it is, anything else as the one value of a list."""
    return value if isinstance(value, list) else [value]


def means_nothing(value: Any, meanings: dict[str, Any]) -> bool:
    """Whether a field is empty, or holds a value that its mapping calls nothing."""
    key = plain(value)
    return meanings.get(key, "" if key else None) is None


def score(value: Any) -> float | None:
    """A score as a number; None for what is no number, true and false among them."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def text(value: Any) -> str | None:
    """A field as text with plain line ends, without the space around it; a list's parts as paragraphs; None where nothing is left."""
    if isinstance(value, list):
        value = "\n\n".join(part for part in map(text, value) if part)
    said = "" if value is None else str(value)
    # JSON can spell halves of a character, which no UTF-8 file can hold.
    return said.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").strip() or None


def alternatives(value: Any, separator: str | None) -> list[str]:
    """The alternatives of a reference, in their order, each once: those of a list, and those within a text."""
    texts = [said for part in each(value) if (said := text(part))]
    pieces = [piece.strip() for said in texts for piece in (said.split(separator) if separator else [said])]
    return list(dict.fromkeys(piece for piece in pieces if has_words(piece))) or texts[:1]
