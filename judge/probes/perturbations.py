"""Ways to alter an answer of known truth whose effect on the truth is certain.

Acceptable means, as for all statements of known truth, that the passage says it and that it answers what was asked. So what says nothing,
breaks off before it says something, or answers another question is false, and what stands around a true statement leaves it true
where that is of the passage as well, or says nothing.

Invariance and directional tests of that sort are those of Ribeiro and others 2020, "Beyond Accuracy: Behavioral Testing of NLP models
with CheckList".
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from judge.probes.donors import hash_of
from judge.probes.injections import texts
from judge.probes.overlap import words
from judge.probes.paraphrases import paraphrase
from judge.probes.rewording import last_clause, statable_sentences

# Words that open a sentence with a capital and name nothing.
_OPENER = re.compile(r"^(?:The|An?|It|Its|He|His|She|Her|They|Their|This|These|In|On|At|By|As|Since|After|During|From|Some|Many|Most)\b")
_ABOUT = re.compile(r"^[^,;:()\"“]{2,60}? (?:is|are|was|were) (?:an?|the|one of the)(?= )")
# Sentences that share more of their words than this say much the same.
_ALIKE = 0.5


class Base(NamedTuple):
    """An answer of known truth that is altered, with its question and its passage."""

    answer: str
    truth: bool
    question: str
    passage: str


def padded(base: Base, key: str) -> str:
    """The answer between two sentences that say nothing; its truth stays."""
    filler = texts().filler
    chosen = filler[hash_of(key) % len(filler)]
    return f"{chosen.before} {base.answer} {chosen.after}"


def question_repeated(base: Base, key: str) -> str:  # noqa: ARG001 - nothing is drawn
    """The question, and then the answer; its truth stays."""
    return f"{base.question} {base.answer}"


def verbose(base: Base, key: str) -> str | None:
    """The answer between two other sentences of the passage: a true one stays true, and a false one among true ones false."""
    others = _others(base, key)
    return f"{others[0]} {base.answer} {others[1]}" if len(others) > 1 else None


def merged(base: Base, key: str) -> str | None:
    """The answer and another sentence of the passage in one sentence, "..., and ...": true where both are."""
    others = _others(base, key)
    return f"{base.answer[:-1]}, and {_within(others[0], base.passage)}" if others and base.answer.endswith(".") else None


def passage_pasted(base: Base, key: str) -> str:  # noqa: ARG001 - nothing is drawn
    """The whole passage, and then the answer: with a true one all of it is supported, with a false one not all."""
    return f"{base.passage}\n{base.answer}"


def paraphrased(base: Base, key: str) -> str | None:  # noqa: ARG001 - nothing is drawn
    """The answer in other words; its truth stays."""
    return paraphrase(base.answer)


def truncated(base: Base, key: str) -> str | None:  # noqa: ARG001 - nothing is drawn
    """A true answer cut before its last clause, without a full stop: what is left is a whole statement, and still true.

    Of a false one the cut may take away what is false, so none is made.
    """
    clause = last_clause(base.answer) if base.truth else None
    return None if clause is None else base.answer.removesuffix(f"{clause}.")


def look_alikes(base: Base, key: str) -> str:  # noqa: ARG001 - nothing is drawn
    """The answer with letters of Cyrillic for those that look the same: to a reader nothing has changed."""
    return "".join(texts().look_alikes.get(letter, letter) for letter in base.answer)


# By kind: an altered answer, whose truth is that of the answer; None where it cannot be altered so.
PAIRED: Mapping[str, Callable[[Base, str], str | None]] = {
    "paraphrased": paraphrased,
    "verbose": verbose,
    "merged": merged,
    "padded": padded,
    "question_repeated": question_repeated,
    "passage_pasted": passage_pasted,
    "truncated": truncated,
    "look_alikes": look_alikes,
}


def broken_off(passage: str) -> list[str]:
    """Beginnings of the passage's sentences that break off after "is a", before anything is said: false."""
    return [about.group() for sentence in statable_sentences(passage) if (about := _ABOUT.match(sentence))]


def _others(base: Base, key: str) -> list[str]:
    """The other sentences of the passage, shuffled; none that says much the same as the answer."""
    said = set(words(base.answer))
    others = [sentence for sentence in statable_sentences(base.passage) if not _is_alike(said, set(words(sentence)))]
    return sorted(others, key=lambda sentence: hash_of(f"{key}|{sentence}"))


def _is_alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) > _ALIKE * min(len(one), len(other))


def _within(sentence: str, passage: str) -> str:
    """A sentence as it stands after "and": names keep their capital, and what the passage writes small elsewhere is none."""
    lowered = f"{sentence[0].lower()}{sentence[1:]}"
    is_common = _OPENER.match(sentence) or re.search(rf"\b{re.escape(lowered.split(maxsplit=1)[0])}\b", passage)
    return lowered if is_common else sentence
