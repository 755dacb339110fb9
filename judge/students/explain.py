"""Which words of an answer found no support in its evidence: a strength for each word and each sentence.

Two things make a word unsupported.
The evidence does not have it: then what counts is how near the encoder's best match comes (late interaction, Khattab and Zaharia 2020),
unless it is a number, for which a near one is a wrong one.
Or the evidence has it, and another word in its place: what counts then is by how much the other keeps the better company
(`judge.students.company`).

Constants were chosen on the statements constructed from passages of train; `bench/spans.py` measures on those of test.
"""

from collections.abc import Sequence

from judge.students import company, placed_words
from judge.students.placed_words import Word
from judge.tables.spans import Span

# Best matches of the encoder's last layer are at 0.2 for words of other passages and at 0.6 for paraphrases, in the median.
_NO_MATCH, _MATCH = 0.2, 0.8
# The least strength of a name that is not there: its match says which sort of name it is, and not whether it is this one.
_NEW_NAME = 0.7
# A small word says little by itself, and what stands in the question was given to the answer.
_SMALL_WORD, _ASKED = 0.25, 0.6
_DECIMALS = 4


def explain(question: str, answer: str, evidence: str, matches: Sequence[float]) -> list[Span]:
    """How far each word and each sentence of an answer found no support.

    Args:
        question: what was asked; its words count less.
        answer: the answer, as it is written.
        evidence: what it is held against.
        matches: of each word of `placed_words.words(answer)` the cosine of its best match in the evidence.

    Returns:
        A span for each word and each sentence, by where they start, a sentence before its first word.
        A sentence is as unsupported as the word of it that is most so.
    """
    said = placed_words.words(answer)
    asked = frozenset(word.form for word in placed_words.words(question))
    strengths = [
        _strength(word, match, misplaced, is_asked=word.form in asked)
        for word, match, misplaced in zip(said, matches, company.misplaced(answer, evidence), strict=True)
    ]
    found = [Span(word.start, word.end, answer[word.start : word.end], strength) for word, strength in zip(said, strengths, strict=True)]
    worst: dict[int, float] = {}
    for word, strength in zip(said, strengths, strict=True):
        worst[word.sentence] = max(strength, worst.get(word.sentence, 0.0))
    for index, (start, end) in enumerate(placed_words.sentences(answer)):
        found.append(Span(start, end, answer[start:end], worst.get(index, 0.0), "sentence"))
    return sorted(found, key=lambda span: (span.start, span.unit == "word"))


def _strength(word: Word, match: float, misplaced: float | None, *, is_asked: bool) -> float:
    """How unsupported a word is, in [0, 1]; `misplaced` is None where the evidence does not have it."""
    if misplaced is not None:
        strength = misplaced
    elif word.sort == "number":
        strength = 1.0
    else:
        missed = 1.0 - min(1.0, max(0.0, (match - _NO_MATCH) / (_MATCH - _NO_MATCH)))
        strength = missed if word.mention is None else _NEW_NAME + (1.0 - _NEW_NAME) * missed
    return round(strength * (_SMALL_WORD if word.is_small else 1.0) * (_ASKED if is_asked else 1.0), _DECIMALS)
