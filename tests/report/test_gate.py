"""The gate: what passes, what fails, what cannot be told, and the exit code of each."""

import argparse
import contextlib
import json
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from judge import tables
from judge.errors import JudgeError, SettingsError, TableError
from judge.evaluation import agreement
from judge.report import gate, report
from judge.report.gate import Found, Verdict
from judge.report.gate_settings import Compared, GateSettings
from judge.settings import check
from judge.tables import levels
from judge.tables.metric_files import EVALUATION, Metrics, write
from tests.conftest import ROOT

FIGURES: Metrics = {
    "test.n": 183,
    "test.documents": 61,
    "teacher.failed_share": 0.0,
    "student.failed_share": 0.02,
    "student.kappa": 0.8,
    "student.kappa_low": 0.7,
    "student.kappa_high": 0.9,
    "student.ece": 0.05,
    "student.ece_low": 0.02,
    "student.ece_high": 0.08,
    "student.auroc": 1.0,
    "student.auroc_low": None,
    "student.auroc_high": None,
    "student.auroc_reason": "no_spread",
    "student.f1": None,
    "student.f1_low": None,
    "student.f1_high": None,
    "student.f1_reason": "undefined",
    "student.n": 180,
    "student.by_generator.small.kappa": 0.8,
    "student.by_generator.small.kappa_low": 0.6,
    "student.by_generator.small.kappa_high": 0.9,
    "student.by_generator.small.n": 60,
    "probe.student.auroc.exchanged_names": 0.9,
    "probe.student.auroc.exchanged_names_low": 0.8,
    "probe.student.auroc.exchanged_names_high": 0.95,
    "probe.student.n.exchanged_names": 31,
    "probe.student.n": 683,
}
KAPPA = {"figure": "student.kappa", "end": "low", "at_least": 0.6}
PASSES, FAILS, UNTOLD = KAPPA, {**KAPPA, "at_least": 0.75}, {"figure": "student.f1", "end": "value", "at_least": 0.5}


def settings(*rules: dict[str, Any], **changes: Any) -> GateSettings:
    """The section `gate` with these rules."""
    section = {"minimum_rows": 100, "rules": list(rules) or [PASSES], "base": None, "not_worse": ["student.kappa"]}
    return check(GateSettings, section | changes)


def no_base(base: str, names: Sequence[str]) -> Mapping[str, Found]:
    """Fails the test that asks for a comparison without a base."""
    raise AssertionError((base, names))


def verdict_of(rule: dict[str, Any], **figures: float | str | None) -> Verdict:
    """The verdict of one rule on the figures, some of them changed; a__b is the figure a.b."""
    changed = FIGURES | {name.replace("__", "."): value for name, value in figures.items()}
    (verdict,) = gate.decide(settings(rule), changed, no_base)
    return verdict


def compared(difference: Found, name: str = "student.kappa") -> Verdict:
    """The verdict on a difference to the base revision."""
    return gate.decide(settings(base="main", not_worse=[name]), FIGURES, lambda _base, _names: {name: difference})[-1]


@pytest.mark.parametrize(("low", "expected"), [(0.5999, "fail"), (0.6, "pass"), (0.6001, "pass")])
def test_the_bound_itself_is_enough(low: float, expected: str) -> None:
    """At least 0.6 passes at 0.6, fails just below."""
    assert expected == verdict_of(KAPPA, student__kappa_low=low).outcome


@pytest.mark.parametrize(("value", "expected"), [(0.0999, "pass"), (0.1, "pass"), (0.1001, "fail")])
def test_the_bound_itself_is_not_too_much(value: float, expected: str) -> None:
    """At most 0.1 passes at 0.1, fails just above."""
    assert expected == verdict_of({"figure": "student.ece", "end": "value", "at_most": 0.1}, student__ece=value).outcome


@pytest.mark.parametrize(("end", "expected"), [("low", "fail"), ("value", "pass"), ("high", "pass")])
def test_a_rule_looks_at_the_end_it_names(end: str, expected: str) -> None:
    """Of 0.8 [0.7, 0.9] only the lower end is below 0.75."""
    assert expected == verdict_of({"figure": "student.kappa", "end": end, "at_least": 0.75}).outcome


def test_an_undefined_figure_decides_nothing() -> None:
    """No F1 is neither a good one nor a bad one, and the reason is told."""
    verdict = verdict_of(UNTOLD)
    assert ("cannot tell", report.REASONS["undefined"]) == (verdict.outcome, verdict.why)


def test_a_missing_interval_decides_nothing_about_its_end() -> None:
    """An AUROC of 1 without an interval has no lower end to hold against a bound."""
    verdict = verdict_of({"figure": "student.auroc", "end": "low", "at_least": 0.1})
    assert ("cannot tell", report.REASONS["no_spread"]) == (verdict.outcome, verdict.why)


def test_a_missing_interval_leaves_the_figure_itself() -> None:
    """A rule for the value needs no interval."""
    assert verdict_of({"figure": "student.auroc", "end": "value", "at_least": 0.9}).outcome == "pass"


def test_an_end_of_a_figure_that_never_has_one_is_told_how_to_ask() -> None:
    """A share of failures is counted, not estimated."""
    verdict = verdict_of({"figure": "teacher.failed_share", "end": "high", "at_most": 0.01})
    assert ("cannot tell", True) == (verdict.outcome, "`end: value`" in verdict.why)


def test_a_number_that_is_none_decides_nothing() -> None:
    """NaN compares false with everything, and must not pass for a failure."""
    assert verdict_of({**KAPPA, "end": "value"}, student__kappa=float("nan")).outcome == "cannot tell"


@pytest.mark.parametrize(("rows", "expected"), [(99, "cannot tell"), (100, "pass")])
def test_too_few_rows_decide_nothing(rows: int, expected: str) -> None:
    """Below minimum_rows a figure that would pass is not believed."""
    assert expected == verdict_of(PASSES, student__n=rows).outcome


def test_too_few_rows_do_not_fail_either() -> None:
    """Below minimum_rows a figure that would fail is not believed."""
    assert verdict_of(FAILS, student__n=99).outcome == "cannot tell"


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
    found = gate.look_up(FIGURES, figure)
    assert found is not None
    assert expected == found.rows


def test_a_student_that_fails_everywhere_fails_the_rule_of_its_failures() -> None:
    """That no answer is left to measure agreement on does not hide that there is none."""
    rule = {"figure": "student.failed_share", "end": "value", "at_most": 0.01}
    assert verdict_of(rule, student__failed_share=1.0, student__n=0).outcome == "fail"


def test_a_rule_can_accept_fewer_rows() -> None:
    """31 statements are enough where a rule says so."""
    rule = {"figure": "probe.student.auroc.exchanged_names", "end": "low", "at_least": 0.7}
    assert ("cannot tell", "pass") == (verdict_of(rule).outcome, verdict_of({**rule, "minimum_rows": 30}).outcome)


@pytest.mark.parametrize("figure", ["student.kapa", "student.kappa_low", "student.f1_reason"])
def test_an_unknown_figure_lists_those_near_it(figure: str) -> None:
    """A typo cannot be told, and neither an end nor a reason is a figure."""
    verdict = verdict_of({"figure": figure, "end": "value", "at_least": 0.6})
    near = "student.f1" if "f1" in figure else "student.kappa"
    assert ("cannot tell", True) == (verdict.outcome, f" {near}" in verdict.why.partition("near it are")[2])


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
    assert expected == gate.overall(gate.decide(settings(*rules), FIGURES, no_base))


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("student.kappa", -0.3, -0.1, "fail"),
        ("student.kappa", -0.3, 0.0, "pass"),
        ("student.kappa", -0.3, 0.1, "pass"),
        ("student.kappa", 0.1, 0.3, "pass"),
        ("student.mae", 0.1, 0.3, "fail"),
        ("student.mae", 0.0, 0.3, "pass"),
        ("student.mae", -0.3, -0.1, "pass"),
    ],
)
def test_worse_is_an_interval_wholly_on_the_worse_side(name: str, low: float, high: float, expected: str) -> None:
    """Kappa is worse below 0, an error above it; an interval that touches 0 is not significant."""
    assert expected == compared(Found((low + high) / 2, low, high, None, 183), name).outcome


def test_the_figures_that_are_better_low_are_the_errors() -> None:
    """The report says of the same three that lower is better."""
    assert {name for name, (_, meaning) in report.METRICS.items() if "lower is better" in meaning} == set(gate.LOWER_IS_BETTER)


def test_every_figure_of_agreement_can_be_compared() -> None:
    """The settings allow for `not_worse` what the evaluation measures."""
    assert tuple(f"student.{name}" for name in agreement.METRICS) == get_args(Compared)


def test_a_student_that_judges_alike_is_not_worse() -> None:
    """The same judgments differ by 0 in every resample, which needs no interval."""
    assert compared(Found(0.0, None, None, "no_spread", 183)).outcome == "pass"


@pytest.mark.parametrize(
    "difference",
    [
        Found(-0.2, None, None, "few_documents", 183),
        Found(-0.2, None, None, "no_spread", 183),
        Found(None, None, None, "undefined", 183),
        Found(-0.2, -0.3, -0.1, None, 99),
    ],
)
def test_a_difference_without_ground_decides_nothing(difference: Found) -> None:
    """No interval, or too few rows that both revisions have."""
    assert compared(difference).outcome == "cannot tell"


def test_a_base_that_cannot_be_read_leaves_the_other_rules() -> None:
    """The comparison cannot be told, with what the reading said; the bounds still are."""

    def unreadable(base: str, names: Sequence[str]) -> Mapping[str, Found]:
        raise JudgeError(f"no {base}, so no {names[0]}")

    verdicts = gate.decide(settings(PASSES, FAILS, base="mian"), FIGURES, unreadable)
    expected = [("pass", ""), ("fail", ""), ("cannot tell", "no mian, so no student.kappa")]
    assert expected == [(verdict.outcome, verdict.why) for verdict in verdicts]


def test_a_number_is_shown_as_precisely_as_its_verdict_needs() -> None:
    """A lower end of 0.59996 that fails at 0.6 is not shown as 0.600."""
    verdicts = gate.decide(settings(KAPPA), FIGURES | {"student.kappa_low": 0.59996}, no_base)
    assert "0.800  [0.59996, 0.900]" in gate.as_text(verdicts)


def test_the_table_is_aligned_and_ends_in_one_line() -> None:
    """Columns start at the same place in each line; reasons stand below, the sum of it all last."""
    lines = gate.as_text(gate.decide(settings(PASSES, FAILS, UNTOLD), FIGURES, no_base)).splitlines()
    starts = {line.index(word) for line, word in zip(lines, ("verdict", "pass", "fail", "cannot"), strict=False)}
    assert len(starts) == 1
    assert f"(1) {report.REASONS['undefined']}" == lines[4]
    assert lines[-1] == "Gate: fail. 1 of 3 rules hold, 1 failed, 1 cannot be told."


BAD = [
    ({"rules": [{**KAPPA, "at_lest": 0.6}]}, "gate.rules.0.at_lest: there is no such key"),
    ({"rules": [KAPPA, {**KAPPA, "end": "lower"}]}, "gate.rules.1.end: got 'lower', allowed is 'low', 'value' or 'high'"),
    ({"rules": [{**KAPPA, "at_most": 0.9}]}, "either at_least or at_most"),
    ({"rules": [{"figure": "student.kappa", "end": "low"}]}, "either at_least or at_most"),
    ({"rules": [{**KAPPA, "at_least": float("nan")}]}, "gate.rules.0.at_least: got nan"),
    ({"rules": [{**KAPPA, "at_least": "0.6"}]}, "gate.rules.0.at_least: got '0.6'"),
    ({"rules": []}, "gate.rules: got []"),
    ({"minimum_rows": 0}, "gate.minimum_rows: got 0"),
    ({"not_worse": ["student.kapa"]}, "gate.not_worse.0: got 'student.kapa', allowed is 'student.pearson'"),
    ({"base": ""}, "gate.base: got ''"),
    ({"minimum": 3}, "gate.minimum: there is no such key"),
]


def prepare(*rules: dict[str, Any], **changes: Any) -> None:
    """Write params.yaml and metrics/evaluation.json into the current folder."""
    section = settings(*rules).model_dump() | changes
    Path("params.yaml").write_text(yaml.safe_dump({"seed": 17, "gate": section}), encoding="utf-8")
    write(EVALUATION, FIGURES)


def run(*words: str) -> int:
    """The command in the current folder."""
    parser = argparse.ArgumentParser()
    gate.arguments(parser)
    return gate.command(parser.parse_args(words))


@pytest.mark.parametrize(("changes", "expected"), BAD)
@pytest.mark.usefixtures("workspace")
def test_a_bad_setting_is_refused_with_its_full_key(changes: dict[str, Any], expected: str) -> None:
    """A typo does not switch a rule off."""
    prepare(**changes)
    with pytest.raises(SettingsError) as error:
        run()
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "There is no params.yaml here"), ("seed: 1\n", "gate: missing"), ("gate: [\n", "no valid YAML"), ("", "gate: missing")],
)
@pytest.mark.usefixtures("workspace")
def test_params_without_a_gate_are_refused(content: str | None, expected: str) -> None:
    """Without rules nothing has passed."""
    if content is not None:
        Path("params.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=expected):
        run()


@pytest.mark.usefixtures("workspace")
def test_missing_metrics_say_what_makes_them() -> None:
    """Before the pipeline ran there is nothing to tell."""
    prepare()
    EVALUATION.unlink()
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


@pytest.mark.usefixtures("workspace")
def test_json_on_stdout_is_all_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json -` can be piped on; every number a person would see is there."""
    prepare(FAILS, UNTOLD)
    run("--json", "-")
    document = json.loads(capsys.readouterr().out)
    first = {"figure": "student.kappa", "rule": "low at least 0.75", "verdict": "fail", "why": None}
    assert (("fail", 1, None), first | {"value": 0.8, "low": 0.7, "high": 0.9, "reason": None, "rows": 180}) == (
        (document["verdict"], document["exit_code"], document["base"]),
        document["rules"][0],
    )
    assert (None, "undefined") == (document["rules"][1]["value"], document["rules"][1]["reason"])


@pytest.mark.usefixtures("workspace")
def test_json_in_a_file_stands_beside_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json FILE` keeps the table for the reader."""
    prepare()
    run("--json", "out/gate.json")
    assert ("pass", True) == (json.loads(Path("out/gate.json").read_text("utf-8"))["verdict"], "Gate: pass." in capsys.readouterr().out)


def commands(*lines: str) -> None:
    """Run commands of git and DVC in the current folder."""
    for line in lines:
        words = [sys.executable, "-m", *line.split()] if line.startswith("dvc") else line.split()
        subprocess.run(words, capture_output=True, check=True)


def write_judgments(spread: float) -> None:
    """240 test answers from 40 documents, whose student is off by up to `spread`."""
    chance = random.Random(1)
    test: list[tables.Row] = []
    guesses = []
    for number in range(240):
        score = chance.random()
        row = {column.name: None if column.nullable else f"{column.name} {number}" for column in tables.TEST.columns}
        row |= {"document_id": f"document {number % 40}", "teacher_class": levels.classify(score, 0.8)}
        test.append(row | {"teacher_levels": levels.interpolate(score), "teacher_score": score})
        guess = min(1.0, max(0.0, score + spread * (2 * chance.random() - 1)))
        guesses.append(levels.Judgment(levels.interpolate(guess)))
    tables.write(tables.TEST, test)
    tables.write(tables.STUDENT_SCORES, tables.judgment_rows([row["answer_id"] for row in test], guesses))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with DVC: the judgments of a fair student are committed."""
    folder = tmp_path_factory.mktemp("project")
    with contextlib.chdir(folder):
        commands("git init --quiet", "git config user.name me", "git config user.email me@example.org", "dvc init --quiet")
        prepare(base="HEAD", not_worse=["student.pearson", "student.mae"])
        params = yaml.safe_load(Path("params.yaml").read_text("utf-8"))
        params |= {"label": {"threshold": 0.8}, "evaluate": {"resamples": 200, "confidence": 0.95}}
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        write_judgments(spread=0.3)
        commands("dvc add --quiet data/test.jsonl data/scores/student.jsonl", "git add .", "git commit --quiet -m fair")
    return folder


@pytest.mark.parametrize(("spread", "expected"), [(0.3, "pass"), (0.2, "pass"), (0.5, "fail")])
def test_a_student_is_held_against_the_one_that_is_committed(
    spread: float, expected: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same student passes, a better one passes, one that is clearly further off fails."""
    monkeypatch.chdir(project)
    write_judgments(spread)
    exit_code = run("--json", "-")
    document = json.loads(capsys.readouterr().out)
    verdicts = [(rule["rule"], rule["rows"], rule["verdict"]) for rule in document["rules"][1:]]
    assert (gate.EXIT_CODES[expected], [("not worse than HEAD", 240, expected)] * 2) == (exit_code, verdicts)


def test_a_revision_that_is_not_there_cannot_be_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--base` stands above gate.base; a typo in it passes nothing, and says what there is."""
    monkeypatch.chdir(project)
    assert run("--base", "mian") == 2
    assert "'mian'" in capsys.readouterr().out


def test_importing_the_gate_loads_nothing_heavy() -> None:
    """The stage that only checks settings does not wait for numpy."""
    code = "import sys, judge.gate; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not {"numpy", "scipy", "pandas", "dvc", "torch", "yaml"} & set(loaded)
