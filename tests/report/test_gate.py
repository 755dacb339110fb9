"""The gate: what passes, what fails, what cannot be told, and the exit code of each."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from judge.errors import JudgeError, TableError
from judge.evaluation import figures
from judge.evaluation.bootstrap import REASONS
from judge.report import gate
from judge.report.gate import Decision, Difference
from judge.report.gate_settings import NotWorse
from tests.conftest import ROOT
from tests.report.gate_by_hand import ESTIMATES, FAILS, KAPPA, PASSES, ROWS, UNTOLD, no_base, prepare, run, settings


def decision_of(rule: dict[str, Any], **changes: Any) -> Decision:
    """The decision of one rule on the figures, with its own changed."""
    name = rule["figure"]
    changed = ESTIMATES | ({name: ESTIMATES[name]._replace(**changes)} if changes else {})
    (decision,) = gate.decide(settings(rule), changed, no_base)
    return decision


@pytest.mark.parametrize(("low", "expected"), [(0.5999, "fail"), (0.6, "pass"), (0.6001, "pass")])
def test_the_bound_itself_is_enough(low: float, expected: str) -> None:
    """At least 0.6 passes at 0.6, fails just below."""
    assert expected == decision_of(KAPPA, low=low).outcome


@pytest.mark.parametrize(("value", "expected"), [(0.0999, "pass"), (0.1, "pass"), (0.1001, "fail")])
def test_the_bound_itself_is_not_too_much(value: float, expected: str) -> None:
    """At most 0.1 passes at 0.1, fails just above."""
    assert expected == decision_of({"figure": "student.brier", "end": "value", "at_most": 0.1}, value=value).outcome


@pytest.mark.parametrize(("end", "expected"), [("low", "fail"), ("value", "pass"), ("high", "pass")])
def test_a_rule_looks_at_the_end_it_names(end: str, expected: str) -> None:
    """Of 0.8 [0.7, 0.9] only the lower end is below 0.75."""
    assert expected == decision_of({"figure": "student.kappa", "end": end, "at_least": 0.75}).outcome


def test_an_undefined_figure_decides_nothing() -> None:
    """No F1 is neither a good one nor a bad one, and the reason is told."""
    decision = decision_of(UNTOLD)
    assert ("cannot tell", REASONS["undefined"]) == (decision.outcome, decision.why)


def test_a_missing_interval_decides_nothing_about_its_end() -> None:
    """An AUROC of 1 without an interval has no lower end to hold against a bound."""
    decision = decision_of({"figure": "student.auroc", "end": "low", "at_least": 0.1})
    assert ("cannot tell", REASONS["no_spread"]) == (decision.outcome, decision.why)


@pytest.mark.parametrize(
    ("changes", "rule", "expected"),
    [
        ({"value": 0.0}, {"end": "low", "at_least": 0.6}, "fail"),
        ({"value": 1.0}, {"end": "high", "at_most": 0.9}, "fail"),
        ({"value": 0.5}, {"end": "low", "above": 0.5}, "fail"),
        ({"value": 1.0}, {"end": "low", "at_most": 0.9}, "cannot tell"),
        ({"value": 0.0, "n": 99}, {"end": "low", "at_least": 0.6}, "cannot tell"),
    ],
)
def test_an_end_that_is_not_known_is_no_better_than_the_figure(changes: dict[str, Any], rule: dict[str, Any], expected: str) -> None:
    """A judge who always says no has a kappa of 0 in every resample: that fails, though the lower end is not known."""
    assert expected == decision_of({"figure": "student.auroc", **rule}, **changes).outcome


@pytest.mark.parametrize(
    ("rule", "number", "expected"),
    [
        ({"above": 0.0}, 0.0, "fail"),
        ({"above": 0.0}, 0.0001, "pass"),
        ({"below": 0.0}, 0.0, "fail"),
        ({"below": 0.0}, -0.0001, "pass"),
    ],
)
def test_a_strict_bound_is_not_enough_itself(rule: dict[str, Any], number: float, expected: str) -> None:
    """To be above 0 takes more than 0, as a student needs who has to beat a baseline."""
    assert expected == decision_of({"figure": "student.kappa", "end": "low", **rule}, low=number).outcome


def test_a_missing_interval_leaves_the_figure_itself() -> None:
    """A rule for the value needs no interval."""
    assert decision_of({"figure": "student.auroc", "end": "value", "at_least": 0.9}).outcome == "pass"


def test_an_end_of_a_figure_that_never_has_one_is_told_how_to_ask() -> None:
    """A share of failures is counted, not estimated."""
    decision = decision_of({"figure": "teacher.failed_share", "end": "high", "at_most": 0.01})
    assert ("cannot tell", True) == (decision.outcome, "`end: value`" in decision.why)


def test_a_number_that_is_none_decides_nothing() -> None:
    """NaN compares false with everything, and must not pass for a failure."""
    table = figures.from_csv(figures.to_csv(figures.frame(ROWS)).replace("kappa,0.8,", "kappa,nan,"))
    (decision,) = gate.decide(settings({**KAPPA, "end": "value"}), figures.named(table), no_base)
    assert (None, "cannot tell") == (decision.estimate.value, decision.outcome)


@pytest.mark.parametrize(("rows", "expected"), [(99, "cannot tell"), (100, "pass")])
def test_too_few_rows_decide_nothing(rows: int, expected: str) -> None:
    """Below minimum_rows a figure that would pass is not believed."""
    assert expected == decision_of(PASSES, n=rows).outcome


def test_too_few_rows_do_not_fail_either() -> None:
    """Below minimum_rows a figure that would fail is not believed."""
    assert decision_of(FAILS, n=99).outcome == "cannot tell"


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("student.kappa", 180),
        ("student.by_generator.small.kappa", 60),
        ("probe.student.auroc.exchanged_names", 31),
        ("student.failed_share", 183),
        ("test.documents", 183),
    ],
)
def test_a_figure_comes_with_the_rows_it_is_of(figure: str, expected: int) -> None:
    """A generator's figure is of its own answers, a share of failures of all test answers."""
    assert expected == decision_of({"figure": figure, "end": "value", "at_least": 0.0}).estimate.n


def test_a_student_that_fails_everywhere_fails_the_rule_of_its_failures() -> None:
    """That no answer is left to measure agreement on does not hide that there is none."""
    rule = {"figure": "student.failed_share", "end": "value", "at_most": 0.01}
    assert decision_of(rule, value=1.0).outcome == "fail"


def test_a_rule_can_accept_fewer_rows() -> None:
    """31 statements are enough where a rule says so."""
    rule = {"figure": "probe.student.auroc.exchanged_names", "end": "low", "at_least": 0.7}
    assert ("cannot tell", "pass") == (decision_of(rule).outcome, decision_of({**rule, "minimum_rows": 30}).outcome)


@pytest.mark.parametrize("figure", ["student.kapa", "student.kappa_low", "student.f1_reason"])
def test_an_unknown_figure_lists_those_near_it(figure: str) -> None:
    """A typo cannot be told, and neither an end nor a reason is a figure."""
    decision = decision_of({"figure": figure, "end": "value", "at_least": 0.6})
    near = "student.f1" if "f1" in figure else "student.kappa"
    assert ("cannot tell", True) == (decision.outcome, f" {near}" in decision.why.partition("near it are")[2])


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([PASSES], "pass"),
        ([PASSES, UNTOLD], "cannot tell"),
        ([PASSES, FAILS], "fail"),
        ([UNTOLD, FAILS], "fail"),
    ],
)
def test_a_failure_outweighs_doubt_and_doubt_a_pass(rules: list[dict[str, Any]], expected: str) -> None:
    """What is known to be bad is not excused by what is unknown."""
    assert expected == gate.overall(gate.decide(settings(*rules), ESTIMATES, no_base))


def test_a_base_that_cannot_be_read_leaves_the_other_rules() -> None:
    """The comparison cannot be told, with what the reading said; the bounds still are."""

    def unreadable(base: str, rules: Sequence[NotWorse]) -> Mapping[str, Difference]:
        raise JudgeError(f"no {base}, so no {rules[0].figure}")

    decisions = gate.decide(settings(PASSES, FAILS, base="mian"), ESTIMATES, unreadable)
    expected = [("pass", ""), ("fail", ""), ("cannot tell", "nothing is held against mian: no mian, so no student.kappa")]
    assert expected == [(decision.outcome, decision.why) for decision in decisions]


@pytest.mark.usefixtures("workspace")
def test_missing_metrics_say_what_makes_them() -> None:
    """Before the pipeline ran there is nothing to tell."""
    prepare()
    figures.FIGURES_CSV.unlink()
    with pytest.raises(TableError, match="dvc repro"):
        run()


@pytest.mark.parametrize(
    ("rules", "words", "expected"),
    [
        ([PASSES], [], 0),
        ([FAILS], [], 1),
        ([UNTOLD], [], 2),
        ([UNTOLD, FAILS], [], 1),
        ([PASSES], ["--base", "no-such-revision"], 2),
        ([FAILS], ["--base", "no-such-revision"], 1),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_the_exit_code_says_it_to_a_script(
    rules: list[dict[str, Any]], words: list[str], expected: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 for a pass, 1 for a failure, 2 where it cannot be told; the last line says the same."""
    prepare(*rules)
    assert expected == run(*words)
    last_line = capsys.readouterr().out.splitlines()[-1]
    assert last_line.startswith(f"Gate: {('pass', 'fail', 'cannot tell')[expected]}.")


def test_importing_the_gate_loads_nothing_heavy() -> None:
    """The stage that only checks settings does not wait for numpy."""
    code = "import sys, judge.report.gate; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not {"numpy", "scipy", "pandas", "dvc", "torch", "yaml"} & set(loaded)
