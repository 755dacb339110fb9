"""Questions that a reader can see are unfit to be asked, and reference answers that tell nothing."""

import re

from judge.dataset.candidates import Candidate, Dropped

_ABOUT_THE_TEXT = re.compile(
    r"\b(?:th(?:e|is|ese)|given|provided|following) (?:(?:given|provided|above|following) )?"
    r"(?:passage|text|context|article|paragraph|excerpt|document|information|sentence|statement)s?\b|"
    r"\b(?:mentioned|described|stated) (?:above|here)\b",
    re.IGNORECASE,
)
_PRONOUN = r"(?:he|she|it|they|him|them|his|her|hers|its|their|theirs|this|that|these|those|there|you|your|we|our|i|my)"
# Somebody or something that only the passage names, such as "the film".
_SOME_THING = (
    r"the (?:film|movie|album|song|single|book|novel|story|poem|play|series|show|programme|program|episode|game|band|group|company|"
    r"organi[sz]ation|institution|agency|party|team|club|city|town|village|capital|country|state|region|province|area|island|river|lake|mountain|"
    r"person|man|woman|people|author|writer|actor|actress|artist|singer|musician|player|footballer|politician|president|king|queen|"
    r"character|species|genus|event|battle|war|conflict|term|word|name|subject|building|school|university|church|award|language|plant|animal)"
)
# Within the first words, before anything that it could stand for: "When was it founded?", "How did the band end?".
_NO_SUBJECT = re.compile(rf"^(?:[\w'’-]+ ){{1,4}}{_PRONOUN}\b|\b{_SOME_THING}\b", re.IGNORECASE)
# A name after the first word, a number or a title in quotes says what a question is about.
_NAMED = re.compile(r"(?<=\s)[\"“‘'(]?(?:[A-Z]|\d|[\"“‘])")
_A_TYPE = re.compile(r"^(?:what|which) (?:type|kind|form|sort)s? of\b", re.IGNORECASE)
# Words of a reference that may lack its full stop; a longer one without it was cut off.
_SHORT = 15
_STEM = 4
# Of a reference's words, those that neither question nor passage may have: none of a short one, a linking word of a long one.
_NEW_SHARE = 0.15
_TELLS_NOTHING = re.compile(
    r"\b(?:not|n[o']t|never|nowhere) (?:\w+ )?(?:mention|specif|state|provide|give|contain|include|tell|say|clear|known|explicit)\w*|"
    r"\bno (?:\w+ )?(?:information|mention|answer)\b|\bunknown\b|^(?:n/?a|none)\W*$",
    re.IGNORECASE,
)
_EMPTY_WORDS = re.compile(
    r"\b(?:an?|and|are|as|at|be|been|by|did|do|does|for|from|had|has|have|how|in|is|its?|of|on|or|that|the|their|there|these|they|this|to|"
    r"was|were|what|when|where|which|who|whom|whose|why|will|with|yes|answer)\b",
)


def unfit(candidate: Candidate, passage: str) -> Dropped | None:
    """Why a question is not to be asked; None where nothing is seen against it.

    `about_the_text`: it speaks of a text that whoever is asked without the passage does not have. `no_subject`: only the passage
    says what it is about, as in "What did he do?". `asks_for_a_type`: "Which type of music is a carol?" has no one answer.
    `circular`: the reference repeats the question. `unanswerable`: the reference says that there is no answer. `cut`: it breaks off.
    `unsupported`: it has a number, or more than one word in seven, that neither question nor passage has.
    """
    return _fault_of_question(candidate.question) or _fault_of_reference(candidate, passage)


def _fault_of_question(question: str) -> Dropped | None:
    if _ABOUT_THE_TEXT.search(question):
        return "about_the_text"
    if _NO_SUBJECT.search(question) and not _NAMED.search(question):
        return "no_subject"
    return "asks_for_a_type" if _A_TYPE.search(question) else None


def _fault_of_reference(candidate: Candidate, passage: str) -> Dropped | None:
    if _TELLS_NOTHING.search(candidate.reference):
        return "unanswerable"
    if len(candidate.reference.split()) > _SHORT and not re.search(r"[.!?][\"”’')]*$", candidate.reference):
        return "cut"
    asked, said = _content(candidate.question), _content(candidate.reference)
    if not said - asked:
        return "circular"
    new = said - asked - _content(passage)
    return "unsupported" if len(new) > _NEW_SHARE * len(said) or any(word[0].isdigit() for word in new) else None


def _content(text: str) -> set[str]:
    """The beginnings of the words of a text that could tell something, in small letters; forms of one word share theirs."""
    words = re.findall(r"\w+", _EMPTY_WORDS.sub(" ", re.sub(r"(?<=\d),(?=\d{3})", "", text.casefold())))
    return {word if word[0].isdigit() else word[:_STEM] for word in words}
