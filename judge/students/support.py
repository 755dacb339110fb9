"""How each sentence of an answer is supported by single sentences of its passage, as numbers for a small network.

Words that all stand in a passage, but here and there, say something that the passage need not say: a fact stands in one sentence or two.
So each sentence of the answer is held against the one that supports it best (as entailment of long texts is decided sentence by
sentence: Laban et al. 2022, SummaC), and what counts is what it has beyond that: words, names and numbers from elsewhere, or in
another order.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    """A sentence as its words, and those with content."""

    words: list[str]
    content: list[str]


class _Passage(NamedTuple):
    """What the sentences of an answer are held against, taken apart once for all of them.

    Attributes:
        sentences: of the passage.
        words: of each sentence.
        pairs: of each two neighbours; of the only sentence, where there is one alone.
        known: all words of the passage.
        weights: how rare each of them is among the sentences.
        rarest: the weight of a word that the passage does not have.
        places: where each content word stands: the numbers of the sentence and of the word among those with content.
    """

    sentences: list[_Sentence]
    words: list[frozenset[str]]
    pairs: list[frozenset[str]]
    known: frozenset[str]
    weights: dict[str, float]
    rarest: float
    places: dict[str, list[tuple[int, int]]]


def measure(question: str, answer: str, passage: str) -> list[float]:
    """The features of an answer, in the order of `FEATURES`."""
    taken, said = _passage(passage), _sentences(answer)
    if not taken.sentences or not said:
        return [0.0] * len(FEATURES)
    asked = frozenset(spelling.words(question))
    columns = list(zip(*(_supported(sentence, _mentioned(text), taken, asked) for text, sentence in said), strict=True))
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


# The answers to one passage are judged after each other, and the passage is the longer text.
@lru_cache(maxsize=64)
def _passage(text: str) -> _Passage:
    shown = [sentence for _, sentence in _sentences(text)]
    words = [frozenset(sentence.words) for sentence in shown]
    frequency = Counter(word for each in words for word in each)
    places: dict[str, list[tuple[int, int]]] = {}
    for number, sentence in enumerate(shown):
        for at, word in enumerate(sentence.content):
            places.setdefault(word, []).append((number, at))
    return _Passage(
        shown,
        words,
        [one | other for one, other in pairwise(words)] or words,
        frozenset(frequency),
        {word: math.log1p(len(shown) / count) for word, count in frequency.items()},
        math.log1p(2 * len(shown)),
        places,
    )


def _supported(sentence: _Sentence, mentioned: frozenset[str], passage: _Passage, asked: frozenset[str]) -> tuple[float, ...]:
    """The features of one sentence of the answer."""
    own = [word for word in sentence.content if word not in asked]
    # The first of the best; of a sentence that only repeats the question each is one.
    shares = [_share(own, words) for words in passage.words] if own else [1.0]
    best = shares.index(max(shares))
    pair_shares = [_share(own, words) for words in passage.pairs] if own else [1.0]
    pair = passage.pairs[pair_shares.index(max(pair_shares))]
    supporting, known = passage.sentences[best], passage.known

    def weight(words: Iterable[str]) -> float:
        return math.fsum(passage.weights.get(word, passage.rarest) for word in words)

    total = weight(own)
    rare = max(weight(word for word in own if word in words) for words in passage.words) / total if total else 1.0
    held = own or sentence.content
    blocks = SequenceMatcher(None, held, supporting.content, autojunk=False).get_matching_blocks()
    supported = set(supporting.content)
    there = sum(word in supported for word in held)
    neighbours = list(pairwise(sentence.content))
    return (
        shares[best],
        max(pair_shares),
        rare,
        sum(word in known and word not in pair for word in own) / len(held),
        float(sum(word in known and word not in pair and word not in asked for word in mentioned)),
        float(sum(word not in known and word not in asked for word in mentioned)),
        min(1.0, sum(block.size for block in blocks) / there) if there else 0.0,
        max(block.size for block in blocks) / len(held),
        _most_near(neighbours, passage.places) / len(neighbours) if neighbours else shares[best],
        float(bool(_DENIALS.intersection(sentence.words)) != bool(_DENIALS.intersection(supporting.words))),
        float(best),
    )


def _most_near(neighbours: Sequence[tuple[str, str]], places: Mapping[str, Sequence[tuple[int, int]]]) -> int:
    """How many of the pairs of words stand near each other in one sentence of the passage: in the one that has most of them."""
    found: Counter[int] = Counter()
    for one, other in neighbours:
        ones, others = places.get(one, ()), places.get(other, ())
        found.update({number for number, at in ones for where, there in others if where == number and abs(there - at) <= _NEAR})
    return max(found.values(), default=0)


def _sentences(text: str) -> list[tuple[str, _Sentence]]:
    """The sentences of a text that have words."""
    taken = [(sentence, spelling.words(sentence)) for sentence in mentions.sentences(text)]
    return [(sentence, _Sentence(words, spelling.content(words))) for sentence, words in taken if words]


def _mentioned(sentence: str) -> frozenset[str]:
    """The words of the names and numbers of a sentence."""
    found = [*mentions.names(sentence), *mentions.numbers(sentence)]
    return frozenset(word for mention in found for word in _words_of_mention(mention.surface))


# The same names come again and again.
@lru_cache(maxsize=4096)
def _words_of_mention(surface: str) -> tuple[str, ...]:
    return tuple(spelling.content(spelling.words(surface)))


def _share(part: Sequence[str], whole: frozenset[str]) -> float:
    return sum(map(whole.__contains__, part)) / len(part)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
