"""The words of a text in one spelling each, where writers have several: accents, initials, and numbers in words, digits and ordinals."""

import re
import unicodedata
from collections.abc import Sequence

from judge.probes import overlap

_SMALL = re.compile(
    r"the|an?|of|in|on|at|to|and|or|for|by|with|from|is|was|were|are|be|been|its?|this|that|as|his|her|their|s?he|they",
)
_NUMBERS = {
    "first": "1",
    "second": "2",
    "third": "3",
    "fourth": "4",
    "fifth": "5",
    "sixth": "6",
    "seventh": "7",
    "eighth": "8",
    "ninth": "9",
    "tenth": "10",
    "eleventh": "11",
    "twelfth": "12",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
}
_INITIALS = re.compile(r"(?<=\b[A-Za-z])\.(?=[A-Za-z]\b)\.?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_TRIPLE = 3


def words(text: str) -> list[str]:
    """The words of a text in order, as `overlap.words` has them, without accents, initials joined, and numbers as digits.

    "U.S." is "us", "21st" is "21", "third" is "3", "ninety" is "90".
    """
    # Most texts have no accents, and taking each character in hand is what takes long.
    plain = text if text.isascii() else "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    joined = _ORDINAL.sub("", _INITIALS.sub("", plain.replace("–", "-").replace("—", "-")))
    return [_NUMBERS.get(word, word) for word in overlap.words(joined)]


def content(some: list[str]) -> list[str]:
    """The words that are no small words; all of them where there are only such."""
    return [word for word in some if not _SMALL.fullmatch(word)] or some


def numbers(some: Sequence[str]) -> set[str]:
    """The words that begin with a digit."""
    return {word for word in some if word[0].isdigit()}


def triples(text: str) -> frozenset[str]:
    """The runs of three characters of a text with a space around it; none of an empty one."""
    padded = f" {text} "
    return frozenset(padded[at : at + _TRIPLE] for at in range(len(padded) - _TRIPLE + 1)) if text else frozenset()
