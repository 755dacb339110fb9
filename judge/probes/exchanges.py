"""False statements without a new word: two names or numbers of a passage, each where the other stands.

A sentence stays grammatical where both stand in the same frame: after a preposition, with or without an article, before
nothing that they qualify, and numbers before the same unit.
It stays no true one where the two are no members of a list, no two names of one thing, and in no symmetric relation.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain, combinations
from typing import NamedTuple

from judge.probes.drafts import Draft, stems
from judge.probes.frames import Slot, name_slots, number_slots
from judge.probes.mentions import names
from judge.probes.rewording import capitalised

Fits = Callable[[str, Slot, Slot], bool]

# What may stand between two members of a list, a range or a pair of aliases: exchanging those changes nothing.
_LISTING = re.compile(r"[\s,;/&()–-]*(?:(?:and|or|to|the|as well as|through|until|also|then)\b[\s,;/&()–-]*)*")
_SYMMETRIC = re.compile(
    r"known|called|named|referred to|formerly|border|adjacent|next to|married|\bmet |same|equal|similar|distinct|differ|"
    r"versus|\bvs\b|between|neighbo|alias|abbreviat|or simply|equivalent|both|share|connect|separat|bound|link|joins|joining|rang|"
    r"synonym|merge|along with|together|respectively|translat|collaborat|divid|spelled",
)
_CHANGE = re.compile(
    r"\b(?:moved?|transferred|changed|renamed|sold|passed|converted|ceded|emigrated|fled|relocated|shifted|travelled|sailed)\b"
)
# Where something lies says little of where it does not: what lies in Ghent lies in Europe too.
_PLACING = re.compile(
    r"located|situated|\blies?\b|\b(?:is|are|was|were) (?:an?|the|one)\b|\bpart\b|found in|member|live|spoken|headquarter|inhabit|common"
)
_PART = re.compile(
    r"(?:part|parts|member|members|one|outside|city|region|country|area|center|centre|languages?|several|some|most|many|all) of (?:the )?$"
)
# Frames that take one kind of name, so that what stands in one fits the other.
_OBJECTS = frozenset({"of", "in", "from", "to", "by", "at", "on", "for", "under", "after", "through", "verb", "into", "against"})
_AGENTS = frozenset({"by", "under", "after", "verb", "against", "for"})
# What is French is European too.
_CONTINENTAL = frozenset(
    {"European", "African", "Asian", "American", "Western", "Eurasian", "Hellenistic", "Christian", "Catholic", "Indian"}
)
_ALIAS = re.compile(
    r"(?:,? (?:(?:commonly|also|often|better|sometimes|otherwise|simply|formerly) )*"
    r"(?:known|called|officially|abbreviated|referred to)\b[^,]*,"
    r"| \([^()]*\))(?= (?:is|was|are|were)\b)",
)
_LEAST_DIFFERENCE = 0.1


class _Exchange(NamedTuple):
    text: str
    pair: frozenset[str]


def exchanged_names(draft: Draft) -> Iterator[str]:
    """A sentence with two of its names exchanged, or else one replaced by a name of another sentence, at most one of each sentence."""
    is_person = re.search(r"\b(?:He|She|his|her)\b", draft.passage.text) is not None

    def is_fit(sentence: str, one: Slot, other: Slot) -> bool:
        if one.left == "subject" and (other.left in {"with", "near", "as"} or (is_person and other.left not in _AGENTS)):
            return False
        if one.left == "subject" and one.is_plural != other.is_plural:
            return False
        if {one.left, other.left} == {"from", "to"} and not _CHANGE.search(sentence):
            return False
        return other.left != "subject" and (one.left in {other.left, "subject"} or {one.left, other.left} <= _OBJECTS)

    def replaces(sentence: str, one: Slot, other: Slot) -> bool:
        if one.left == "subject":
            fits = (
                other.left in (_AGENTS | {"subject"} if is_person else {"in", "of", "from", "to", "subject"})
                and one.is_plural == other.is_plural
            )
            return (
                fits
                and re.match(
                    r" (?:is|was|has|became) (?!(?:an?|one|known|also|often|located|situated|part|considered)\b)", sentence[one.end :]
                )
                is not None
            )
        if one.left in {"with", "near", "noun"} or (one.left in {"in", "at", "on", "from"} and _PLACING.search(sentence)):
            return False
        if one.left == "of" and _PART.search(sentence[: one.start]):
            return False
        return one.left == other.left != "subject" or {one.left, other.left} <= _AGENTS

    yield from _exchanged(draft, lambda text: name_slots(text, draft.passage), is_fit, replaces)


def exchanged_numbers(draft: Draft) -> Iterator[str]:
    """The same with numbers."""

    def is_fit(sentence: str, one: Slot, other: Slot) -> bool:  # noqa: ARG001 - numbers are told apart by their own frames
        return _far_apart(one, other)

    def replaces(sentence: str, one: Slot, other: Slot) -> bool:
        # What was so until a year was so until an earlier one too.
        if re.search(r"\b(?:until|before|after|since|by|into|through)(?: the| early| late)* $", sentence[: one.start], re.IGNORECASE):
            return False
        return (one.left == other.left or {one.left, other.left} <= {"in", "of"}) and _far_apart(one, other)

    yield from _exchanged(draft, number_slots, is_fit, replaces)


def _exchanged(draft: Draft, slots: Callable[[str], list[Slot]], is_fit: Fits, replaces: Fits) -> Iterator[str]:
    """The first exchange of each sentence, those within a sentence before those between two, and then the others; no pair comes twice."""
    within = [[made for form in _forms(draft, sentence) for made in _swapped(draft, form, slots, is_fit)] for sentence in draft.sentences]
    across = [
        [made for form in _forms(draft, sentence) for made in _crossed(draft, sentence, form, slots, replaces)]
        for sentence in draft.sentences
    ]
    firsts = [made[0] for made in within if made] + [made[0] for made, own in zip(across, within, strict=True) if made and not own]
    seen: set[frozenset[str]] = set()
    for made in [*firsts, *chain.from_iterable(within), *chain.from_iterable(across)]:
        if made.pair not in seen and made.text not in draft.passage.text:
            seen.add(made.pair)
            yield made.text


def _forms(draft: Draft, sentence: str) -> list[str]:
    """A sentence in its forms, and without a second name of its subject, which an exchange would leave behind."""
    plain = _ALIAS.sub("", sentence)
    return draft.shuffle(sorted({*draft.forms_of(sentence), *draft.forms_of(plain)} - ({sentence} if plain != sentence else set())))


def _swapped(draft: Draft, sentence: str, slots: Callable[[str], list[Slot]], is_fit: Fits) -> Iterator[_Exchange]:
    for one, other in draft.shuffle(list(combinations(slots(sentence), 2))):
        between = sentence[one.end : other.start]
        if _alike(one, other) and is_fit(sentence, one, other) and not _is_undone(sentence, one, between):
            yield _exchange(sentence, (one, other.surface), (other, one.surface))


def _crossed(draft: Draft, sentence: str, form: str, slots: Callable[[str], list[Slot]], replaces: Fits) -> Iterator[_Exchange]:
    others = [slot for other in draft.sentences if other != sentence for slot in slots(other)]
    for one in draft.shuffle(slots(form)):
        for other in draft.shuffle(others):
            if _alike(one, other) and replaces(form, one, other) and not _own_stems(other) <= stems(sentence):
                yield _exchange(form, (one, other.surface))


def _exchange(sentence: str, *changes: tuple[Slot, str]) -> _Exchange:
    """The sentence with slots filled anew; an article is written as its place in the sentence asks."""
    text = sentence
    for slot, surface in sorted(changes, key=lambda change: -change[0].start):
        article = re.sub(r"^The (?=[A-Z])", "the ", surface)
        text = text[: slot.start] + (article if slot.start else capitalised(article)) + text[slot.end :]
    return _Exchange(text, frozenset({text for slot, surface in changes for text in (slot.surface.lower(), surface.lower())}))


def _is_undone(sentence: str, one: Slot, between: str) -> bool:
    """Whether an exchange may leave the sentence true: a list, a symmetric relation, or two names of one thing."""
    if one.frame == "year" and re.search(r"\bfrom $", sentence[: one.start]) and re.fullmatch(r"(?: BCE?)? (?:to|until|through) ", between):
        # An interval that ends before it begins is none.
        return False
    for mention in reversed(names(f"x {between}")):
        between = between[: mention.start - 2] + between[mention.end - 2 :]
    return _LISTING.fullmatch(between) is not None or _SYMMETRIC.search(between) is not None


def _alike(one: Slot, other: Slot) -> bool:
    """Whether two slots are of one frame and what fills them is not two forms of the same name or number."""
    if one.frame == "demonym" and {one.surface, other.surface} & _CONTINENTAL:
        return False
    own, others = _own_stems(one), _own_stems(other)
    return one.frame == other.frame and not own <= others and not others <= own


def _own_stems(slot: Slot) -> set[str]:
    return stems(slot.surface.removeprefix("the ").removeprefix("The "))


def _far_apart(one: Slot, other: Slot) -> bool:
    """Whether two numbers that are said to be rough cannot both be right."""
    if not one.is_rough and not other.is_rough:
        return True
    values = [float(re.sub(r"[^\d.]", "", slot.surface) or 0) for slot in (one, other)]
    return abs(values[0] - values[1]) > _LEAST_DIFFERENCE * max(values)
