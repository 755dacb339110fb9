"""Ask for what a sentence says: a question by rule, and the name or number that answers it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from judge.probes.drafts import stems
from judge.probes.hollow import inside
from judge.probes.mentions import numbers
from judge.probes.rewording import subject_of

_SUBJECT = r"(?P<subject>[A-Z][^,;:()\"“]{1,50}?)(?: \([^()]*\))?(?:, (?:officially|also known as|commonly known as|or) [^,]*,)?"
_BE = r"(?P<be>is|are|was|were)"
_NAME = r"(?P<answer>(?:the )?[A-Z][\w’'-]*(?: (?:of |of the )?[A-Z][\w’'-]*)*)"
_DONE = r"(?P<done>(?:(?:originally|officially|first|initially|finally|completely|formally) )?[a-z]+(?:ed|en|wn|ilt|nd|rn|lt|ught))"
_YEAR = r"(?P<answer>1\d{3}|20\d{2})"
_NUMBER = (
    r"(?P<answer>(?:about |approximately |around |over |nearly |more than |some )?"
    r"\d(?:[\d,.]*\d)?(?: (?:million|billion|thousand))?"
    r"(?: (?:square kilometres|km2|km|metres|m|percent|inhabitants|people))?)"
)
# What "What is ... ?" and "What does ... ?" can end with.
_LINKED = (
    r"named after|surrounded by|bordered by|bounded by|derived from|published by|part of|recogni[sz]ed by|associated with|based on|"
    r"divided into|composed of|made of|related to|known for|used for|caused by"
)
_TAKES_OBJECT = (
    r"borders|includes|refers to|consists of|contains|means|belongs to|covers|founded|wrote|discovered|produced|became|invented|published|"
    r"received|won|released|overlooks|requires|describes|produces|provides|involves|combines|uses|protects|comprises|depends on|executes|"
    r"converts|connects|encompasses|shows|united|led to"
)
_MONTH = r"(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{1,2},)?"
_IN_YEAR = rf"(?:in(?: {_MONTH})?|on {_MONTH}|around) {_YEAR}"
# What may follow an answer: nothing that belongs to it.
_END = r"(?=[.,;]| (?:and|in|on|with|where|which|that|who|by|as|from|to|at|after|during|when|until|for|under|near|through|between)\b)"
_CLAUSE = re.compile(
    r"\b(?:that|which|who|where|when|while|although|though|if|because|but|what|there|is|are|was|were|has|"
    r"had|began|became|can|also)\b",
    re.IGNORECASE,
)
# A noun phrase with a name or a quotation of its own is too long to ask with.
_TOO_LONG = re.compile(r"\b(?:of|in|the|by) [A-Z]|['\"“]|\b(?:that|which|who|where)\b")
_PRONOUN = re.compile(r"^(?:It|He|She)$")
_BARRED = re.compile(
    r"^(?:This|These|Those|They|That|Its|His|Her|Their|There|In|On|By|At|After|Before|During|Since|For|As|One|Some|Many|Most|Such|Each|"
    r"Other|Both|All|With)\b",
)
_UNFINISHED = {"awarded", "given", "called", "made", "named", "considered", "known", "found", "used"}
_BASE = {
    "began": "begin", "started": "start", "ended": "end", "died": "die", "originated": "originate", "occurred": "occur",
    "opened": "open", "took place": "take place", "lies": "lie", "extends": "extend", "stands": "stand", "flows": "flow",
    "lived": "live", "lasted": "last", "borders": "border", "includes": "include", "refers to": "refer to",
    "consists of": "consist of", "contains": "contain", "means": "mean", "belongs to": "belong to", "covers": "cover",
    "joined": "join", "founded": "found", "wrote": "write", "discovered": "discover", "produced": "produce", "became": "become",
    "invented": "invent", "published": "publish", "received": "receive", "won": "win", "moved": "move",
    "established": "establish", "released": "release", "overlooks": "overlook", "requires": "require", "describes": "describe",
    "produces": "produce", "provides": "provide", "involves": "involve", "combines": "combine", "uses": "use",
    "protects": "protect", "comprises": "comprise", "forms": "form", "depends on": "depend on", "executes": "execute",
    "converts": "convert", "connects": "connect", "encompasses": "encompass", "shows": "show", "united": "unite",
    "led to": "lead to",
}  # fmt: skip
_LONGEST = 18
_DID = {True: "did", False: "does"}


@dataclass(frozen=True)
class Asked:
    """A question, the words of the sentence that answer it, and whether they are a year, another number, a name or a phrase (`sort`)."""

    question: str
    answer: str
    sort: str


# A rule: a pattern of a sentence from its start on, the question made of its groups, the sort of its answer.
_RULES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(f"^{pattern}"), question, sort)
    for pattern, question, sort in (
        (rf"{_SUBJECT} {_BE} {_DONE}(?: (?!in |on )[^,;:()]{{1,30}})? {_IN_YEAR}{_END}", "When {be} {subject} {done}?", "year"),
        (rf"In {_YEAR}, {_SUBJECT} {_BE} (?P<done>[a-z]+ed)\b", "When {be} {subject} {done}?", "year"),
        (
            rf"{_SUBJECT} (?P<verb>began|started|ended|died|originated|occurred|opened|took place|lasted) {_IN_YEAR}{_END}",
            "When {did} {subject} {base}?",
            "year",
        ),
        (rf"{_SUBJECT} {_BE} {_DONE}(?: in \d{{4}})? by {_NAME}{_END}", "Who or what {be} {subject} {done} by?", "name"),
        (
            (
                rf"{_SUBJECT} {_BE} (?P<done>(?:mainly |primarily )?(?:located|situated|headquartered|born|held|seated|based|spoken)) "
                rf"(?:in|at|on|near) {_NAME}{_END}"
            ),
            "Where {be} {subject} {done}?",
            "name",
        ),
        (
            rf"{_SUBJECT} {_BE} (?P<done>(?:the|an?|one of the) [^,;:()\"“]{{2,60}}? (?:of|in|on|by|from|after|near)) {_NAME}{_END}",
            "What {be} {subject} {done}?",
            "name",
        ),
        (
            rf"{_SUBJECT} {_BE} (?P<done>{_LINKED}) (?P<answer>[^.;:]{{4,60}}?)(?=[.;]|, which)",
            "What {be} {subject} {done}?",
            "phrase",
        ),
        (
            (
                rf"{_SUBJECT} (?P<be>has|had) an? "
                rf"(?P<done>(?:total |urban |estimated )?(?:population|coastline|length|(?:surface |land )?area|elevation)) of {_NUMBER}"
            ),
            "What {now} the {done} of {subject}?",
            "number",
        ),
        (
            rf"{_SUBJECT} (?P<be>has|had) (?P<answer>\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve) (?P<done>[a-z]+s)\b",
            "How many {done} {did} {subject} have?",
            "number",
        ),
        (
            rf"(?P<subject>The (?:[a-z-]+ )?(?:population|number|length|area|height)\b[^,;:()]{{2,50}}?) {_BE} {_NUMBER}",
            "What {be} {subject}?",
            "number",
        ),
        (
            rf"{_SUBJECT} (?P<verb>lies|extends|stands|flows|lived) (?:in|into|from|through|near|on|at|along) {_NAME}{_END}",
            "Where {did} {subject} {base}?",
            "name",
        ),
        (
            rf"{_SUBJECT} {_BE} (?P<done>[^,;:()]{{3,60}}?) (?:because of|because|due to|owing to) (?P<answer>[^.;:]{{8,}}?)(?=[.;])",
            "Why {be} {subject} {done}?",
            "phrase",
        ),
        (
            (
                rf"{_SUBJECT} {_BE} (?:also |often |commonly |generally )?(?:called|known as|referred to as) "
                rf"(?P<answer>[^.,;:]{{4,60}}?)(?=[.,;])"
            ),
            "What {be} {subject} called?",
            "phrase",
        ),
        (
            rf"(?P<subject>The (?!name\b)[a-z][^,;:()\"“]{{3,50}}?) {_BE} (?P<answer>(?:the|an?) [^.;:]{{8,}}?)(?=[.;]|, )",
            "What {be} {subject}?",
            "phrase",
        ),
        (
            rf"{_SUBJECT} (?P<verb>{_TAKES_OBJECT}) (?P<answer>[^.;:]{{4,70}}?)(?=[.;]|, which)",
            "What {did} {subject} {base}?",
            "phrase",
        ),
    )
)


def questions(sentence: str, title: str, text: str) -> Iterator[Asked]:
    """Questions that the sentence answers, with the passage's title for a pronoun, and a cloze where its last word is a name or number.

    Args:
        sentence: of the passage.
        title: of the passage.
        text: the passage, whose own spelling tells which words are names.
    """
    for pattern, wording, sort in _RULES:
        match = pattern.match(sentence)
        if match is None or _CLAUSE.search(match["subject"]) or _BARRED.match(match["subject"]):
            continue
        groups = match.groupdict()
        # What the passage is about is what every other statement is asked for, and any sentence of it tells something of that.
        if wording == "What {be} {subject}?" and match["subject"].lower().endswith(subject_of(title).lower()):
            continue
        subject = subject_of(title) if _PRONOUN.match(match["subject"]) else inside(match["subject"], text)
        if _TOO_LONG.search(groups.get("done") or "") or groups.get("done") in _UNFINISHED:
            continue
        past = (groups.get("be") or groups.get("verb") or "") not in {"has", "is", "are"} and not (groups.get("verb") or "").split(" ")[
            0
        ].endswith("s")
        question = wording.format_map(
            groups
            | {"subject": subject, "now": "was" if past else "is", "did": _DID[past], "base": _BASE.get(groups.get("verb") or "", "")}
        )
        yield Asked(question, match["answer"], sort)
    yield from _clozes(sentence, title)


def _clozes(sentence: str, title: str) -> Iterator[Asked]:
    """The sentence up to a year or counted thing at its end, asked for in its place."""
    if len(sentence.split()) > _LONGEST or _BARRED.match(sentence):
        return
    head = re.sub(r"^(?:It|He|She)\b", lambda _: subject_of(title), sentence)
    for number in numbers(head)[-1:]:
        counted = re.match(r" ([a-z]+s)\.$", head[number.end :])
        if counted and number.sort in {"small", "spelled", "count", "grouped"}:
            yield Asked(f"{head[: number.start]}how many {counted.group(1)}?", number.surface, "number")
    year = re.search(r" in (1\d{3}|20\d{2})\.$", head)
    if year:
        yield Asked(f"{head.removesuffix(year.group())} in which year?", year.group(1), "year")
    name = re.search(r" (?P<link>of|by|from|with|for|after|under|to) (?:the )?(?P<name>[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)\.$", head)
    if name:
        yield Asked(f"{head[: name.start()]} {name['link']} what?", name["name"], "name")


def answers(statement: str, asked: Asked) -> bool:
    """Whether a statement may answer what was asked: it has the words asked for, or any year or number where one is asked for."""
    if asked.sort == "year":
        return re.search(r"\d{3,4}", statement) is not None
    if asked.sort == "number":
        return bool(numbers(statement))
    own, said = stems(asked.answer), stems(statement)
    return len(own & said) > len(own) / 3
