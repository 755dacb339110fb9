"""Spans of an answer with how far each found no support, and how they are shown: in a terminal, on a page, as rows of a table."""

import html
import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, TextIO

from judge.tables.schema import Row

# From these strengths on a word is marked, as weak, clear and strong.
STRENGTHS = (0.3, 0.5, 0.8)
# Underlined yellow, bold underlined red, bold red inverted: whoever sees no colours sees three things all the same.
_LOOKS = ("4;33", "1;4;31", "1;7;31")
STYLE = (
    "mark.unsupported-1 { background: #fdf3c4; color: #1c1c1c } "
    "mark.unsupported-2 { background: #fbd0a6; color: #1c1c1c } "
    "mark.unsupported-3 { background: #f5a3a0; color: #1c1c1c }"
)
"""What a page needs in its style for what `marked_up` returns; dark text stays readable on each."""


class Span(NamedTuple):
    """A word or a sentence of an answer: `answer[start:end]` is `text`.

    `unsupported` is in [0, 1]: 0 for what the evidence says, 1 for what it does not have at all.
    """

    start: int
    end: int
    text: str
    unsupported: float
    unit: Literal["word", "sentence"] = "word"

    @property
    def strength(self) -> int:
        """How strongly it is marked: 0 not at all, 1 weakly, 2 clearly, 3 strongly."""
        return sum(self.unsupported >= least for least in STRENGTHS)


def coloured(answer: str, spans: Iterable[Span], *, is_colour: bool) -> str:
    """An answer for a terminal, `tamed`, with its marked words in colour; in brackets with how far, `[Alps 0.84]`, without."""

    def paint(text: str, span: Span) -> str:
        return f"\x1b[{_LOOKS[span.strength - 1]}m{tamed(text)}\x1b[0m" if is_colour else f"[{tamed(text)} {span.unsupported:.2f}]"

    return _painted(answer, spans, tamed, paint)


def tamed(text: str) -> str:
    """A text that cannot steer a terminal: its control characters, but for tabs and line breaks, become U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(char) == "Cc" and char not in "\t\n" else char for char in text)


def wants_colour(stream: TextIO) -> bool:
    """Whether colours belong on a stream: it is a terminal, and NO_COLOR (no-color.org) is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def marked_up(answer: str, spans: Iterable[Span]) -> str:
    """An answer as HTML, escaped, with its marked words in <mark>, whose class says how strongly and whose title how far."""

    def paint(text: str, span: Span) -> str:
        return f'<mark class="unsupported-{span.strength}" title="unsupported: {span.unsupported:.2f}">{html.escape(text)}</mark>'

    return _painted(answer, spans, html.escape, paint)


def of_rows(given: Iterable[Row]) -> list[Span]:
    """The words of rows of the table of spans."""
    return [Span(row["start"], row["end"], row["text"], row["unsupported"]) for row in given]


def rows(ids: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Row]:
    """The marked words of answers as rows of a table of spans, each answer's under its id; an answer without any has no row."""
    return [
        {
            "span_id": f"{item_id}:{span.start:06d}",
            "item_id": item_id,
            "start": span.start,
            "end": span.end,
            "text": span.text,
            "unsupported": span.unsupported,
        }
        for item_id, found in zip(ids, spans, strict=True)
        for span in _marked(found)
    ]


def _marked(spans: Iterable[Span]) -> list[Span]:
    return sorted(span for span in spans if span.unit == "word" and span.strength)


def _painted(answer: str, spans: Iterable[Span], plain: Callable[[str], str], paint: Callable[[str, Span], str]) -> str:
    """The answer with `paint` over its marked words and `plain` over the rest."""
    pieces, done = [], 0
    for span in _marked(spans):
        pieces += [plain(answer[done : span.start]), paint(answer[span.start : span.end], span)]
        done = span.end
    return "".join([*pieces, plain(answer[done:])])
