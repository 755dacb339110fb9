"""What the gate prints: the table for a terminal, and JSON for a script."""

import json
from pathlib import Path

import pytest

from judge.evaluation.bootstrap import REASONS
from judge.report import gate, gate_text
from tests.report.gate_by_hand import ESTIMATES, FAILS, KAPPA, PASSES, UNTOLD, no_base, prepare, run, settings


def test_a_number_is_shown_as_precisely_as_its_decision_needs() -> None:
    """A lower end of 0.59996 that fails at 0.6 is not shown as 0.600."""
    estimates = ESTIMATES | {"student.kappa": ESTIMATES["student.kappa"]._replace(low=0.59996)}
    decisions = gate.decide(settings(KAPPA), estimates, no_base)
    assert "0.800  [0.59996, 0.900]" in gate_text.as_text(decisions)


def test_the_table_is_aligned_and_ends_in_one_line() -> None:
    """Columns start at the same place in each line; reasons stand below, the sum of it all last."""
    lines = gate_text.as_text(gate.decide(settings(PASSES, FAILS, UNTOLD), ESTIMATES, no_base)).splitlines()
    starts = {line.index(word) for line, word in zip(lines, ("verdict", "pass", "fail", "cannot"), strict=False)}
    assert len(starts) == 1
    assert f"(1) {REASONS['undefined']}" == lines[4]
    assert lines[-1] == "Gate: fail. 1 of 3 rules hold, 1 failed, 1 cannot be told."


def test_a_count_is_shown_as_the_whole_number_it_is() -> None:
    """61 documents are not 61.000, whatever the table of figures holds them as."""
    rule = {"figure": "test.documents", "end": "value", "at_least": 10}
    assert "test.documents  value at least 10  61" in gate_text.as_text(gate.decide(settings(rule), ESTIMATES, no_base))


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
