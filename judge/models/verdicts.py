"""Read the grade in a judge's reply: the last verdict wins, and a number of the rationale is none.

Judges write "Score: 0.7", "**Rating**: 8/10", "[RESULT] 4", {"score": 0.8}, "[[0.8]]", or a number on a line of its own.
A labelled or bracketed number is a verdict wherever it stands; where there is none, a number that has a line to itself;
where there is none of these, "a score of 0.7" within a sentence.
"""

import re
from dataclasses import dataclass

from judge.tables.levels import Reason

_NUMBER = (
    # Not a part of a longer number, such as a date or a version.
    r"(?P<number>[-−]?(?:\d+(?:[.,]\d+)?|[.,]\d+))(?!\d)(?![.,]\d)"
    # What the grade is out of.
    r"(?:\s*(?:/|out\s+of)\s*(?P<of>\d+(?:\.\d+)?)|\s?(?P<percent>%|per\s?cent\b))?"
    # 3rd is a word; 0.6-0.7 is a range and 0.5 + 0.3 a calculation, so neither is a verdict.
    r"(?![\w%])(?!\s*/\s*\d|[-–—]\.?\d|\s+(?:to|\+|\*|×)\s+\.?\d)"
)
# Of a bounded length, so that no reply can make the search slow.
_MARKUP = r"[\s\"'“”*_`~≈$|\[\](){}<>\\]{0,20}"
_ABOUT = r"(?:(?:about|around|approximately|roughly|exactly|only|just|an?)\s+)?"
# "The highest possible score is 1" says nothing of this answer.
_BOUND = r"(?P<bound>\b(?:max\w*|min\w*|highest|lowest|perfect|full|top|best|worst|possible)\s+(?:possible\s+)?)?"
_LABEL = r"(?<![^\W_])(?:score|rating|grade|verdict|final\s+(?:answer|judge?ment)|overall\s+judge?ment)(?![^\W_])"
_SEPARATOR = (
    # A colon, after at most a few words as in "Score for the answer (0 to 1):", and perhaps a calculation with its result.
    r"(?:[^:：=\n]{0,60}[:：=](?:[\d.,+*/×()\s-]*=)?"
    rf"|{_MARKUP}\s(?:-|–|—|->|→|is|was)\s"
    # "<score>0.7", "| Score | 0.7 |", "Score 0.7"; but "grade 5" is a year at school.
    r"|(?<!grade)(?=[\s*_`\])>|]))"
)
_LABELLED = rf"(?:{_BOUND}{_LABEL}{_SEPARATOR}|\[\[|\[RESULT\]|\\boxed\{{){_MARKUP}+{_ABOUT}{_MARKUP}+{_NUMBER}"
_ALONE = rf"^[ \t\"'*_`~≈$(\[{{>#-]{{0,20}}?{_NUMBER}[ \t\"'*_`$)\]}}.!]{{0,20}}$"
_VERB = r"(?:scor(?:e|es|ed|ing)|rat(?:e|es|ed|ing)|grad(?:e|es|ed)|giv(?:e|es|ing)|gave|assign(?:s|ed)?|award(?:s|ed)?)"
_WITHIN = (
    rf"(?:{_BOUND}\b{_VERB}\s+(?:(?:of|at|as|it|this|the|answer|response)\s+)+"
    r"|\b(?:scores|scored|rated)\s+"
    # As the last word of a line, as in "Mostly right: 8/10."
    rf"|(?<![\w/.,])(?=[\d.,]+\s?/\s?(?:1|5|10|100)[.!)*]{{0,5}}\s?$)){_ABOUT}{_MARKUP}+{_NUMBER}"
)
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in (_LABELLED, _ALONE, _WITHIN))
_EDGES = " \t\n\"'“”*_`~≈$|[](){}<>#.,;"


@dataclass(frozen=True)
class Verdict:
    """A grade and where it stands.

    Attributes:
        value: the grade, on the scale that was asked for.
        start: where its number begins in the reply, a character offset.
        end: where its number ends; a denominator or a per cent sign comes after.
        rationale: what else the reply says; None where it says nothing else.
        lowest: the lower end of the scale that the number is written on: the asked one, or 0 where a denominator is stated.
        highest: the upper end of that scale: the asked one, the denominator, or 100 for per cent.
    """

    value: float
    start: int
    end: int
    rationale: str | None
    lowest: float
    highest: float


def parse(text: str, lowest: float, highest: float) -> Verdict | Reason:
    """The last verdict of a reply, or why there is none.

    Args:
        text: the reply.
        lowest: the lowest grade that was asked for.
        highest: the highest one; a number without a denominator or per cent sign is on this scale.

    Returns:
        A Verdict; `no_verdict` where no number is given as one; `out_of_range` where the last one lies outside its scale.
    """
    for pattern in _PATTERNS:
        matches = [match for match in pattern.finditer(text) if not match.groupdict().get("bound")]
        if matches:
            return _read(text, matches[-1], lowest, highest)
    return "no_verdict"


def number(written: str) -> float:
    """The value of a number as judges write it: with a point or a comma, with or without a digit before it."""
    return float(written.replace(",", ".").replace("−", "-"))


def _read(text: str, match: re.Match[str], lowest: float, highest: float) -> Verdict | Reason:
    value, out_of = number(match["number"]), match["of"]
    bottom, top = lowest, highest
    if match["percent"]:
        bottom, top = 0.0, 100.0
    elif out_of is not None and float(out_of) not in (0.0, highest):
        bottom, top = 0.0, float(out_of)
    if not bottom <= value <= top:
        return "out_of_range"
    if (bottom, top) != (lowest, highest):
        value = lowest + (value - bottom) / (top - bottom) * (highest - lowest)
    before, after = text[: match.start()].rstrip(_EDGES.replace(".", "")).lstrip(), text[match.end() :].lstrip(_EDGES).rstrip()
    rationale = "\n".join(part for part in (before, after) if re.search(r"\w", part))
    return Verdict(value, *match.span("number"), rationale or None, bottom, top)
