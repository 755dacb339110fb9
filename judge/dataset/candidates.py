"""From what a model wrote to a question with its reference answer: the cleaning that small models' output needs."""

import re
from typing import Literal, NamedTuple

from judge.tables.usage import Usage

Dropped = Literal[
    "no_question",
    "no_question_mark",
    "too_short",
    "no_reference",
    "chatter",
    "about_the_text",
    "no_subject",
    "asks_for_a_type",
    "circular",
    "cut",
    "unsupported",
    "unanswerable",
    "duplicate",
    "surplus",
]


class Candidate(NamedTuple):
    """A question as cleaned, with its reference answer."""

    question: str
    reference: str


class Attempt(NamedTuple):
    """What became of a question asked for, and what it took of a hosted model."""

    outcome: Candidate | Dropped
    usage: Usage | None


_MARKER = re.compile(r"^(?:[-*•]\s+|\(?\d{1,3}[.):]\s+|(?:question|q|query)\s*\d*\s*[:.)-]\s*|\*\*)+", re.IGNORECASE)
_ANSWER_MARKER = re.compile(r"^(?:[-*•]\s+|(?:answer|a)\s*[:.)-]\s*|\*\*)+", re.IGNORECASE)
_CHATTER = re.compile(
    r"^(?:sure\b|of course\b|certainly\b|here (?:are|is)\b|i (?:am|can|will|would|hope)\b|i'm\b|as an ai\b|"
    r"based on the (?:context|passage|text))",
    re.IGNORECASE,
)
_QUOTES = "\"'“”‘’` "
MINIMUM_WORDS = 3


class Cleaned(NamedTuple):
    """A cleaned question, or why there is none."""

    question: str | None
    dropped: Dropped | None


def clean_question(text: str) -> Cleaned:
    """The question in a line that a model wrote, without numbering, prefix and quotes; or why it is none.

    A question is one sentence: what follows the first question mark is cut off.
    """
    line = _MARKER.sub("", text.strip().strip(_QUOTES)).strip().strip(_QUOTES).replace("**", "")
    if not line:
        return Cleaned(None, "no_question")
    if "?" not in line:
        return Cleaned(None, "chatter" if _CHATTER.match(line) else "no_question_mark")
    question = re.sub(r"\s+", " ", line[: line.index("?") + 1])
    if _CHATTER.match(question):
        return Cleaned(None, "chatter")
    if len(question.split()) < MINIMUM_WORDS:
        return Cleaned(None, "too_short")
    return Cleaned(question[0].upper() + question[1:], None)


def clean_reference(text: str) -> str | None:
    """The reference answer in what a model wrote: its first line with text, without prefix and quotes."""
    for line in text.strip().split("\n"):
        cleaned = re.sub(r"\s+", " ", _ANSWER_MARKER.sub("", line.strip()).strip(_QUOTES))
        if cleaned:
            return cleaned
    return None


def parse_pair(text: str, opener: str = "") -> Candidate | Dropped:
    """Read a question and, on the next line, `Answer: …`, as a base model writes it after worked examples that it goes on from.

    Args:
        text: the completion.
        opener: the beginning of the question, which stood in the prompt already.
    """
    first, _, rest = f"{opener} {text.lstrip()}".strip().partition("\n")
    if "?" in first and re.search(r"answer\s*:", first, re.IGNORECASE):
        first, rest = re.split(r"answer\s*:", first, maxsplit=1, flags=re.IGNORECASE)
    return candidate_of(first, rest)


def candidate_of(question: str, answer: str) -> Candidate | Dropped:
    """A question and its answer, as a model wrote them, cleaned; or why they are no candidate."""
    cleaned = clean_question(question)
    if cleaned.question is None:
        return cleaned.dropped or "no_question"
    reference = clean_reference(answer)
    return Candidate(cleaned.question, reference) if reference else "no_reference"
