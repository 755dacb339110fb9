"""The distribution over the levels that the log-probabilities of a score's tokens hold.

A judge that writes 0.7 also had 0.6 and 0.8 in mind: the alternatives of each token of the score, times what was sampled
before it, are probabilities of other scores (G-Eval, Liu et al. 2023, weights the scores so). A server lists only the
likeliest alternatives, and not each of them is a grade, so at each token what can be used is scaled to a sum of 1.
"""

import math
import re
from collections.abc import Sequence

from judge.models import verdicts
from judge.models.choices import Token
from judge.models.verdicts import Verdict
from judge.tables import levels

_LEAD = re.compile(r"[^\w.,−-]*")
_WRITTEN = re.compile(r"(?P<number>(?P<whole>\d+)(?:[.,](?P<decimals>\d+))?|[.,](?P<only_decimals>\d+))(?P<rest>.*)", re.DOTALL)

# What may follow a score: no word; or a token that ends the reply, such as <|im_end|> and </s>.
_END = re.compile(r"[^\w/%]*(?:<[|/].*)?", re.DOTALL)


def distribution(tokens: Sequence[Token], lowest: float, highest: float) -> tuple[float, ...] | None:
    """The probabilities of the eleven levels.

    A value between two levels is shared between them. An alternative that begins a number whose end is not known, such as
    the 0 beside a sampled 1, is left out, and so is what is no grade.

    Args:
        tokens: of the whole reply, with natural-log probabilities.
        lowest: the lowest grade that was asked for.
        highest: the highest one.

    Returns:
        Eleven probabilities that sum to 1; None where the reply has no verdict, or no token of it has any mass.
    """
    text = "".join(token.text for token in tokens)
    verdict = verdicts.parse(text, lowest, highest)
    if not isinstance(verdict, Verdict):
        return None
    candidates = _candidates(tokens, text[verdict.start : verdict.end], verdict)
    shared = [(levels.interpolate(levels.from_scale(value, verdict.lowest, verdict.highest)), mass) for value, mass in candidates]
    return tuple(math.fsum(mass * own[level] for own, mass in shared) for level in range(len(levels.LEVELS))) if shared else None


def _candidates(tokens: Sequence[Token], sampled: str, verdict: Verdict) -> list[tuple[float, float]]:
    """Complete grades, as they are written, with their probabilities, which sum to 1; the same grade may come more than once."""
    grades: list[tuple[float, float]] = []
    position, reached = 0, 1.0
    for token in tokens:
        start, position = position, position + len(token.text)
        if position <= verdict.start:
            continue
        # The token after the number is looked at too: it says how likely the number was to go on.
        is_last = position > verdict.end or start >= verdict.end
        before = sampled[: max(0, start - verdict.start)]
        merges = any(re.search(r"\d\d", other) for other in token.alternatives)
        ends: list[tuple[float, float]] = []
        for other, logprob in token.alternatives.items():
            if other == token.text:
                continue
            value = _complete(before + (other if before else _LEAD.sub("", other, count=1)), sampled, verdict, merges=merges)
            if value is not None and verdict.lowest <= value <= verdict.highest:
                ends.append((value, math.exp(logprob)))
        goes_on = math.exp(token.logprob)
        usable = goes_on + math.fsum(mass for _, mass in ends)
        if usable <= 0.0:
            return []
        grades += [(value, reached * mass / usable) for value, mass in ends]
        reached *= goes_on / usable
        if is_last:
            break
    return [*grades, (verdicts.number(sampled), reached)]


def _complete(text: str, sampled: str, verdict: Verdict, *, merges: bool) -> float | None:
    """The grade that a text begins with, where no other grade can come of it.

    Args:
        text: what was sampled of the number so far, and an alternative after it.
        sampled: the number as it was sampled.
        verdict: its scale, as written.
        merges: whether the tokenizer is seen to take several digits as one token, so that a token of one is not the
            beginning of more.
    """
    match = _WRITTEN.match(text)
    if match is None:
        return None
    value, rest = verdicts.number(match["number"]), match["rest"]
    # Nothing that is left of the scale can follow: 1.0 of 1, 10 of 10.
    if value == verdict.highest:
        return value
    if rest:
        # A point may be the number's own; a word, a stroke or a per cent sign makes another verdict of it, such as 7 out of 10.
        return value if rest not in (".", ",") and _END.fullmatch(rest) else None
    written = _WRITTEN.match(sampled)
    decimals, sampled_decimals = (one and (one["decimals"] or one["only_decimals"]) for one in (match, written))
    if decimals:
        # A digit more would change it by less than the sampled score's own last digit.
        return value if merges or len(decimals) >= len(sampled_decimals or "") else None
    # 8 beside a sampled 7 of 10 is a grade; 0 beside a sampled 1 of 1 is the beginning of 0.7; 1 may be that of 10.
    is_whole = not sampled_decimals and verdict.highest - verdict.lowest > 1.0
    return value if is_whole and (merges or value == 0.0 or value * 10 > verdict.highest) else None
