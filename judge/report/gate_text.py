"""What the gate decided, as a table for a terminal and as JSON for a script."""

from collections.abc import Sequence
from typing import Any

from judge.report.gate import EXIT_CODES, Decision, overall


def as_text(decisions: Sequence[Decision]) -> str:
    """The decisions as an aligned table, the reasons why some cannot be told, and one closing line."""
    reasons = list(dict.fromkeys(decision.why for decision in decisions if decision.why))
    rows = [("figure", "rule", "found", "interval", "n", "verdict")]
    for each in decisions:
        note = f" ({reasons.index(each.why) + 1})" if each.why else ""
        low, high = _shown(each.estimate.low, each.bound), _shown(each.estimate.high, each.bound)
        interval = "" if each.estimate.low is None else f"[{low}, {high}]"
        rows.append(
            (each.figure, each.rule, _shown(each.estimate.value, each.bound), interval, str(each.estimate.n or "–"), each.outcome + note)
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"({number}) {reason}" for number, reason in enumerate(reasons, start=1)]
    count = {outcome: sum(decision.outcome == outcome for decision in decisions) for outcome in EXIT_CODES}
    tally = f"{count['pass']} of {len(decisions)} rules hold, {count['fail']} failed, {count['cannot tell']} cannot be told"
    return "\n".join([*lines, "", f"Gate: {overall(decisions)}. {tally}."]) + "\n"


def as_json(decisions: Sequence[Decision], base: str | None) -> dict[str, Any]:
    """The decisions for a script: `verdict` and `exit_code` of them all, then one object a rule; an unknown number is null."""
    rules = []
    for each in decisions:
        numbers = each.estimate._asdict()
        rows = numbers.pop("n") or 0
        rules.append({"figure": each.figure, "rule": each.rule, "verdict": each.outcome, "why": each.why or None, **numbers, "rows": rows})
    return {"verdict": overall(decisions), "exit_code": EXIT_CODES[overall(decisions)], "base": base, "rules": rules}


def _shown(number: float | None, bound: float) -> str:
    """A number to three places, or to as many as it takes to see on which side of the bound it lies."""
    if number is None:
        return "–"
    if isinstance(number, int):
        return str(number)
    digits = (f"{number:.{places}f}" for places in range(3, 13))
    return next((text for text in digits if (float(text) > bound, float(text) < bound) == (number > bound, number < bound)), repr(number))
