"""What the gate decided, and what it could show, as a table for a terminal and as JSON for a script."""

from collections.abc import Sequence
from typing import Any

from judge.report.gate import EXIT_CODES, Decision, overall
from judge.report.gate_power import CHANCE, Basis, Power, powers
from judge.report.gate_settings import GateSettings


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
    lines = _aligned(rows)
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


def power_as_text(settings: GateSettings, basis: Basis) -> str:
    """For each rule of `not_worse` the loss that would be found, and what the margin needs."""
    by_figure = {power.rule.figure: power for power in powers(settings, basis)}
    rows = [("figure", "margin", f"loss found with {CHANCE:.0%}", f"an equal judge passes with {CHANCE:.0%} from")]
    for rule in settings.not_worse:
        power = by_figure.get(rule.figure)
        found = f"{power.loss:.4f}" if power else "–"
        rows.append((rule.figure, f"{rule.margin:.12g}", found, _needed(power) if power else "no interval to tell it from"))
    lines = _aligned(rows)
    lines += ["", f"Taken from {basis.words}: {basis.rows} rows of {basis.documents} documents, {basis.confidence:.0%} intervals."]
    lines += [basis.remark] if basis.remark else []
    if any(not power.spread_known for power in by_figure.values()):
        lines.append(
            "The spread over training seeds is not known, so these are of the documents alone, and the gate would pass no difference."
        )
    return "\n".join(lines) + "\n"


def power_as_json(settings: GateSettings, basis: Basis) -> dict[str, Any]:
    """The same for a script: `rows` and `documents` of a rule are null where no number is enough; one without an interval is left out."""
    told = [
        {
            "figure": power.rule.figure,
            "margin": power.rule.margin,
            "loss_found": power.loss,
            "rows": power.rows,
            "documents": power.documents,
            "margin_for_seeds_alone": power.seeds_alone,
            "seed_spread_known": power.spread_known,
        }
        for power in powers(settings, basis)
    ]
    now = {"taken_from": basis.words, "rows": basis.rows, "documents": basis.documents, "confidence": basis.confidence, "chance": CHANCE}
    return now | {"rules": told}


def _needed(power: Power) -> str:
    if power.rows is None:
        return f"no number of rows: the training seed alone needs a margin of {power.seeds_alone:.4f}"
    return f"{power.rows} rows of {power.documents} documents"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _shown(number: float | None, bound: float) -> str:
    """A number to three places, or to as many as it takes to see on which side of the bound it lies."""
    if number is None:
        return "–"
    if isinstance(number, int):
        return str(number)
    digits = (f"{number:.{places}f}" for places in range(3, 13))
    return next((text for text in digits if (float(text) > bound, float(text) < bound) == (number > bound, number < bound)), repr(number))
