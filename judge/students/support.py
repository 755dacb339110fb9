"""How each sentence of an answer is supported by single sentences of its passage, as numbers for a small network.

Words that all stand in a passage, but here and there, say something that the passage need not say: a fact stands in one sentence or two.
So each sentence of the answer is held against the one that supports it best (as entailment of long texts is decided sentence by
sentence: Laban et al. 2022, SummaC), and what counts is what it has beyond that: words, names and numbers from elsewhere, or in
another order.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from judge.probes import mentions
from judge.students import spelling

FEATURES = (
    "support_least",
    "support_mean",
    "support_pair_least",
    "support_rare_least",
    "support_rare_mean",
    "support_elsewhere",
    "support_mentions_elsewhere",
    "support_mentions_new",
    "support_order_least",
    "support_run_least",
    "support_pairs_least",
    "support_pairs_mean",
    "support_denial",
    "support_length",
    "support_sentences",
)
"""The names of what `measure` gives, in order.

`least` and `mean` are over the sentences of the answer, each with the sentence of the passage that has most of its content words, or
with the two neighbours that have (`pair`); `rare` weighs a word by how few sentences of the passage have it. Words of the question
count as supported. `elsewhere` is the largest share of a sentence's words, and `mentions_elsewhere` log(1 + the number of its names and
numbers), that stand in the passage but not in the best two neighbours; `mentions_new` those that stand nowhere. `order` is the share of
the supported words that keep their order, `run` the longest run of them, `pairs` the share of neighbouring content words of a sentence
that stand within three words of each other in one sentence of the passage. `denial` is 1 where a sentence denies and its best one does
not, or the other way round; `length` is the share of the passage's sentences that support one best.
"""

_NEAR = 4
_DENIALS = frozenset({"no", "not", "never", "none", "neither", "nor", "cannot", "without", "don't", "doesn't", "isn't", "wasn't", "didn't"})


class _Sentence(NamedTuple):
    """A sentence as its words, those with content, and the words of its names and numbers."""

    words: list[str]
    content: list[str]
    mentioned: frozenset[str]


class _Passage(NamedTuple):
    """What the sentences of an answer are held against, taken apart once for all of them.

    Attributes:
        sentences: of the passage.
        words: of each sentence.
        known: all words of the passage.
        weights: how rare each of them is among the sentences.
        rarest: the weight of a word that the passage does not have.
        near: pairs of content words that stand near each other, of each sentence.
    """

    sentences: tuple[_Sentence, ...]
    words: list[frozenset[str]]
    known: frozenset[str]
    weights: dict[str, float]
    rarest: float
    near: list[set[tuple[str, str]]]


class _Asked(NamedTuple):
    """A question, and what its words add to a passage.

    Attributes:
        question: the words of the question.
        words: of each sentence of the passage, and of the question with it.
        pairs: the same of each two neighbours; of the only sentence, where there is one alone.
    """

    question: frozenset[str]
    words: list[frozenset[str]]
    pairs: list[frozenset[str]]


def measure(question: str, answer: str, passage: str) -> list[float]:
    """The features of an answer, in the order of `FEATURES`."""
    taken, said = _passage(passage), _sentences(answer)
    if not taken.sentences or not said:
        return [0.0] * len(FEATURES)
    asked = frozenset(spelling.words(question))
    words = [each | asked for each in taken.words]
    beside = _Asked(asked, words, [one | other for one, other in pairwise(words)] or words)
    columns = list(zip(*(_supported(sentence, taken, beside) for sentence in said), strict=True))
    single, pair, rare, elsewhere, elsewhere_mentions, new_mentions, order, run, pairs, denial, best = columns
    return [
        min(single),
        _mean(single),
        min(pair),
        min(rare),
        _mean(rare),
        max(elsewhere),
        math.log1p(sum(elsewhere_mentions)),
        math.log1p(sum(new_mentions)),
        min(order),
        min(run),
        min(pairs),
        _mean(pairs),
        max(denial),
        len(set(best)) / len(taken.sentences),
        math.log1p(len(said)),
    ]


# The answers to one passage are judged after each other.
@lru_cache(maxsize=64)
def _passage(text: str) -> _Passage:
    shown = _sentences(text)
    words = [frozenset(sentence.words) for sentence in shown]
    frequency = Counter(word for each in words for word in each)
    return _Passage(
        shown,
        words,
        frozenset(frequency),
        {word: math.log1p(len(shown) / count) for word, count in frequency.items()},
        math.log1p(2 * len(shown)),
        [{(a, b) for at, a in enumerate(one.content) for b in one.content[max(0, at - _NEAR) : at + _NEAR + 1]} for one in shown],
    )


def _supported(sentence: _Sentence, passage: _Passage, asked: _Asked) -> tuple[float, ...]:
    """The features of one sentence of the answer."""
    own = [word for word in sentence.content if word not in asked.question] or sentence.content
    shares = [_share(own, words) for words in asked.words]
    # The first of the best.
    best = shares.index(max(shares))
    pair = max(asked.pairs, key=lambda words: _share(own, words))
    supporting, known = passage.sentences[best], passage.known

    def weight(words: Iterable[str]) -> float:
        return math.fsum(passage.weights.get(word, passage.rarest) for word in words)

    total = weight(own)
    rare = max(weight(word for word in own if word in words) for words in asked.words) / total if total else 1.0
    blocks = SequenceMatcher(None, own, supporting.content, autojunk=False).get_matching_blocks()
    supported = set(supporting.content)
    there = sum(word in supported for word in own)
    neighbours = list(pairwise(sentence.content))
    near = max(sum(couple in one for couple in neighbours) for one in passage.near) / len(neighbours) if neighbours else shares[best]
    return (
        shares[best],
        _share(own, pair),
        rare,
        sum(word in known and word not in pair for word in own) / len(own),
        float(sum(word in known and word not in pair for word in sentence.mentioned)),
        float(sum(word not in known and word not in asked.question for word in sentence.mentioned)),
        min(1.0, sum(block.size for block in blocks) / there) if there else 0.0,
        max(block.size for block in blocks) / len(own),
        near,
        float(bool(_DENIALS.intersection(sentence.words)) != bool(_DENIALS.intersection(supporting.words))),
        float(best),
    )


# The answers to one passage are judged after each other, and the passage is the longer text.
@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[_Sentence, ...]:
    taken = []
    for sentence in mentions.sentences(text):
        words = spelling.words(sentence)
        if words:
            found = [*mentions.names(sentence), *mentions.numbers(sentence)]
            mentioned = frozenset(word for mention in found for word in _words_of_mention(mention.surface))
            taken.append(_Sentence(words, spelling.content(words), mentioned))
    return tuple(taken)


# The same names come again and again.
@lru_cache(maxsize=4096)
def _words_of_mention(surface: str) -> tuple[str, ...]:
    return tuple(spelling.content(spelling.words(surface)))


def _share(part: Sequence[str], whole: frozenset[str]) -> float:
    return sum(map(whole.__contains__, part)) / len(part)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
