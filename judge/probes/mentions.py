"""Find sentences, names and numbers in English prose, by their spelling alone.

Rules of spelling rather than a trained tagger: nothing to download, the same spans on every machine.
They miss some mentions; those that they find are what statements are built from and what features count.
"""

import re
from dataclasses import dataclass

_ABBREVIATION = re.compile(
    r"mr|mrs|ms|dr|prof|st|sr|jr|no|vol|vs|lit|ca|cf|e\.g|i\.e|etc|approx|gen|col|lt|capt|sgt|rev|fl|u\.s|u\.k|\w",
)
_BOUNDARY = re.compile(r"(?<=[.!?])[\"”’')]*\s+(?=[\"“‘(]*[A-Z0-9])")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*")
_CONNECTORS = frozenset({"of", "the", "de", "von", "van", "der", "la", "le", "du", "di", "al", "bin"})
# Words that a sentence may start with in a capital without naming anything.
_OPENER = re.compile(
    r"an?|the|this|that|these|those|it|its|he|his|she|her|they|their|there|we|our|you|i|in|on|at|by|for|from|to|of|with|as|"
    r"and|but|or|if|when|while|where|since|after|before|during|until|although|though|because|however|also|some|many|most|"
    r"more|all|both|each|every|one|two|three|four|five|such|as|other|another|unlike|like|under|over|between|among|through|"
    r"within|according|despite|due|not|no|so|then|thus|hence|here|today|later|examples",
)
_MONTH = re.compile(
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday",
)
_DEMONYM = re.compile(r"(?:[a-z]{2}an|ish|ese|[a-z]{2}ic|French|Greek|Dutch|Latin|German|Jewish|Arab)$")
# A bare number in brackets is a list's label; one joined to letters or by a dash is part of a name, a date or a range.
_NUMBER = re.compile(r"(?<![\w.,–-])(?<!\((?=\d\)))\d+(?:[.,]\d+)*(?:st|nd|rd|th|s)?(?![\w–-])(?![.,]\d)")
_SPELLED = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b",
)
_FIRST_YEAR, _LAST_YEAR, _LONGEST_MONTH = 1000, 2100, 31


@dataclass(frozen=True)
class Mention:
    """A name or a number in a text: `text[start:end]` is `surface`.

    `sort` tells which mentions can replace each other: "year", "month", "plain" and so on.
    """

    start: int
    end: int
    surface: str
    sort: str


def sentences(text: str) -> list[str]:
    """Split prose into sentences; abbreviations and initials do not end one."""
    pieces: list[str] = []
    start = 0
    for boundary in _BOUNDARY.finditer(text):
        last_word = text[start : boundary.start()].rsplit(maxsplit=1)[-1].lstrip('("“‘').rstrip(".").lower()
        if text[boundary.start() - 1] == "." and _ABBREVIATION.fullmatch(last_word):
            continue
        pieces.append(text[start : boundary.end()].strip())
        start = boundary.end()
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def names(sentence: str) -> list[Mention]:
    """The names in a sentence, left to right: runs of capitalised words, joined by words such as "of" and "von".

    The sentence's first word has a capital anyway, so it counts only as the start of a name of several words.
    """
    runs: list[list[re.Match[str]]] = []
    for word in _WORD.finditer(sentence):
        surface = word.group()
        if not surface[0].isupper() and surface not in _CONNECTORS:
            continue
        if runs and sentence[runs[-1][-1].end() : word.start()] == " ":
            runs[-1].append(word)
        elif surface[0].isupper():
            runs.append([word])
    return [mention for run in runs if (mention := _name(sentence, run)) is not None]


def numbers(sentence: str) -> list[Mention]:
    """The numbers in a sentence, left to right: in digits ("1,200", "19th", "1960s") or spelled out from "two" on."""
    mentions = [Mention(m.start(), m.end(), m.group(), _sort_of_number(m.group())) for m in _NUMBER.finditer(sentence)]
    mentions += [Mention(m.start(), m.end(), m.group(), "spelled") for m in _SPELLED.finditer(sentence)]
    return sorted(mentions, key=lambda mention: mention.start)


def _name(sentence: str, run: list[re.Match[str]]) -> Mention | None:
    words = list(run)
    while not words[-1].group()[0].isupper():
        words.pop()
    before = sentence[: words[0].start()].rstrip('"“‘( ')
    opens = not before or before.endswith(":")
    if opens and _OPENER.fullmatch(words[0].group().lower()):
        words.pop(0)
        opens = False
    if not words or (opens and len(words) == 1):
        return None
    start, end = words[0].start(), words[-1].end()
    surface = re.sub(r"['’]s$", "", sentence[start:end])
    # A lone initial or numeral names nothing.
    if len(surface) < 2 or re.fullmatch(r"[IVXLC]+", surface):
        return None
    return Mention(start, start + len(surface), surface, _sort_of_name(surface))


def _sort_of_name(surface: str) -> str:
    if _MONTH.fullmatch(surface.lower()):
        return "month"
    if surface.isupper():
        return "acronym"
    if " " not in surface and _DEMONYM.search(surface):
        return "demonym"
    return "plain"


def _sort_of_number(surface: str) -> str:
    suffix = surface.lstrip("0123456789.,")
    if suffix:
        return suffix
    if "." in surface:
        return "decimal"
    if "," in surface:
        return "grouped"
    if len(surface) == len(str(_FIRST_YEAR)) and _FIRST_YEAR <= int(surface) <= _LAST_YEAR:
        return "year"
    # Python turns no number of thousands of digits into an integer.
    digits = surface.lstrip("0") or "0"
    return "small" if len(digits) <= len(str(_LONGEST_MONTH)) and int(digits) <= _LONGEST_MONTH else "count"
