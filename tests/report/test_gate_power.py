"""What a test set can show: against the formulas done by hand, and against the rules of the gate themselves."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from judge.evaluation.figures import Estimate, SeedSpread
from judge.report import gate, gate_power, gate_text, significance
from judge.report.gate import Difference
from judge.report.gate_power import Basis, Power, Precision
from tests.report.gate_by_hand import settings

KAPPA = {"figure": "student.kappa", "margin": 0.1}
EIGHT = SeedSpread(0.01, 8)


def basis(half_width: float, spread: SeedSpread | None) -> Basis:
    """Precision of kappa on 180 rows of 60 documents."""
    return Basis("made-up pairs", "They are made up.", 180, 60, 0.95, {"student.kappa": Precision(half_width, spread)})


def power(half_width: float, spread: SeedSpread | None, minimum_rows: int = 1) -> Power:
    """What is told of kappa with a margin of 0.1."""
    (only,) = gate_power.powers(settings(not_worse=[KAPPA], minimum_rows=minimum_rows), basis(half_width, spread))
    return only


def passes(half_width: float, spread: SeedSpread, loss: float) -> dict[str, float]:
    """How often the gate passes and fails judges who are worse by `loss`, whose difference is drawn from a normal distribution."""
    chance = np.random.default_rng(1)
    section = settings(base="main", not_worse=[KAPPA])
    outcomes = []
    for value in chance.normal(-loss, math.hypot(half_width / 1.95996, spread.deviation), 4000).tolist():
        low, high = significance.widened(value, value - half_width, value + half_width, spread, 0.95)
        held = {"student.kappa": Difference(Estimate(value, low, high, 183, None))}
        outcomes.append(gate.decide(section, {}, lambda _base, _rules, held=held: held)[-1].outcome)  # type: ignore[misc]
    return {outcome: outcomes.count(outcome) / len(outcomes) for outcome in ("pass", "fail")}


def test_without_a_seed_it_is_the_formula_of_the_books() -> None:
    """(1.96 + 0.84)² / (1.96)² times the rows at which the half-width would be the margin."""
    z, u = stats.norm.ppf(0.975), stats.norm.ppf(0.8)

    assert math.ceil(180 * (0.2 / 0.1) ** 2 * ((z + u) / z) ** 2) == power(0.2, SeedSpread(0.0, 8)).rows


@pytest.mark.parametrize("half_width", [0.03, 0.09])
def test_the_gate_finds_the_loss_with_80_percent(half_width: float) -> None:
    """Judges worse by the loss that is told fail four times of five, whether the margin or the interval is the wider one."""
    assert passes(half_width, EIGHT, power(half_width, EIGHT).loss)["fail"] == pytest.approx(0.8, abs=0.03)


def test_an_equal_judge_passes_with_80_percent_on_the_rows_that_are_told() -> None:
    """With as many rows as told, four of five equal judges pass."""
    rows = power(0.2, EIGHT).rows
    assert rows is not None

    assert passes(0.2 * math.sqrt(180 / rows), EIGHT, 0.0)["pass"] == pytest.approx(0.8, abs=0.03)


def test_documents_grow_with_the_rows() -> None:
    """Three rows to a document, as in the test set."""
    told = power(0.2, EIGHT)
    assert told.rows is not None
    assert told.documents == math.ceil(told.rows / 3)


@pytest.mark.parametrize(("deviation", "enough"), [(0.031, True), (0.032, False)])
def test_a_seed_that_moves_more_than_the_margin_allows_is_beyond_any_number_of_rows(deviation: float, enough: bool) -> None:
    """2.365 + 0.842 deviations have to be less than the margin of 0.1."""
    assert enough == (power(0.01, SeedSpread(deviation, 8)).rows is not None)


def test_never_fewer_rows_are_told_than_decide_anything() -> None:
    """Below minimum_rows the gate tells nothing, however narrow the interval."""
    assert (100, 34) == power(0.001, SeedSpread(0.0, 8), minimum_rows=100)[2:4]


def test_the_table_says_what_would_be_found_and_what_is_needed() -> None:
    """One line for each rule, then what it is taken from."""
    section = settings(not_worse=[KAPPA, {"figure": "student.mae", "margin": 0.02}])
    lines = gate_text.power_as_text(section, basis(0.05, EIGHT)).splitlines()

    assert lines[1].split() == ["student.kappa", "0.1", "0.0784", "103", "rows", "of", "35", "documents"]
    assert lines[2].endswith("no interval to tell it from")
    assert lines[4:] == ["Taken from made-up pairs: 180 rows of 60 documents, 95% intervals.", "They are made up."]


def test_a_seed_beyond_the_margin_is_said_with_the_margin_it_needs() -> None:
    """No number of rows is enough, and what would be is told."""
    text = gate_text.power_as_text(settings(not_worse=[KAPPA]), basis(0.01, SeedSpread(0.1, 8)))

    assert "no number of rows: the training seed alone needs a margin of 0.3206" in text


def test_an_unknown_spread_is_said() -> None:
    """Rows are told of the documents alone, with the remark that the gate passes nothing so."""
    assert "The spread over training seeds is not known" in gate_text.power_as_text(settings(not_worse=[KAPPA]), basis(0.05, None))


def test_the_json_has_the_same_numbers() -> None:
    """Rows that no number is enough for are null."""
    document = json.loads(json.dumps(gate_text.power_as_json(settings(not_worse=[KAPPA]), basis(0.01, SeedSpread(0.1, 8)))))

    (rule,) = document["rules"]
    assert (None, None, pytest.approx(0.3206, abs=1e-4)) == (rule["rows"], rule["documents"], rule["margin_for_seeds_alone"])
