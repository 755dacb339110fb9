"""Word overlap between an answer and its evidence: the plain baseline, and features beside a model's likelihoods."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from judge.probes.mentions import names as find_names
from judge.probes.mentions import numbers as find_numbers

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER_WORD = re.compile(
    r"(zero)|(one)|(two)|(three)|(four)|(five)|(six)|(seven)|(eight)|(nine)|(ten)|(eleven)|(twelve)|(thirteen)|(fourteen)|"
    r"(fifteen)|(sixteen)|(seventeen)|(eighteen)|(nineteen)|(twenty)",
)
_OPENS = re.compile(r"(?:^|[.!?:])[\s\"“‘(]*$")
_SUFFIXES = ("'s", "’s", "ing", "ed", "es", "s")
_SHORTEST_STEM = 3
# Words on each side of a name or number that are its company: in the answer, and more of them in the evidence, where
# the same thing may be said with words between.
_NEAR, _FAR = 5, 8

FEATURES = ("new_words", "new_words_count", "new_numbers", "new_names", "company", "length")


def words(text: str) -> list[str]:
    """The words of a text in order: lower case, without inflection, numbers in digits without their grouping commas."""
    return [word for line in text.split("\n") for word in _words_of_line(line)]


# No word goes over the end of a line. A passage is held against several answers and joined with several questions, each a line of its own.
@lru_cache(maxsize=1024)
def _words_of_line(line: str) -> tuple[str, ...]:
    return tuple(_normal(word) for word in _WORD.findall(line))


def measure(answer: str, evidence: str) -> dict[str, float]:
    """Overlap features of an answer, by name as in `FEATURES`.

    Shares are in [0, 1]; counts are log(1 + count), so that a long answer's tenth new word weighs less than its first.
    `company` is the least share, over the answer's names and numbers, of words around it that the evidence has around it
    too: words that all stand in the evidence, but elsewhere, keep other company there. Without names and numbers it is
    the share of words that are not new.
    """
    said, known = words(answer), set(words(evidence))
    new = [word for word in said if word not in known]
    capitals = [match for match in _WORD.finditer(answer) if match.group()[0].isupper()]
    # A sentence's first word has a capital anyway.
    names = [_normal(match.group()) for match in capitals if not _OPENS.search(answer[: match.start()])]
    return {
        "new_words": _share(len(new), len(said)),
        "new_words_count": math.log1p(len(new)),
        "new_numbers": math.log1p(sum(word[0].isdigit() for word in new)),
        "new_names": math.log1p(sum(name not in known for name in names)),
        "company": min(_companies(answer, evidence), default=1.0 - _share(len(new), len(said))),
        "length": math.log1p(len(said)),
    }


def overlap_score(question: str, answer: str, evidence: str) -> float:
    """The plain baseline: the share of an answer's words that its evidence has, in [0, 1].

    Words of the question count neither for nor against, unless the answer has no others.
    An answer without words scores 0.
    """
    asked, known = set(words(question)), set(words(evidence))
    said = words(answer)
    own = [word for word in said if word not in asked] or said
    return _share(sum(word in known for word in own), len(own))


def _companies(answer: str, evidence: str) -> Iterator[float]:
    mentions = [*find_names(answer), *find_numbers(answer)]
    if not mentions:
        return
    said, known = words(answer), words(evidence)
    places: dict[str, list[int]] = {}
    for index, word in enumerate(known):
        places.setdefault(word, []).append(index)
    starts = [match.start() for match in _WORD.finditer(answer)]
    for mention in mentions:
        own = words(mention.surface)
        start = bisect_left(starts, mention.start)
        around = [*said[max(0, start - _NEAR) : start], *said[start + len(own) : start + len(own) + _NEAR]]
        company = [word for word in around if word in places]
        windows = [set(known[max(0, index - _FAR) : index + _FAR + 1]) for index in (places.get(own[-1], []) if own else [])]
        # Half a word of company in advance: a name alone is in good company wherever the evidence has it.
        yield max(((sum(word in window for word in company) + 0.5) / (len(company) + 0.5) for window in windows), default=0.0)


# Most words of a text are common ones.
@lru_cache(maxsize=65_536)
def _normal(word: str) -> str:
    word = word.lower()
    if word[0].isdigit():
        return re.sub(r",(?=\d{3})", "", word)
    number = _NUMBER_WORD.fullmatch(word)
    if number and number.lastindex:
        return str(number.lastindex - 1)
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word.removesuffix(suffix)
    return word


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
