"""The words and sentences of a text, with where they stand, in whatever script."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from judge.probes import mentions, overlap
from judge.students import spelling

# Scripts that put no space between words (Thai, Lao, Burmese, Khmer, kana, Han): each letter counts as a word of its own.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LAST_MARK = 0x20000
_POSSESSIVE = re.compile(r"(?<=\w)['’]s?$")
# Words that carry grammar and little else, in the form that they are looked up in.
_SMALL = frozenset(
    overlap.words(
        "the a an of in on at to and or for by with from into onto over under about between among during through within as than then so "
        "such but if that this these those there here it its he him his she her they them their we our you your i me my "
        "who whom whose which what when where while how is was were are be been being am do does did done has have had having can could "
        "may might must shall should will would also both each other another any some all more most very up out off only just same own "
        "because since until although though however"
    )
)


class Word(NamedTuple):
    """A word in its text.

    Attributes:
        start, end: `text[start:end]` is the word as it is written.
        form: the one spelling of it that is looked up.
        sentence: the index of the sentence that it stands in.
        mention: the index of the name or number that it belongs to; None for a word of neither.
        is_small: whether it carries grammar and little else.
        is_capital: whether it begins with a capital letter.
    """

    start: int
    end: int
    form: str
    sentence: int
    mention: int | None
    is_small: bool
    is_capital: bool

    @property
    def sort(self) -> Literal["number", "name", "word"]:
        """What may stand in its place: a number, in digits or in words; what has a capital, as names have; or another word."""
        return "number" if self.form[0].isdigit() else "name" if self.is_capital and not self.is_small else "word"


# A passage is the longer text, and its answers come after each other.
@lru_cache(maxsize=64)
def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order; a hyphen parts two, and every letter or digit belongs to one."""
    found: list[Word] = []
    count = 0
    for number, (start, end) in enumerate(sentences(text)):
        sentence = text[start:end]
        mentioned = sorted((mention.start, mention.end) for mention in (*mentions.names(sentence), *mentions.numbers(sentence)))
        for match in _pattern().finditer(sentence):
            form = _form(match.group())
            inside = [count + index for index, (first, last) in enumerate(mentioned) if match.start() < last and match.end() > first]
            mention = inside[0] if inside else None
            is_small, is_capital = mention is None and form in _SMALL, match.group()[0].isupper()
            found.append(Word(start + match.start(), start + match.end(), form, number, mention, is_small, is_capital))
        count += len(mentioned)
    return tuple(found)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand: (start, end) each, in order."""
    return list(_placed(text))


def _placed(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for sentence in mentions.sentences(text):
        start = text.index(sentence, start)
        yield start, start + len(sentence)
        start += len(sentence)


def _form(surface: str) -> str:
    """A word as it is looked up: as `spelling` has it where it is one word there too, and else as it is written.

    `spelling` drops the vowel signs of some scripts, without which words that differ would be one.
    """
    surface = _POSSESSIVE.sub("", surface)
    parts = spelling.words(surface)
    has_signs = any(unicodedata.category(char) == "Mc" for char in surface)
    return parts[0] if len(parts) == 1 and not has_signs else unicodedata.normalize("NFKC", surface).casefold()


@cache
def _pattern() -> re.Pattern[str]:
    """What a word is: initials, a number with its ordinal ending, one letter of an unspaced script, or letters with their marks."""
    marks = "".join(re.escape(chr(code)) for code in range(_LAST_MARK) if unicodedata.category(chr(code))[0] == "M")
    letter = rf"(?:[^\W\d_{_UNSPACED}][{marks}]*)"
    return re.compile(
        rf"(?:[^\W\d_{_UNSPACED}]\.){{2,}}"
        r"|\d+(?:[.,]\d+)*(?:(?:st|nd|rd|th|s)\b)?"
        rf"|[{_UNSPACED}][{marks}]*"
        rf"|{letter}+(?:['’]{letter}+)*\d*"
        rf"|[^\W_][{marks}]*"
    )
