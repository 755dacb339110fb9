"""Non-inferiority: what of a difference to the base passes, fails, or cannot be told."""

import pytest

from judge.evaluation.figures import Estimate
from judge.report import gate
from judge.report.gate import Decision, Difference
from tests.report.gate_by_hand import ESTIMATES, settings


def compared(estimate: Estimate, figure: str = "student.kappa", unknown: str = "") -> Decision:
    """The decision on a difference to the base, which may be worse by 0.1."""
    section = settings(base="main", not_worse=[{"figure": figure, "margin": 0.1}])
    return gate.decide(section, ESTIMATES, lambda _base, _rules: {figure: Difference(estimate, unknown)})[-1]


def between(low: float, high: float) -> Estimate:
    """A difference of 183 rows with this interval."""
    return Estimate((low + high) / 2, low, high, 183, None)


@pytest.mark.parametrize(
    ("figure", "low", "high", "expected"),
    [
        ("student.kappa", -0.1, 0.2, "pass"),
        ("student.kappa", -0.1001, 0.2, "cannot tell"),
        ("student.kappa", -0.3, 0.0, "cannot tell"),
        ("student.kappa", -0.3, -0.0001, "fail"),
        ("student.kappa", -0.09, -0.01, "pass"),
        ("student.kappa", 0.1, 0.3, "pass"),
        ("student.mae", -0.2, 0.1, "pass"),
        ("student.mae", -0.2, 0.1001, "cannot tell"),
        ("student.mae", 0.0, 0.3, "cannot tell"),
        ("student.mae", 0.0001, 0.3, "fail"),
        ("student.mae", 0.01, 0.09, "pass"),
        ("student.mae", -0.3, -0.1, "pass"),
    ],
)
def test_the_worse_end_has_to_lie_within_the_margin(figure: str, low: float, high: float, expected: str) -> None:
    """Within it is a pass, even where a small loss is certain; a loss that is certain and may be larger fails; the rest is not told."""
    assert expected == compared(between(low, high), figure).outcome


def test_a_wide_interval_is_told_what_narrows_it() -> None:
    """Where neither a loss nor its absence is shown, the command that says how many rows it takes is named."""
    assert "`judge gate --power`" in compared(between(-0.3, 0.1)).why


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-0.05, 0.05, "cannot tell"), (0.1, 0.3, "cannot tell"), (-0.3, -0.05, "cannot tell"), (-0.3, -0.11, "fail")],
)
def test_without_the_spread_over_seeds_only_a_loss_beyond_the_margin_is_decided(low: float, high: float, expected: str) -> None:
    """An interval over documents alone is too narrow, and would find losses and show margins that are the luck of a seed."""
    assert expected == compared(between(low, high), unknown="not known of main").outcome


def test_it_is_said_whose_spread_is_not_known() -> None:
    """The reason names the side."""
    assert compared(between(-0.05, 0.05), unknown="not known of main").why == "not known of main"


@pytest.mark.parametrize("unknown", ["", "not known of main"])
def test_a_student_that_judges_alike_is_not_worse(unknown: str) -> None:
    """The same judgments differ by 0 in every resample, which needs neither an interval nor a spread over seeds."""
    assert compared(Estimate(0.0, None, None, 183, "no_spread"), unknown=unknown).outcome == "pass"


@pytest.mark.parametrize(
    "estimate",
    [
        Estimate(-0.2, None, None, 183, "few_documents"),
        Estimate(-0.2, None, None, 183, "no_spread"),
        Estimate(None, None, None, 183, "undefined"),
        Estimate(-0.2, -0.3, -0.1, 99, None),
        Estimate(0.0, None, None, 99, "no_spread"),
    ],
)
def test_a_difference_without_ground_decides_nothing(estimate: Estimate) -> None:
    """No interval, or too few rows that both revisions have."""
    assert compared(estimate).outcome == "cannot tell"


def test_the_rule_is_shown_with_its_margin_and_its_base() -> None:
    """The table says what was asked: how much worse than what."""
    decision = compared(between(-0.05, 0.05))
    assert ("at most 0.1 worse than main", -0.1) == (decision.rule, decision.bound)
