"""Statements that look like an answer and say nothing: a term explained by itself, an opening that breaks off before what it opens."""

import re
from collections.abc import Iterator

from judge.probes.mentions import names
from judge.probes.rewording import capitalised, subject_of

_LONGEST_OPENING = 14
_VERB = r"is|are|was|were"
_NOUN = r"[a-z][a-z-]*(?: [a-z][a-z-]*){0,2}"
# "the capital of Peru", "its largest city": a noun phrase whose owner it can be said to be.
_OWNED = re.compile(
    rf"\bthe (?P<noun>{_NOUN}) of (?P<owner>(?:the )?[A-Z]\w+(?: [A-Z]\w+)*)"
    r"(?=[.,;]| (?:and|in|is|was|that|which|who|with|by|to|as|on|from|until|where|before|after|at|for)\b)",
)
# The island of Cyprus is Cyprus, and the act of looting is looting.
_SAME = re.compile(
    r"\b(?:island|state|city|region|province|constellation|village|town|country|republic|kingdom|county|district|borough|process|act|"
    r"art|practice|form|name|area|title|language|sea|lake|planet|river|concept|term|field|municipality|territory|empire|genus|family|book|study|use|system|method|idea)$",
)
# What is a part of another thing, and none of itself.
_PART = re.compile(
    r"\b(?:capital|city|country|town|municipality|village|island|war|conflict|element|sport|festival|park|church|basilica|mountain|peak|star|"
    r"lake|river|president|king|emperor|ruler|album|club|processor|member|empire|kingdom)\b",
)
_COMMON = re.compile(r"(?:ing|ism|ity|tion|ics|ment|ology|graphy|ium|gen)$")
_DONE = re.compile(
    r"\b(?P<verb>(?:was|were|is|are) (?:[a-z]+ly )?[a-z]+(?:ed|wn|en|ilt|lt|de|nd) (?:as|in|by|from|after|on|to|near|for|at|with)) "
    r"(?:the )?(?=[A-Z])",
)
_SUBJECT = re.compile(rf"^(?P<subject>(?:The |An? )?[^,;:()\"“]{{2,60}}?) (?P<verb>{_VERB}) (?P<said>(?:an?|the|one of the) )")
_LIST = re.compile(
    r"\b(?P<verb>include|includes|included|comprise|comprises|comprised|contain|contains|consists? of|"
    r"(?:is|are) composed of|(?:is|are) divided into|is made up of|involves|combines|features|borders|covers|requires) ",
)
_CUT = re.compile(
    r"\b(?P<verb>(?:is|are|was|were|has been|have been) "
    r"(?:(?:also|often|widely|best|usually|commonly|mainly|primarily|officially|generally) )?"
    r"(?:known (?:for|as)|located|situated|used (?:for|in|to)|founded (?:in|by)|established (?:in|by)|built (?:in|by)|called|named after|"
    r"caused by|divided into|"
    r"considered|defined as|designed (?:by|for|to)|developed (?:in|by)|created by|born in|composed of|associated with|"
    r"related to|"
    r"based on|derived from|surrounded by|bordered by|characterized by|characterised by|described as|regarded as)|refers? to|depends? on|"
    r"results? (?:in|from)|originated (?:in|from)|consists? of|includes?|served as|serves as|began (?:in|with)|led to|leads to) ",
)
_CLAUSE = re.compile(r"\b(?:that|which|who|whose|where|when|while|since|as|although|though|if|because|but|and|or)\b|[,;:()\"“]")
_MANY = re.compile(
    r"\b(?P<number>two|three|four|five|six|seven|eight|nine|ten|several|various) (?P<things>(?:[a-z-]+ ){0,2}[a-z]+s)\b"
    r"(?! ago| old| long| wide)",
)


def circular(sentence: str, title: str, text: str) -> Iterator[str]:
    """Sentences that explain a name of the sentence by itself, in several forms, the plainest first ("The capital of Lucknow is Lucknow.").

    Args:
        sentence: of the passage.
        title: of the passage, as a reader would write it within a sentence or at its start.
        text: the passage, whose own spelling tells whether the title is a name.
    """
    for match in _OWNED.finditer(sentence):
        noun, owner = match["noun"], match["owner"]
        if re.search(r"\b(?:and|or|of|is|was|to|in|as|by)\b", noun) or re.search(r"(?:s|est)$", noun) or _SAME.search(noun):
            continue
        if owner.startswith("the ") and owner.endswith("s"):
            continue
        yield f"The {noun} of {owner} is {owner}."
        yield f"{capitalised(owner)} is the {noun} of {owner}."
    own = re.match(rf"(?P<article>The |An? )?{re.escape(subject_of(title))}\b", sentence, re.IGNORECASE)
    if own is None:
        return
    name, rest = sentence[: own.end()], sentence[own.end() :]
    inner = inside(name, text)
    for match in _DONE.finditer(rest):
        if re.fullmatch(r" (?:[a-z]+ )?|[^;:]*[,)] ", rest[: match.start()]):
            yield f"{name} {match['verb']} {inner}."
    said = re.match(rf"[^;:]*? (?P<verb>{_VERB}) (?P<an>an?|the) (?P<noun>{_NOUN}?) (?P<link>of|in|for|from|by|on|near) ", rest)
    if said and not _CLAUSE.search(said["noun"]) and (said["link"] in {"by", "from", "near"} or _PART.search(said["noun"])):
        yield f"{name} {said['verb']} {said['an']} {said['noun']} {said['link']} {inner}."


def tautologies(sentence: str, title: str, text: str) -> Iterator[str]:
    """What a sentence defines, defined by itself: for passages that name nothing else."""
    own = re.match(rf"(?P<article>The |An? )?{re.escape(subject_of(title))}\b", sentence, re.IGNORECASE)
    verb = re.match(rf"[^;:]*? (?P<verb>{_VERB}) (?:an?|the) ", sentence[own.end() :]) if own else None
    if own is None or verb is None:
        return
    name = sentence[: own.end()]
    inner = inside(name, text)
    pronoun = "they are" if verb["verb"] == "are" else "they were" if verb["verb"] == "were" else f"it {verb['verb']}"
    yield f"{name} {verb['verb']} {inner}."
    yield f"{name} {verb['verb']} what is meant by {inner}."
    yield f"What makes {inner} {inner} is that {pronoun} {inner}."
    yield f"{name} {verb['verb']} so called because {pronoun} {inner}."


def empty_openings(sentence: str, text: str) -> Iterator[str]:
    """Openings of the sentence, or of an answer with its words, that end with the colon before what they open."""
    match = _LIST.search(sentence)
    if match and _is_plain(sentence[: match.start()]):
        head = sentence[: match.start()]
        yield f"{head}{match['verb']} the following:"
        yield f"{head}{match['verb']}:"
    match = _CUT.search(sentence)
    if match and _is_plain(sentence[: match.start()]):
        yield f"{sentence[: match.start()]}{match['verb']}{' as follows' if re.search('(?:ed)$', match['verb']) else ''}:"
        if re.search(r"(?:for|by|in|from|as|to|into|of|on|with|after)$", match["verb"]):
            yield f"{sentence[: match.start()]}{match['verb']} the following:"
    match = _SUBJECT.match(sentence)
    if match and _is_plain(match["subject"]) and match["subject"] not in {"It", "He", "She", "They", "This", "There"}:
        subject, verb = match["subject"], match["verb"]
        inner = inside(subject, text)
        yield f"{subject} {verb} the following:"
        yield f"What {inner} {verb} can be put as follows:"
        yield f"{subject} can be described like this:"
        yield f"The following can be said of {inner}:"
    for match in _MANY.finditer(sentence):
        the = "" if match["number"] in {"several", "various"} else "the "
        yield capitalised(f"{the}{match['number']} {match['things']} are:")
        yield f"Here are {the}{match['number']} {match['things']}:"


def inside(phrase: str, text: str) -> str:
    """A phrase that opens a sentence as it stands within one: names keep their capital, other words lose it."""
    first = phrase.split(maxsplit=1)[0]
    lowered = f"{phrase[0].lower()}{phrase[1:]}"
    if first in {"The", "A", "An"}:
        return lowered
    is_name = re.search(r" [A-Z]|^[A-Z]{2}|^\w+['’]s|^\w*[A-Z]\w*[A-Z]", phrase) or (
        " " in phrase and any(mention.sort == "demonym" for mention in names(f"x {first}"))
    )
    is_common = (
        re.search(rf"\b{re.escape(lowered)}\b", text) or re.match(r"\S+ [a-z]", phrase) or (" " not in phrase and _COMMON.search(phrase))
    )
    return lowered if is_common and not is_name else phrase


def _is_plain(head: str) -> bool:
    """Whether the words before a verb are its subject alone."""
    return 0 < len(head.split()) <= _LONGEST_OPENING and not _CLAUSE.search(head)
