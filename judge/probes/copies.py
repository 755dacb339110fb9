"""True statements that a passage lends itself to without a new word: its sentences, whole, in another form, or a fragment of one."""

from collections.abc import Iterator
from itertools import pairwise

from judge.probes.donors import hash_of, preposition_before
from judge.probes.drafts import Draft
from judge.probes.mentions import Mention, names, numbers
from judge.probes.rewording import capitalised, shorten, statable_sentences


def two_sentences(draft: Draft) -> Iterator[str]:
    """Two sentences that follow each other."""
    yield from draft.shuffle([f"{one} {following}" for one, following in pairwise(statable_sentences(draft.passage.text))])


def shortened(draft: Draft) -> Iterator[str]:
    """A sentence without what it can do without."""
    yield from draft.reworded(shorten)


def fragment(draft: Draft) -> Iterator[str]:
    """A name or number of the passage as a short answer."""
    for sentence in draft.sentences:
        for mention in draft.shuffle(mentions(sentence)):
            yield as_answer(draft, sentence, mention.surface, mention)


def mentions(sentence: str) -> list[Mention]:
    """The names and then the numbers of a sentence."""
    return [*names(sentence), *numbers(sentence)]


def as_answer(draft: Draft, sentence: str, surface: str, mention: Mention) -> str:
    """A name or number the way short answers give it: bare or after its preposition, with or without a full stop."""
    style = hash_of(f"{draft.key}|style")
    before = preposition_before(sentence, mention) if style % 2 else None
    text = f"{before} {surface}" if before else surface
    return capitalised(text) + "." * (style // 2 % 2)
