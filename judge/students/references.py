"""How an answer matches the reference answers of its question: the nearest of them, as numbers for a small network.

A reference answer is short, "Paris" or "March 27, 2018", and an answer may say it in a whole paragraph, in other words, or not at all.
So what counts is which part of a reference the answer has, what else it says of the same sort (another year, another number), and where.
Several references are alternatives: an answer that says one of them is right, and it is held against the one that it comes nearest to.
"""

import math
import re
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

from judge.probes.mentions import sentences
from judge.students import spelling

# How an answer matches one reference.
_MATCH = (
    "contained",
    "contained_content",
    "share",
    "share_own",
    "nothing_own",
    "characters",
    "spelling_mean",
    "spelling_least",
    "spelling_own_mean",
    "spelling_own_least",
    "has_numbers",
    "numbers_share",
    "other_numbers",
    "numbers_clash",
    "years_share",
    "other_years",
    "last_word",
    "longest_run",
    "spread",
    "first_place",
    "place",
    "first_sentence_contains",
    "first_sentence_share",
    "first_sentence_precision",
    "length",
    "share_asked",
    "answer_beside",
)
# What an answer is like, whatever it is held against.
_ANSWER = (
    "answer_length",
    "answer_sentences",
    "answer_denies",
    "answer_lists",
    "answer_asked",
    "question_length",
    "asks_when",
    "asks_who",
    "asks_where",
    "asks_how_many",
)
# How all references together are matched.
_ALL = ("whole_share", "best_share", "best_characters", "best_numbers_share")

FEATURES = tuple(f"reference_{name}" for name in (*_MATCH, *_ANSWER, *_ALL))
"""The names of what `measure` gives, in order.

Shares are in [0, 1] and -0.1 where there is nothing to take a share of. "own" words are those that the question does not have, "content"
words are those that are no small words, "spelling" is the Jaccard similarity of the character triples of a word and the answer's most
similar word, "beside" the share of the answer's content words that neither reference nor question has. Places are in [0, 1] of the
answer's words, and lengths and spreads are log(1 + count). `whole_share` is the share of the references of which the answer has every word.
"""

# Where a share has nothing to be taken of.
_NOTHING = -0.1
# A reference that the answer does not contain has a place behind its end.
_BEHIND = 1.1
_YEAR_DIGITS = 4
# As good as every word: shares are sums of floats.
_WHOLE = 0.99

_DENIES = re.compile(r"\b(no|not|never|none|neither|nor|cannot|unknown|unable|sorry|unclear)\b|n['’]t\b", re.IGNORECASE)
_LISTS = re.compile(r"\b(or|either|and)\b")


class _Said(NamedTuple):
    """A question and its answer, taken apart once for all references."""

    words: list[str]
    content: list[str]
    asked: frozenset[str]
    triples: frozenset[str]
    first: list[str]
    triples_of: dict[str, frozenset[str]]


def measure(question: str, answer: str, references: Sequence[str]) -> list[float]:
    """The features of an answer, in the order of `FEATURES`: its match with the nearest reference, what it is like, and all references."""
    said = _said(question, answer)
    matches = [_match(said, reference) for reference in references]
    table = np.array(matches)
    best = [float(table[:, _MATCH.index(name)].max()) for name in ("share", "characters", "numbers_share")]
    whole = float((table[:, _MATCH.index("share")] > _WHOLE).mean())
    return [*matches[_nearest(matches)], *_like(question, answer, said), whole, *best]


def nearest(question: str, answer: str, references: Sequence[str]) -> str:
    """The reference that an answer comes nearest to, the first of equals."""
    if len(references) == 1:
        return references[0]
    said = _said(question, answer)
    return references[_nearest([_match(said, reference) for reference in references])]


def _nearest(matches: Sequence[Sequence[float]]) -> int:
    """Whichever has most of its words, its characters and its numbers in the answer, and above all stands there as it is."""
    weights = {"contained": 2.0, "share": 1.0, "share_own": 1.0, "characters": 1.0, "spelling_mean": 1.0, "numbers_share": 1.0}
    places = {_MATCH.index(name): weight for name, weight in weights.items()}
    return max(range(len(matches)), key=lambda index: (sum(w * matches[index][place] for place, w in places.items()), -index))


def _said(question: str, answer: str) -> _Said:
    said = spelling.words(answer)
    first = sentences(answer)
    return _Said(
        said,
        spelling.content(said),
        frozenset(spelling.words(question)),
        spelling.triples(" ".join(said)),
        spelling.words(first[0]) if first else said,
        {word: spelling.triples(word) for word in said},
    )


def _match(said: _Said, reference: str) -> list[float]:
    """The features `_MATCH`, in order."""
    known = spelling.words(reference)
    content = spelling.content(known)
    own = [word for word in content if word not in said.asked]
    there, wanted = set(said.words), set(content)
    place, place_of_content = _place(said.words, known), _place(said.content, content)
    numbers, said_numbers = spelling.numbers(known), spelling.numbers(said.words)
    years, said_years = ({word for word in some if len(word) == _YEAR_DIGITS} for some in (numbers, said_numbers))
    triples = spelling.triples(" ".join(known))
    found = [index for index, word in enumerate(said.words) if word in wanted]
    likeness = [_most_similar(word, said) for word in content]
    likeness_own = [_most_similar(word, said) for word in own]
    new_in_first = {word for word in spelling.content(said.first) if word not in said.asked}
    return [
        float(place >= 0),
        float(place_of_content >= 0),
        _share(content, there),
        _share(own, there),
        float(not own),
        len(triples & said.triples) / len(triples) if triples else _NOTHING,
        float(np.mean(likeness)) if likeness else _NOTHING,
        min(likeness, default=_NOTHING),
        float(np.mean(likeness_own)) if likeness_own else _NOTHING,
        min(likeness_own, default=_NOTHING),
        float(bool(numbers)),
        _share(numbers, said_numbers),
        math.log1p(len(said_numbers - numbers - said.asked)),
        float(bool(numbers and said_numbers) and not numbers & said_numbers),
        _share(years, said_years),
        float(bool(said_years - years - said.asked)),
        float(bool(content) and content[-1] in there),
        _longest_run(content, said.content),
        math.log1p(found[-1] - found[0] + 1) if found else 0.0,
        found[0] / len(said.words) if found else 1.0,
        place / len(said.words) if place >= 0 else _BEHIND,
        float(_place(said.first, known) >= 0),
        _share(content, said.first),
        _share(new_in_first, wanted),
        math.log1p(len(known)),
        _share(content, said.asked),
        _share(said.content, {*there} - wanted - said.asked),
    ]


def _like(question: str, answer: str, said: _Said) -> list[float]:
    """The features `_ANSWER`, in order."""
    asked = question.lower()
    return [
        math.log1p(len(said.words)),
        math.log1p(len(sentences(answer))),
        float(bool(_DENIES.search(answer))),
        float(bool(_LISTS.search(answer))),
        _share(said.content, said.asked),
        math.log1p(len(said.asked)),
        float("when" in asked.split() or "year" in asked.split()),
        float("who" in asked.split()),
        float("where" in asked.split()),
        float("how many" in asked),
    ]


def _share(part: Collection[str], whole: Collection[str]) -> float:
    return sum(word in whole for word in part) / len(part) if part else _NOTHING


def _place(text: list[str], run: list[str]) -> int:
    """Where a run of words begins in a text; -1 where it does not stand there, or has no word."""
    return next((at for at in range(len(text) - len(run) + 1) if text[at : at + len(run)] == run), -1) if run else -1


def _most_similar(word: str, said: _Said) -> float:
    if word in said.triples_of:
        return 1.0
    own = spelling.triples(word)
    return max((len(own & other) / len(own | other) for other in said.triples_of.values()), default=0.0)


def _longest_run(content: list[str], said: list[str]) -> float:
    if not content:
        return _NOTHING
    return SequenceMatcher(None, content, said, autojunk=False).find_longest_match().size / len(content)
