"""The gate: whether a judge is good enough to ship, told by the rules in the section `gate` of params.yaml.

A rule bounds a figure of metrics/figures.csv, or one end of its interval; others hold the figures against another revision.
What cannot be told is said so: a figure without a value or an interval, or from too few rows, neither passes nor fails.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple

from judge.errors import JudgeError
from judge.evaluation import figures
from judge.evaluation.figures import FIGURES, Estimate
from judge.report.gate_settings import COMPARED, GateSettings, Rule

# A script reads these: nothing but a full pass is 0.
EXIT_CODES = {"pass": 0, "fail": 1, "cannot tell": 2}

Outcome = Literal["pass", "fail", "cannot tell"]
_UNDECIDED: Outcome = "cannot tell"


class Decision(NamedTuple):
    """What one rule comes to: `bound` is the number that decides (0 for a difference), `why` says why nothing can be told."""

    figure: str
    rule: str
    bound: float
    estimate: Estimate
    outcome: Outcome
    why: str = ""


NOTHING = Estimate(None, None, None, None, None)
Compare = Callable[[str, Sequence[str]], Mapping[str, Estimate]]
"""The figures here less those of a revision, on the rows that both have; a JudgeError where the revision cannot be read."""


def decide(settings: GateSettings, estimates: Mapping[str, Estimate], compare: Compare) -> list[Decision]:
    """A decision for each rule, and for each figure of `not_worse` where there is a base.

    Args:
        settings: the rules.
        estimates: what metrics/figures.csv holds, by name (`figures.named`).
        compare: asked once, and only where there is a base; where it raises a JudgeError, the other rules are still decided.
    """
    decisions = [_bounded(rule, estimates, rule.minimum_rows or settings.minimum_rows) for rule in settings.rules]
    if settings.base is None:
        return decisions
    differences: Mapping[str, Estimate] = {}
    unreadable = ""
    try:
        differences = compare(settings.base, settings.not_worse)
    except JudgeError as error:
        unreadable = str(error)
    for name in settings.not_worse:
        difference = differences.get(name)
        outcome, why = _compared(name, difference, settings.minimum_rows) if difference else (_UNDECIDED, unreadable)
        decisions.append(Decision(name, f"not worse than {settings.base}", 0.0, difference or NOTHING, outcome, why))
    return decisions


def compare_with(base: str, names: Sequence[str]) -> Mapping[str, Estimate]:
    """The figures of the workspace less those of a revision, by document, on the answers that both have judged.

    Raises:
        JudgeError: one of the two cannot be read, or its tables cannot be had.
    """
    # Loaded only here: they bring numpy and DVC, and stages.validate reads the settings above.
    from judge.report import paired, revisions
    from judge.report.commits import WORKSPACE, RevisionError

    there, here = revisions.read([base, WORKSPACE])
    if lacks := list(dict.fromkeys([*there.lacks, *here.lacks])):
        raise RevisionError("\n".join(lacks))
    pairs = paired.paired(there, here, sorted(there.answers.keys() & here.answers.keys()))
    differences = {name: pairs.figures[COMPARED[name]] for name in names}
    return {name: Estimate(it.difference, it.low, it.high, pairs.rows, it.reason) for name, it in differences.items()}


def overall(decisions: Sequence[Decision]) -> Outcome:
    """Fail where a rule fails, even beside one that cannot be told; pass only where all pass."""
    outcomes = {decision.outcome for decision in decisions}
    return "fail" if "fail" in outcomes else "cannot tell" if "cannot tell" in outcomes else "pass"


def _bounded(rule: Rule, estimates: Mapping[str, Estimate], minimum_rows: int) -> Decision:
    estimate = estimates.get(rule.figure)
    if estimate is None:
        near = get_close_matches(rule.figure, estimates, n=3)
        why = f"{figures.FIGURES_CSV} has no figure {rule.figure}" + (f"; near it are {', '.join(near)}" if near else "")
        return Decision(rule.figure, str(rule), rule.bound, NOTHING, "cannot tell", why)
    number = {"low": estimate.low, "value": estimate.value, "high": estimate.high}[rule.end]
    why = _unknown(estimate, number, minimum_rows)
    outcome: Outcome = "cannot tell" if why or number is None else "pass" if rule.holds(number) else "fail"
    return Decision(rule.figure, str(rule), rule.bound, estimate, outcome, why)


def _compared(name: str, difference: Estimate, minimum_rows: int) -> tuple[Outcome, str]:
    """Whether a difference lies wholly on the worse side of 0, and why that cannot be told."""
    lower_is_better = FIGURES[COMPARED[name]].lower_is_better
    # The end that the difference is worse than 0 beyond.
    end = difference.low if lower_is_better else difference.high
    if difference.reason == "no_spread" and difference.value == 0.0:
        # Two students that judge alike differ by 0 in every resample.
        end = 0.0
    why = _unknown(difference, end, minimum_rows)
    if why or end is None:
        return "cannot tell", why
    return ("fail" if (end > 0 if lower_is_better else end < 0) else "pass"), ""


def _unknown(estimate: Estimate, number: float | None, minimum_rows: int) -> str:
    """Why nothing can be told of a number; empty where something can."""
    if (estimate.n or 0) < minimum_rows:
        return f"n is below minimum_rows, {minimum_rows}"
    if number is not None:
        return ""
    if estimate.reason is None:
        missing = estimate.value is None
        return "no number: the figure itself is missing" if missing else "the figure has no interval; its rule needs `end: value`"
    from judge.report.paired import REASONS

    return REASONS.get(estimate.reason, estimate.reason)
