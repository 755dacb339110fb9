"""The gate: whether a judge is good enough to ship, told by the rules in the section `gate` of params.yaml.

A rule bounds a figure of metrics/figures.csv, or one end of its interval; others hold the figures against another revision.
What cannot be told is said so: a figure without a value or an interval, or from too few rows, neither passes nor fails.

A rule of `not_worse` asks for non-inferiority: that no significant loss was found shows little on a small test set, so the loss has to
be shown to be smaller than a margin (Blackwelder, "Proving the null hypothesis in clinical trials", Controlled Clinical Trials 3, 1982).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple

from judge.errors import JudgeError
from judge.evaluation import figures, label_plan
from judge.evaluation.figures import Estimate
from judge.report.gate_settings import GateSettings, NotWorse, Rule

# A script reads these: nothing but a full pass is 0.
EXIT_CODES = {"pass": 0, "fail": 1, "cannot tell": 2}

Outcome = Literal["pass", "fail", "cannot tell"]
_UNDECIDED: Outcome = "cannot tell"


class Decision(NamedTuple):
    """What one rule comes to: `bound` is the number that decides (the margin for a difference), `why` says why nothing can be told."""

    figure: str
    rule: str
    bound: float
    estimate: Estimate
    outcome: Outcome
    why: str = ""


_OF_SEVERAL_PEOPLE = re.compile(r"ceiling|alpha|winning_rate|advantage")
_TOO_WIDE = "no loss is shown, and none within the margin either; `judge gate --power` says how many rows that takes"
NOTHING = Estimate(None, None, None, None, None)


class Difference(NamedTuple):
    """A figure here less that of the base, on the rows that both have.

    Its interval holds documents and training seed; where the spread over seeds is not known, the documents alone, and
    `spread_unknown` says of which side.
    """

    estimate: Estimate
    spread_unknown: str = ""


Compare = Callable[[str, Sequence[NotWorse]], Mapping[str, Difference]]
"""The figures here less those of a revision, by the name that a rule spells; a JudgeError where the revision cannot be read."""


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
    differences: Mapping[str, Difference] = {}
    unreadable = ""
    try:
        differences = compare(settings.base, settings.not_worse)
    except JudgeError as error:
        unreadable = f"nothing is held against {settings.base}: {error}"
    for rule in settings.not_worse:
        difference = differences.get(rule.figure)
        outcome, why = _compared(rule, difference, settings.minimum_rows) if difference else (_UNDECIDED, unreadable)
        estimate = difference.estimate if difference else NOTHING
        text = f"at most {rule.margin:.12g} worse than {settings.base}"
        bound = rule.margin if rule.lower_is_better else -rule.margin
        decisions.append(Decision(rule.figure, text, bound, estimate, outcome, why))
    return decisions


def overall(decisions: Sequence[Decision]) -> Outcome:
    """Fail where a rule fails, even beside one that cannot be told; pass only where all pass."""
    outcomes = {decision.outcome for decision in decisions}
    return "fail" if "fail" in outcomes else "cannot tell" if "cannot tell" in outcomes else "pass"


def _bounded(rule: Rule, estimates: Mapping[str, Estimate], minimum_rows: int) -> Decision:
    estimate = estimates.get(rule.figure)
    if estimate is None:
        return Decision(rule.figure, str(rule), rule.bound, NOTHING, "cannot tell", _absent(rule.figure, estimates, minimum_rows))
    number = {"low": estimate.low, "value": estimate.value, "high": estimate.high}[rule.end]
    if number is None and estimate.value is not None and rule.worse_end and not rule.holds(estimate.value):
        # An end that is not known, as that of a judge who always says no, is no better than a figure that breaks the bound itself.
        number = estimate.value
    why = _unknown(estimate, number, minimum_rows)
    if _of_people(rule.figure) and (estimate.n or 0) < minimum_rows:
        why = _missing(estimate.n or 0, minimum_rows, several=bool(_OF_SEVERAL_PEOPLE.search(rule.figure)))
    outcome: Outcome = "cannot tell" if why or number is None else "pass" if rule.holds(number) else "fail"
    if outcome == "fail" and _of_people(rule.figure):
        why = _more_labels(rule, estimate, estimates)
    return Decision(rule.figure, str(rule), rule.bound, estimate, outcome, why)


def _of_people(figure: str) -> bool:
    """Whether a figure comes from labels of people."""
    return {"human", "systems"} & set(figure.split(".")[:2]) != set()


def _absent(figure: str, estimates: Mapping[str, Estimate], minimum_rows: int) -> str:
    """Why there is no such figure: nobody was asked, or not several people about the same answers, or the name is none."""
    if _of_people(figure) and "human.n" not in estimates:
        return _missing(0, minimum_rows)
    if _OF_SEVERAL_PEOPLE.search(figure):
        return "it takes labels of several people on the same answers; `judge annotate --annotator NAME` asks another one"
    near = get_close_matches(figure, estimates, n=3)
    return f"{figures.FIGURES_CSV} has no figure {figure}" + (f"; near it are {', '.join(near)}" if near else "")


def _more_labels(rule: Rule, estimate: Estimate, estimates: Mapping[str, Estimate]) -> str:
    """How many more labels would show a figure of people that is itself good enough, as far as its interval tells; empty where none."""
    if rule.end != "low" or not rule.worse_end:
        return ""
    missing = label_plan.labels_missing(estimate, rule.bound)
    if not missing:
        return ""
    left = int((estimates.get("test.n", NOTHING).value or 0) - (estimate.n or 0))
    told = f"about {missing} more labels would show it, if people go on to agree as they do"
    return told if missing <= left else f"{told}; test has {left} answers left, so it takes more documents"


def _missing(labelled: int, minimum_rows: int, *, several: bool = False) -> str:
    if several and labelled:
        return (
            f"{labelled} answers of test are labelled by several people and {minimum_rows} are asked for: {minimum_rows - labelled} are "
            "missing; `judge annotate --annotator NAME` shows another person the same answers"
        )
    count = f"{labelled} answers of test are" if labelled else "no answer of test is"
    return f"{count} labelled by people and {minimum_rows} are asked for: {minimum_rows - labelled} are missing; `judge annotate` asks"


def _compared(rule: NotWorse, difference: Difference, minimum_rows: int) -> tuple[Outcome, str]:
    """Whether a loss is shown to be within the margin (pass), or to be a loss and not within it (fail), and why neither can be told."""
    estimate = difference.estimate
    alike = estimate.reason == "no_spread" and estimate.value == 0.0
    # Two students that judge alike differ by 0 in every resample.
    low, high = (0.0, 0.0) if alike else (estimate.low, estimate.high)
    why = _unknown(estimate, low, minimum_rows)
    if why or low is None or high is None:
        return "cannot tell", why
    largest_loss, smallest_loss = (high, low) if rule.lower_is_better else (-low, -high)
    if difference.spread_unknown and not alike:
        # A too narrow interval finds losses and shows margins too easily: it decides only where even its better end is beyond the margin.
        return ("fail", "") if smallest_loss > rule.margin else ("cannot tell", difference.spread_unknown)
    if largest_loss <= rule.margin:
        return "pass", ""
    return ("fail", "") if smallest_loss > 0 else ("cannot tell", _TOO_WIDE)


def _unknown(estimate: Estimate, number: float | None, minimum_rows: int) -> str:
    """Why nothing can be told of a number; empty where something can."""
    if (estimate.n or 0) < minimum_rows:
        return f"n is below minimum_rows, {minimum_rows}"
    if number is not None:
        return ""
    if estimate.reason is None:
        missing = estimate.value is None
        return "no number: the figure itself is missing" if missing else "the figure has no interval; its rule needs `end: value`"
    from judge.evaluation.bootstrap import REASONS

    return REASONS.get(estimate.reason, estimate.reason)
