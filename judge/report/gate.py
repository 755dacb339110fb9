"""The gate: whether a judge is good enough to ship, told by the rules in the section `gate` of params.yaml.

A rule bounds a figure of metrics/evaluation.json, or one end of its interval; others hold the figures against another revision.
What cannot be told is said so: a figure without a value or an interval, or from too few rows, neither passes nor fails.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple

from judge.errors import JudgeError, SettingsError
from judge.report.gate_settings import GateSettings, Rule
from judge.settings import Settings, check
from judge.tables import atomic, metric_files
from judge.tables.metric_files import Metrics

PARAMS = Path("params.yaml")
LOWER_IS_BETTER = ("mae", "brier", "ece")
# A script reads these: nothing but a full pass is 0.
EXIT_CODES = {"pass": 0, "fail": 1, "cannot tell": 2}

Outcome = Literal["pass", "fail", "cannot tell"]
_UNDECIDED: Outcome = "cannot tell"


class _Section(Settings):
    """The part of params.yaml that is read here; it gives a fault its full key."""

    gate: GateSettings


class Found(NamedTuple):
    """A figure, or a difference of two: its interval, why one of them is missing (`paired.REASONS`), and the rows behind it."""

    value: float | None
    low: float | None
    high: float | None
    reason: str | None
    rows: int


class Verdict(NamedTuple):
    """What one rule comes to: `bound` is the number that decides (0 for a difference), `why` says why nothing can be told."""

    figure: str
    rule: str
    bound: float
    found: Found
    outcome: Outcome
    why: str = ""


NOTHING = Found(None, None, None, None, 0)
Compare = Callable[[str, Sequence[str]], Mapping[str, Found]]
"""The figures here less those of a revision, on the rows that both have; a JudgeError where the revision cannot be read."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--base", metavar="REV", help="hold the figures against this git revision or experiment, instead of gate.base")
    parser.add_argument("--json", metavar="FILE", help="write the verdicts to FILE; - prints them instead of the table")


def command(given: argparse.Namespace) -> int:
    """Print the verdicts; exit code 0 when all rules pass, 1 when one fails, 2 when none fails and one cannot be told.

    Raises:
        SettingsError: the section `gate` of params.yaml cannot be used.
        TableError: metrics/evaluation.json cannot be read.
    """
    settings = read_settings()
    if given.base is not None:
        settings = settings.model_copy(update={"base": given.base})
    verdicts = decide(settings, metric_files.read(metric_files.EVALUATION), compare_with)
    document = json.dumps(as_json(verdicts, settings.base), indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(document if given.json == "-" else as_text(verdicts))
    if given.json not in (None, "-"):
        atomic.write_text(Path(given.json), document)
    return EXIT_CODES[overall(verdicts)]


def read_settings() -> GateSettings:
    """The section `gate` of params.yaml.

    Raises:
        SettingsError: the file is missing or no YAML, or the section is missing or has a bad value; every fault has a line.
    """
    import yaml

    try:
        params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no {PARAMS} here.\nNext: run this in the project's top folder.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{PARAMS} is no valid YAML: {error}") from None
    return check(_Section, {"gate": params["gate"]} if isinstance(params, dict) and "gate" in params else {}).gate


def decide(settings: GateSettings, figures: Metrics, compare: Compare) -> list[Verdict]:
    """A verdict for each rule, and for each figure of `not_worse` where there is a base.

    Args:
        settings: the rules.
        figures: what metrics/evaluation.json holds.
        compare: asked once, and only where there is a base; where it raises a JudgeError, the other rules are still decided.
    """
    verdicts = [_bounded(rule, figures, rule.minimum_rows or settings.minimum_rows) for rule in settings.rules]
    if settings.base is None:
        return verdicts
    differences: Mapping[str, Found] = {}
    unreadable = ""
    try:
        differences = compare(settings.base, settings.not_worse)
    except JudgeError as error:
        unreadable = str(error)
    for name in settings.not_worse:
        difference = differences.get(name)
        outcome, why = _compared(name, difference, settings.minimum_rows) if difference else (_UNDECIDED, unreadable)
        verdicts.append(Verdict(name, f"not worse than {settings.base}", 0.0, difference or NOTHING, outcome, why))
    return verdicts


def compare_with(base: str, names: Sequence[str]) -> Mapping[str, Found]:
    """The figures of the workspace less those of a revision, by document, on the answers that both have judged.

    Raises:
        JudgeError: one of the two cannot be read.
    """
    # Loaded only here: they bring numpy and DVC, and stages.validate reads the settings above.
    from judge.report import paired, revisions

    there, here = revisions.read([base, revisions.WORKSPACE])
    found = paired.paired(there, here, sorted(there.answers.keys() & here.answers.keys()))
    figures = {f"student.{name}": figure for name, figure in found.figures.items()}
    return {
        name: Found(figures[name].difference, figures[name].low, figures[name].high, figures[name].reason, found.rows) for name in names
    }


def overall(verdicts: Sequence[Verdict]) -> Outcome:
    """Fail where a rule fails, even beside one that cannot be told; pass only where all pass."""
    outcomes = {verdict.outcome for verdict in verdicts}
    return "fail" if "fail" in outcomes else "cannot tell" if "cannot tell" in outcomes else "pass"


def look_up(figures: Metrics, name: str) -> Found | None:
    """A figure of metrics/evaluation.json with its interval and its rows; None where there is no such figure."""
    if name not in _names(figures):
        return None
    value, rows = _number(figures[name]), _number(figures.get("test.n"))
    if f"{name}_low" not in figures:
        # A count or a share of failures has no interval, and is of all the test rows.
        return Found(value, None, None, None, int(rows or 0))
    parts = name.split(".")
    # The answers or statements that a figure is of are counted beside it; of the AUROC of a kind of statement it is the false ones.
    beside = [name.replace(".auroc.", ".n."), *(".".join([*parts[:size], "n"]) for size in range(len(parts) - 1, 0, -1))]
    rows = next((_number(figures[key]) for key in beside if key != name and key in figures), rows)
    reason = figures.get(f"{name}_reason")
    low, high = _number(figures[f"{name}_low"]), _number(figures.get(f"{name}_high"))
    return Found(value, low, high, str(reason) if reason else None, int(rows or 0))


def as_text(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as an aligned table, the reasons why some cannot be told, and one closing line."""
    reasons = list(dict.fromkeys(verdict.why for verdict in verdicts if verdict.why))
    rows = [("figure", "rule", "found", "interval", "n", "verdict")]
    for each in verdicts:
        note = f" ({reasons.index(each.why) + 1})" if each.why else ""
        low, high = _shown(each.found.low, each.bound), _shown(each.found.high, each.bound)
        interval = "" if each.found.low is None else f"[{low}, {high}]"
        rows.append(
            (each.figure, each.rule, _shown(each.found.value, each.bound), interval, str(each.found.rows or "–"), each.outcome + note)
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"({number}) {reason}" for number, reason in enumerate(reasons, start=1)]
    count = {outcome: sum(verdict.outcome == outcome for verdict in verdicts) for outcome in EXIT_CODES}
    tally = f"{count['pass']} of {len(verdicts)} rules hold, {count['fail']} failed, {count['cannot tell']} cannot be told"
    return "\n".join([*lines, "", f"Gate: {overall(verdicts)}. {tally}."]) + "\n"


def as_json(verdicts: Sequence[Verdict], base: str | None) -> dict[str, Any]:
    """The verdicts for a script: `verdict` and `exit_code` of them all, then one object a rule; an unknown number is null."""
    rules = [
        {"figure": each.figure, "rule": each.rule, "verdict": each.outcome, "why": each.why or None, **each.found._asdict()}
        for each in verdicts
    ]
    return {"verdict": overall(verdicts), "exit_code": EXIT_CODES[overall(verdicts)], "base": base, "rules": rules}


def _bounded(rule: Rule, figures: Metrics, minimum_rows: int) -> Verdict:
    found = look_up(figures, rule.figure)
    if found is None:
        near = get_close_matches(rule.figure, _names(figures), n=3)
        why = f"{metric_files.EVALUATION} has no figure {rule.figure}" + (f"; near it are {', '.join(near)}" if near else "")
        return Verdict(rule.figure, str(rule), rule.bound, NOTHING, "cannot tell", why)
    number = {"low": found.low, "value": found.value, "high": found.high}[rule.end]
    why = _unknown(found, number, minimum_rows)
    outcome: Outcome = "cannot tell" if why or number is None else "pass" if rule.holds(number) else "fail"
    return Verdict(rule.figure, str(rule), rule.bound, found, outcome, why)


def _compared(name: str, difference: Found, minimum_rows: int) -> tuple[Outcome, str]:
    """Whether a difference lies wholly on the worse side of 0, and why that cannot be told."""
    lower_is_better = name.rpartition(".")[2] in LOWER_IS_BETTER
    # The end that the difference is worse than 0 beyond.
    end = difference.low if lower_is_better else difference.high
    if difference.reason == "no_spread" and difference.value == 0.0:
        # Two students that judge alike differ by 0 in every resample.
        end = 0.0
    why = _unknown(difference, end, minimum_rows)
    if why or end is None:
        return "cannot tell", why
    return ("fail" if (end > 0 if lower_is_better else end < 0) else "pass"), ""


def _unknown(found: Found, number: float | None, minimum_rows: int) -> str:
    """Why nothing can be told of a number; empty where something can."""
    if found.rows < minimum_rows:
        return f"n is below minimum_rows, {minimum_rows}"
    if number is not None:
        return ""
    if found.reason is None:
        return (
            "no number: the figure itself is missing" if found.value is None else "the figure has no interval; its rule needs `end: value`"
        )
    from judge.report.paired import REASONS

    return REASONS.get(found.reason, found.reason)


def _names(figures: Metrics) -> list[str]:
    """The figures there are: no ends of an interval, no reasons."""
    return [name for name in figures if not name.endswith(("_low", "_high", "_reason"))]


def _number(value: object) -> float | None:
    """A finite number, whole ones whole; None for all else."""
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _shown(number: float | None, bound: float) -> str:
    """A number to three places, or to as many as it takes to see on which side of the bound it lies."""
    if number is None:
        return "–"
    if isinstance(number, int):
        return str(number)
    digits = (f"{number:.{places}f}" for places in range(3, 13))
    return next((text for text in digits if (float(text) > bound, float(text) < bound) == (number > bound, number < bound)), repr(number))
