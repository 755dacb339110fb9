"""Statements whose truth is known by construction: what a judge is calibrated on and probed with.

A statement is true or false *of a passage*: true is what the passage says, false is what it does not support.
The false ones are sentences of the corpus with one thing changed, so that no template gives them away, and the true
ones vary in form as well, so that neither shortness nor a cut end does.
Every choice is drawn by hashing what it concerns, so a new document changes only the few statements that now borrow from it
(`judge.probes.donors`).
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TypeVar

from judge.probes.donors import Donors, Passage, buckets, hash_of, preposition_before
from judge.probes.mentions import Mention, names, numbers
from judge.probes.overlap import words
from judge.probes.rewording import capitalised, rename, reorder, shorten, statable_sentences, subject_of

TRUE_KINDS = ("sentence", "two_sentences", "shortened", "reordered", "renamed_subject", "fragment")
FALSE_KINDS = (
    "replaced_number",
    "replaced_name",
    "exchanged_numbers",
    "exchanged_names",
    "other_document",
    "other_subject",
    "other_fragment",
    "invented_clause",
    "invented_sentence",
)
KINDS = TRUE_KINDS + FALSE_KINDS

T = TypeVar("T")

# Words inside names that many names share.
_SMALL_WORDS = frozenset({"of", "the", "de", "von", "van", "der", "la", "le", "du", "di", "al", "bin"})
# What may stand between two members of a list, a range or a pair of aliases: exchanging those changes nothing.
_LISTING = re.compile(r"[\s,;/&()–-]*(?:(?:and|or|to|the|as well as|through|until|also|then)\b[\s,;/&()–-]*)*")
_SYMMETRIC = re.compile(
    r"known as|called|named|referred to as|formerly|born|border|adjacent|next to|married|met |same|equal|similar|related|distinct|differ|"
    r"versus|\bvs\b|between|neighbo|alias|abbreviat|or simply|equivalent|both",
)


@dataclass(frozen=True)
class Statement:
    """A statement, the passage that decides its truth (`context`), and that truth."""

    document_id: str
    kind: str
    context: str
    question: str
    statement: str
    truth: bool


def construct(passages: Sequence[Passage], seed: int, kinds: Collection[str] = KINDS) -> list[Statement]:
    """Construct at most one statement of each kind for each passage.

    A passage gives none of a kind that it has no material for: no two numbers, no other document to borrow from.

    Args:
        passages: what statements are made from; those of other documents serve as donors.
        seed: another seed draws other sentences, names and numbers.
        kinds: members of `KINDS`.

    Returns:
        The statements, in the order of the passages and then of `KINDS`; no statement occurs twice for a passage.
    """
    donors = Donors(passages, seed)
    made: dict[tuple[str, str], Statement] = {}
    for passage in passages:
        for kind in KINDS:
            if kind not in kinds:
                continue
            draft = _Draft(passage, f"{seed}|{kind}|{passage.document_id}|{passage.text}", donors)
            text = _MAKERS[kind](draft)
            if text is not None and (passage.text, text) not in made:
                truth = kind in TRUE_KINDS
                question = f"What is {subject_of(passage.title)}?"
                made[passage.text, text] = Statement(passage.document_id, kind, passage.text, question, text, truth)
    return list(made.values())


class _Draft:
    """A passage on its way to one statement, with the key that its choices hang on."""

    def __init__(self, passage: Passage, key: str, donors: Donors) -> None:
        self.passage = passage
        self.key = key
        self._donors = donors
        self.sentences = self.shuffle(statable_sentences(passage.text))
        self.forms = self.shuffle([*self.sentences, *self.reworded(shorten), *self.reworded(reorder), *self.renamed()])

    def borrow(self, wanted: Sequence[str], is_unfit: Callable[[str], bool]) -> str | None:
        """A text of another document that is fit, from the first of the wanted buckets that has one."""
        return self._donors.lend(self.key, self.passage.document_id, wanted, is_unfit)

    def reworded(self, form: Callable[[str], str | None]) -> list[str]:
        """The sentences that have another form, in it."""
        return [text for sentence in self.sentences if (text := form(sentence)) is not None]

    def renamed(self) -> list[str]:
        """The sentences about the passage's subject with its title for a pronoun, or a pronoun for its title."""
        return self.reworded(lambda sentence: rename(sentence, self.passage.title))

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """The items in an order that each one's own hash decides."""
        return sorted(items, key=lambda item: hash_of(f"{self.key}|{item}"))

    def says(self, surface: str) -> bool:
        """Whether the passage has a number of `surface`, or a word that starts like one of its (Germany, German)."""
        own = {_stem(word) for word in words(self.passage.text)}
        return any(_stem(word) in own for word in words(surface) if word not in _SMALL_WORDS)


def _stem(word: str) -> str:
    return word if word[0].isdigit() else word[:4]


def _two_sentences(draft: _Draft) -> str | None:
    pairs = [f"{one} {following}" for one, following in pairwise(statable_sentences(draft.passage.text))]
    return _first(draft.shuffle(pairs))


def _first(texts: Sequence[str]) -> str | None:
    return texts[0] if texts else None


def _mentions(sentence: str) -> list[Mention]:
    return [*names(sentence), *numbers(sentence)]


def _fragment(draft: _Draft) -> str | None:
    for sentence in draft.sentences:
        for mention in draft.shuffle(_mentions(sentence)):
            return _as_answer(draft, sentence, mention.surface, mention)
    return None


def _other_fragment(draft: _Draft) -> str | None:
    for sentence in draft.sentences:
        for mention in draft.shuffle(_mentions(sentence)):
            surface = draft.borrow(buckets(sentence, mention), draft.says)
            if surface is not None:
                return _as_answer(draft, sentence, surface, mention)
    return None


def _as_answer(draft: _Draft, sentence: str, surface: str, mention: Mention) -> str:
    """A name or number the way short answers give it: bare or after its preposition, with or without a full stop."""
    style = hash_of(f"{draft.key}|style")
    before = preposition_before(sentence, mention) if style % 2 else None
    text = f"{before} {surface}" if before else surface
    return capitalised(text) + "." * (style // 2 % 2)


def _replaced(draft: _Draft, find: Callable[[str], list[Mention]]) -> str | None:
    for sentence in draft.forms:
        for mention in draft.shuffle(find(sentence)):
            surface = draft.borrow(buckets(sentence, mention), draft.says)
            if surface is not None:
                return _substitute(sentence, {mention.surface: surface})
    return None


def _exchanged(draft: _Draft, find: Callable[[str], list[Mention]]) -> str | None:
    """Two mentions of one sentence exchanged; failing that, one replaced by a mention of another sentence."""
    for sentence in draft.forms:
        for one, other in draft.shuffle(list(combinations(_alone(sentence, find), 2))):
            between = sentence[one.end : other.start]
            if _distinct(one, other) and not _SYMMETRIC.search(between) and not _is_listing(between, find):
                return _substitute(sentence, {one.surface: other.surface, other.surface: one.surface})
    for sentence in draft.sentences:
        for other_sentence in draft.sentences:
            if other_sentence == sentence:
                continue
            for one in draft.shuffle(_alone(sentence, find)):
                for other in draft.shuffle(_alone(other_sentence, find)):
                    alike = buckets(sentence, one)[0] == buckets(other_sentence, other)[0]
                    if alike and _distinct(one, other) and other.surface not in sentence:
                        return _substitute(sentence, {one.surface: other.surface})
    return None


def _alone(sentence: str, find: Callable[[str], list[Mention]]) -> list[Mention]:
    """The mentions that are no part of a compound: "eight-ball" and "nine-ball" are names, whose order in a list says nothing."""
    return [mention for mention in find(sentence) if not re.match(r"-[^\W\d]", sentence[mention.end :])]


def _distinct(one: Mention, other: Mention) -> bool:
    """Whether two mentions are of one sort and cannot be two forms of the same name or number."""
    if one.sort != other.sort:
        return False
    stems = [{_stem(word) for word in words(mention.surface)} for mention in (one, other)]
    return not stems[0] & stems[1]


def _is_listing(between: str, find: Callable[[str], list[Mention]]) -> bool:
    for mention in reversed(find(f"x {between}")):
        between = between[: mention.start - 2] + between[mention.end - 2 :]
    return _LISTING.fullmatch(between) is not None


def _substitute(sentence: str, changes: dict[str, str]) -> str:
    """Every whole occurrence changed at once, so that an exchange does not undo itself."""
    pattern = "|".join(re.escape(old) for old in sorted(changes, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", lambda match: changes[match.group()], sentence)


def _other_document(draft: _Draft) -> str | None:
    return draft.borrow(["sentence"], lambda text: text in draft.passage.text)


def _other_subject(draft: _Draft) -> str | None:
    """What another document says of its own subject, said of this one's."""
    predicate = draft.borrow(["predicate"], lambda text: text in draft.passage.text)
    return None if predicate is None else f"{subject_of(draft.passage.title)}{predicate}"


def _invented_clause(draft: _Draft) -> str | None:
    clause = draft.borrow(["clause"], lambda text: text in draft.passage.text)
    return f"{draft.forms[0][:-1]}{clause}." if clause and draft.forms else None


def _invented_sentence(draft: _Draft) -> str | None:
    sentence = _other_document(draft)
    return f"{draft.sentences[0]} {sentence}" if sentence and draft.sentences else None


_MAKERS: dict[str, Callable[[_Draft], str | None]] = {
    "sentence": lambda draft: _first(draft.sentences),
    "two_sentences": _two_sentences,
    "shortened": lambda draft: _first(draft.reworded(shorten)),
    "reordered": lambda draft: _first(draft.reworded(reorder)),
    "renamed_subject": lambda draft: _first(draft.renamed()),
    "fragment": _fragment,
    "replaced_number": lambda draft: _replaced(draft, numbers),
    "replaced_name": lambda draft: _replaced(draft, names),
    "exchanged_numbers": lambda draft: _exchanged(draft, numbers),
    "exchanged_names": lambda draft: _exchanged(draft, names),
    "other_document": _other_document,
    "other_subject": _other_subject,
    "other_fragment": _other_fragment,
    "invented_clause": _invented_clause,
    "invented_sentence": _invented_sentence,
}
