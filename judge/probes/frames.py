"""The grammatical frames of names and numbers in a sentence: what can stand in each other's place.

By spelling alone, and strict: a mention whose frame is not plain has none.
"""

import re
from dataclasses import dataclass

from judge.probes.donors import Passage
from judge.probes.mentions import Mention, names, numbers
from judge.probes.rewording import subject_of

_PREPOSITIONS = r"in|of|by|from|to|with|at|on|for|near|into|after|under|against|through|during|since|until|before|as"
_LEFT = re.compile(
    rf"(?:^|[\s(])({_PREPOSITIONS}|[a-z]{{3,}}(?:(?<!call)(?<!nam)(?<!titl)(?<!spell)(?<!romaniz)ed|ing))\s+(the\s+)?$",
    re.IGNORECASE,
)
# What may follow a name that qualifies nothing: a stop, a verb, a preposition, a relative clause.
_HEAD = re.compile(
    r"(?:\.$|[;:]|['’]s |, (?![A-Z]|the [A-Z])|$|\s+(?:is|was|are|were|has|had|became|began|in|by|from|to|with|at|on|for|that|which|"
    r"who|during|"
    r"until|as|under|after|before|because|since|where|when|and|while|but|also|"
    r"then|later|through|into|over|than|along|within|[a-z]+ed)\b)",
)
_LIST_BEFORE = re.compile(r"[\w’'\")],? (?:and|or)(?: the)? $|, (?:the )?$|[A-Z]\w*/$|[A-Z]\w+ (?:on|for) $")
_COUPLE = re.compile(
    r"^(?:Bosnia|Trinidad|Antigua|\w+ Kitts|\w+ Tomé|Jammu|Andaman|[A-Z]\w+s|[A-Z][a-z]+(?:ern|al)) and "
    r"|^[^,.]+, and [A-Z]|^[^,.]+ and (?:[A-Z][\w-]+ )+(?!is|was|has)[a-z]+s\b|"
    r"^[^,.]+ (?:on|for) [A-Z]|^[^,.]+, or ",
)
_OPENING = re.compile(r"^(?:In|During|After|By|Since|At|On|From|Until)\b[^,]{3,60}, (the )?$")
_PLACE = re.compile(
    r"\bis (?:an?|the|one of) [^.]*?\b(?:city|country|capital|state|river|island|region|town|province|lake|mountain|village)\b"
)
_SINGULAR_END = re.compile(r"(?:ss|us|is|[aeo]s)$")
_MONTH = r"January|February|March|April|May|June|July|August|September|October|November|December"
_YEAR_LEFT = re.compile(
    rf"\b(in|from|until|to|since|by|after|before|through|(?<!as )of|on|the|(?:{_MONTH})(?: \d{{1,2}},)?)\s+$", re.IGNORECASE
)
_LIMIT = re.compile(
    r"\b(?:over|more than|less than|fewer than|at least|at most|up to|under|below|above|only|between|than|or|just|between [\w.,]+ and)\s+$",
    re.IGNORECASE,
)
_ROUGH = re.compile(r"\b(?:approximately|about|around|nearly|almost|some|roughly|estimated|circa|c\.)\s+(?:at\s+)?$", re.IGNORECASE)
_UNIT = re.compile(r"(?:\s|-)(?:square\s)?((?:[a-z]+\s(?=[a-z]+s\b)){0,2}[a-zA-Z]+\d?)")
_MEASURES = re.compile(
    r"km2?|mi|miles?|m|ft|feet|(?:kilo)?met(?:re|er)s|inches|cm|mm|kg|percent|degrees|years|days|months|weeks|hours|minutes|seconds|centuries|"
    r"tonnes|tons|pounds|acres|hectares|dollars|euros",
)
_NO_NOUN = re.compile(r"\b(?:was|is|has|as|its|this|plus|times|versus|across|towards|always|the|of|in|by|from|to|and|or)\b")
_ORDINAL = re.compile(r"\b(?:first(?= by )|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)\b(?=[ -])")


@dataclass(frozen=True)
class Slot:
    """A mention with its frame: what stands before it (`left`), and what it is or counts (`frame`); a name has its "the" with it."""

    start: int
    end: int
    surface: str
    left: str
    frame: str
    is_rough: bool = False
    is_plural: bool = False


def name_slots(sentence: str, passage: Passage) -> list[Slot]:
    """The names of a sentence that stand for themselves, in a plain frame, once."""
    slots = []
    for mention in [*_subject(sentence, passage), *names(sentence)]:
        before, after = sentence[: mention.start], sentence[mention.end :]
        if mention.sort == "demonym":
            slots += _demonym(sentence, mention, before, after)
            continue
        left = _LEFT.search(before)
        opens = before.lower() in {"", "the "} or (
            _OPENING.match(before) is not None and re.match(r" (?:is|was|has|had|became|[a-z]+ed)\b", after) is not None
        )
        if not (left or opens) or not _HEAD.match(after) or not _stands_free(sentence, mention) or mention.surface.startswith("The "):
            continue
        if _LIST_BEFORE.search(before) or _COUPLE.search(f"{mention.surface}{after}"):
            continue
        is_plural = mention.surface.endswith("s") and (not _SINGULAR_END.search(mention.surface) or before.lower().endswith("the "))
        frame = mention.sort if mention.sort in {"month", "acronym"} else "name"
        place = "subject" if left is None else left.group(1).lower()
        if left is not None and not re.fullmatch(_PREPOSITIONS, place):
            place = "verb"
        start = mention.start - len("the ") * before.endswith(("The ", "the "))
        slots.append(Slot(start, mention.end, sentence[start : mention.end], place, frame, is_plural=is_plural))
    return slots


def _demonym(sentence: str, mention: Mention, before: str, after: str) -> list[Slot]:
    """A word such as "Roman" before the noun that it qualifies; none where an article before it hangs on its first letter."""
    if (
        not re.match(r" [a-z]+", after)
        or re.match(r" (?:and|or|is|was|to|in|by|of|at|for|with|from|on|as|during|that|which|who)\b", after)
        or not _stands_free(sentence, mention)
    ):
        return []
    if re.search(r"(?:[Aa]n?|and|or|[A-Z]\w+|,) $", before) or not before:
        return []
    return [Slot(mention.start, mention.end, mention.surface, "noun", "demonym")]


def number_slots(sentence: str) -> list[Slot]:
    """The numbers of a sentence that count or date something, with their unit, once."""
    ordinals = [Mention(match.start(), match.end(), match.group(), "ordinal") for match in _ORDINAL.finditer(sentence)]
    slots = []
    for mention in [*numbers(sentence), *ordinals]:
        before, after = sentence[: mention.start], sentence[mention.end :]
        if (
            before.endswith("AD ")
            or not _stands_free(sentence, mention)
            or _LIMIT.search(before)
            or re.match(r"\s?(?:\(\d|[–—/=:^])", after)
        ):
            continue
        frame, left = _counted(mention, before, after)
        if frame is not None:
            slots.append(Slot(mention.start, mention.end, mention.surface, left, frame, is_rough=_ROUGH.search(before) is not None))
    return sorted(slots, key=lambda slot: slot.start)


def _counted(mention: Mention, before: str, after: str) -> tuple[str | None, str]:
    """What a number counts, as a frame, and what stands before it; no frame where it counts nothing plain."""
    if mention.sort == "year":
        return _dated(before, after)
    if mention.sort == "s":
        return ("decade" if re.search(r"\bthe (?:early |late |mid-)?$", before) else None), "the"
    if mention.sort in {"ordinal", "th", "st", "nd", "rd"}:
        return _ranked(after), ""
    if mention.sort in {"grouped", "decimal", "count"} and re.match(r",\s|;|\.$|\s(?:in|as of|and|by|at)\b", after):
        left = re.search(r"\b(of|at|is|was|to)\s+(?:approximately|about|around|nearly|some|roughly)?\s*$", before)
        return (f"{mention.sort} alone" if left else None), left.group(1) if left else ""
    return _measured(mention, after), ""


def _measured(mention: Mention, after: str) -> str | None:
    """The frame of a number before its unit: a share, a scale, a day, a measure or things; none where no unit follows."""
    if after.startswith("%"):
        return f"{mention.sort} %"
    scale = re.match(r" (million|billion|thousand)\b(?! (?:square|km|US|dollars|years))", after)
    if scale:
        return scale.group(1)
    unit = _UNIT.match(after)
    if unit is None or _NO_NOUN.search(unit.group(1).lower()):
        return None
    noun = unit.group(1).split()[-1]
    sort = "count" if mention.sort in {"spelled", "small"} else mention.sort
    if re.fullmatch(_MONTH, noun):
        return "day"
    if _MEASURES.fullmatch(noun):
        return f"{sort} {unit.group()}"
    return f"{sort} things" if re.search(r"[^s]s$|^people$", noun) and after[0] == " " else None


def _dated(before: str, after: str) -> tuple[str | None, str]:
    """The frame of a year and what stands before it, "date" for a day or month; none where it may be a count."""
    left = _YEAR_LEFT.search(before)
    if left is None or re.match(r"-|[–/]", after) or (left.group(1).lower() != "the" and re.match(r" [a-z]+s\b", after)):
        return None, ""
    era = re.match(r"\s(?:BCE?|CE|AD)\b", after)
    return f"year{era.group() if era else ''}", left.group(1).lower() if re.fullmatch(r"[A-Z]?[a-z]+", left.group(1)) else "date"


def _ranked(after: str) -> str | None:
    """The frame of an ordinal number: a rank, or a place in a series of one noun."""
    if re.match(r"[ -](?:most |largest|biggest|longest|highest|[a-z]{3,}est\b)", after):
        return "rank"
    if after.startswith(" by "):
        return "rank by"
    noun = re.match(r" (?!(?:of|and|in|to|or|as|was|is)\b)([A-Z]?[a-z]+)\b", after)
    return f"ordinal {noun.group(1)}" if noun else None


def _subject(sentence: str, passage: Passage) -> list[Mention]:
    """A title of one word that opens a sentence, where it is a name: `names` leaves it out, as every first word has a capital."""
    title = subject_of(passage.title)
    is_name = re.search(rf"[a-z,] {re.escape(title)}\b", passage.text) or _PLACE.search(passage.text)
    if " " in title or not re.match(rf"{re.escape(title)} (?:is|was|has|became)\b", sentence) or not is_name:
        return []
    return [Mention(0, len(title), title, "plain")]


def _stands_free(sentence: str, mention: Mention) -> bool:
    """Whether a mention is outside brackets, quotes and compounds, and the only one of its wording."""
    before, after = sentence[: mention.start], sentence[mention.end :]
    if before.count("(") > before.count(")") or re.search(r"[\"“‘'(/–-]$", before) or re.match(r"[\"”’'–/]|-[A-Z0-9]|\s?\(", after):
        return False
    return len(re.findall(rf"(?<!\w){re.escape(mention.surface)}(?!\w)", sentence)) == 1
