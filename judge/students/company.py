"""The company that the words of an answer keep, against that which they keep in the evidence: which of them stand where others belong.

"Paris is the capital of France" and "France is the capital of Paris" share every word.
So a word that stands in the evidence is held against each place where it stands there, by the words around it; and so is every other
word of its sort, a name against names, a number against numbers.
Where another one keeps the company there that this one keeps in the answer, this one stands in its place.
Words that are only said in another order stand in nobody's place.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from judge.students import placed_words
from judge.students.placed_words import Word

# Words on each side of a word that are its company in the answer, and those of the evidence that they are looked for in, where the same
# thing may be said with words between: as for the overlap features.
_NEAR, _FAR = 5, 8
# What a neighbour counts that stands as far away in the evidence as in the answer, at most two words nearer or farther, or within reach.
_SAME, _SHIFTED, _WITHIN = 1.0, 0.7, 0.4
_SHIFT = 2
# What a small word counts as a neighbour, beside another.
_SMALL = 0.4
# A word in better company than this is where it belongs, and nothing is looked for in its place.
_CLOSE = 0.9
# Of a word that stands in the evidence more often, that many places are looked at: a text of one word alone would take minutes.
_MOST = 100


class _Unit(NamedTuple):
    """A name, a number or another word of the evidence with content: the words `start` to `end`, in the sentence `first` to `last`."""

    start: int
    end: int
    forms: frozenset[str]
    sort: str
    first: int
    last: int


class _Evidence(NamedTuple):
    """Evidence taken apart once for all words: its forms in order, where each stands, its units, and which of them each word is of."""

    forms: list[str]
    places: Mapping[str, Sequence[int]]
    units: list[_Unit]
    unit_of: list[int | None]


class _Neighbour(NamedTuple):
    """A word beside another: its form, how many words stand between, what it weighs, and whether it has content."""

    form: str
    distance: int
    weight: float
    has_content: bool


class _Sides(NamedTuple):
    """The words around one in the answer, before it and after it, and what all of them weigh."""

    before: list[_Neighbour]
    after: list[_Neighbour]
    whole: float


def misplaced(answer: str, evidence: str) -> list[float | None]:
    """How far each word of an answer stands where the evidence has another, in [0, 1]; None for one that the evidence does not have.

    The words of a name keep company together, or each would be in the others' company wherever the name stands; those of a name that
    the evidence has only in part do so each for itself.
    A small word that the evidence has belongs anywhere.

    Returns:
        By how much the best company of another word of its sort exceeds its own, for the words of `placed_words.words(answer)`.
    """
    said, shown = placed_words.words(answer), _taken_apart(evidence)
    found: list[float | None] = []
    while len(found) < len(said):
        start = len(found)
        end = _end(said, start)
        name = [word.form for word in said[start:end]]
        starts = _starts(name, shown)
        if not starts:
            end, name = start + 1, name[:1]
            starts = list(shown.places.get(name[0], ()))
        if not starts:
            excess = None
        elif said[start].is_small:
            excess = 0.0
        else:
            excess = _excess(name, said[end - 1].sort, _sides(said, start, end), starts, shown)
        found += [excess] * (end - start)
    return found


def _sides(said: Sequence[Word], start: int, end: int) -> _Sides:
    before, after = (
        [
            _Neighbour(word.form, distance, (_SMALL if word.is_small else 1.0) / (distance + 1), not word.is_small)
            for distance, word in enumerate(side)
        ]
        for side in (said[max(0, start - _NEAR) : start][::-1], said[end : end + _NEAR])
    )
    return _Sides(before, after, sum(neighbour.weight for neighbour in (*before, *after)))


def _excess(name: list[str], sort: str, sides: _Sides, starts: Sequence[int], shown: _Evidence) -> float:
    """By how much the best company of another unit of that sort exceeds the best of its own places."""
    # A word's own company may reach over the end of a sentence, where the next one goes on about it; another's place is in one sentence.
    kept = max(
        _company(sides, shown.forms[max(0, at - _FAR) : at], shown.forms[at + len(name) : at + len(name) + _FAR]) for at in starts[:_MOST]
    )
    if kept > _CLOSE:
        return 0.0
    own, best = frozenset(name), kept
    for unit in _units_near(sides, shown):
        if unit.sort == sort and not (own <= unit.forms or unit.forms <= own):
            before = shown.forms[max(unit.first, unit.start - _FAR) : unit.start]
            best = max(best, _company(sides, before, shown.forms[unit.end : min(unit.last, unit.end + _FAR)]))
    return best - kept


def _units_near(sides: _Sides, shown: _Evidence) -> list[_Unit]:
    """The units within reach of a neighbour that is no small word: of a long evidence there are few, and the others keep no company."""
    near: set[int | None] = set()
    for side, least, most in ((sides.before, 1, _FAR + 1), (sides.after, -_FAR, 0)):
        for neighbour in side:
            if neighbour.has_content:
                for at in shown.places.get(neighbour.form, ())[:_MOST]:
                    near.update(shown.unit_of[max(0, at + least) : max(0, at + most)])
    return [shown.units[index] for index in near if index is not None]


def _company(sides: _Sides, before: list[str], after: list[str]) -> float:
    """The share of a word's neighbours, by weight, that stand on the same side there; 1 for a word that has none."""
    if not sides.whole:
        return 1.0
    kept = 0.0
    for side, there in ((sides.before, before[::-1]), (sides.after, after)):
        for form, distance, weight, _ in side:
            if form in there:
                moved = abs(there.index(form) - distance)
                kept += weight * (_SAME if moved == 0 else _SHIFTED if moved <= _SHIFT else _WITHIN)
    return kept / sides.whole


# The answers to one passage come after each other.
@lru_cache(maxsize=64)
def _taken_apart(evidence: str) -> _Evidence:
    words = placed_words.words(evidence)
    places: defaultdict[str, list[int]] = defaultdict(list)
    bounds: dict[int, tuple[int, int]] = {}
    for index, word in enumerate(words):
        places[word.form].append(index)
        bounds[word.sentence] = bounds.get(word.sentence, (index, 0))[0], index + 1
    units: list[_Unit] = []
    unit_of: list[int | None] = []
    start = 0
    while start < len(words):
        end = _end(words, start)
        unit_of += [None if words[start].is_small else len(units)] * (end - start)
        if not words[start].is_small:
            forms = frozenset(word.form for word in words[start:end])
            units.append(_Unit(start, end, forms, words[end - 1].sort, *bounds[words[start].sentence]))
        start = end
    return _Evidence([word.form for word in words], places, units, unit_of)


def _starts(name: list[str], shown: _Evidence) -> list[int]:
    """Where a run of words begins in the evidence."""
    return [at for at in shown.places.get(name[0], ()) if shown.forms[at : at + len(name)] == name]


def _end(words: Sequence[Word], start: int) -> int:
    """Where the name or number that begins at `start` ends; a word of neither is alone."""
    end = start + 1
    while words[start].mention is not None and end < len(words) and words[end].mention == words[start].mention:
        end += 1
    return end
