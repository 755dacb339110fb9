"""The gate asks for agreement with people, and says how many labels are missing."""

from typing import Any

import pytest

from judge.evaluation import figures
from judge.evaluation.figures import counted, measured
from judge.report import gate, gate_text
from judge.report.gate import Decision
from tests.report.gate_by_hand import ROWS, no_base, settings

AGREES = {"figure": "student.human.kappa", "end": "low", "at_least": 0.6}
NEAR_CEILING = {"figure": "student.human.ceiling_difference", "end": "low", "at_least": -0.1}


def _decided(rule: dict[str, Any], labelled: int) -> Decision:
    """The decision of a rule where so many answers of test are labelled, and the student agrees at 0.75 [0.65, 0.85]."""
    people = [
        counted(figures.PEOPLE, "none", "n", labelled, labelled),
        measured("student", figures.PEOPLE, "all", "kappa", labelled, (0.75, 0.65, 0.85, None)),
    ]
    (decision,) = gate.decide(settings(rule), figures.named(figures.frame([*ROWS, *(people if labelled else [])])), no_base)
    return decision


@pytest.mark.parametrize(
    ("labelled", "expected"),
    [
        (0, "no answer of test is labelled by people and 100 are asked for: 100 are missing; `judge annotate` asks"),
        (60, "60 answers of test are labelled by people and 100 are asked for: 40 are missing; `judge annotate` asks"),
    ],
)
def test_missing_labels_are_counted(labelled: int, expected: str) -> None:
    """Too few labels decide nothing, exit code 2, and the message says how many it takes."""
    decision = _decided(AGREES, labelled)
    assert ("cannot tell", expected) == (decision.outcome, decision.why)
    assert 2 == gate_text.as_json([decision], None)["exit_code"]


@pytest.mark.parametrize(("at_least", "expected"), [(0.6, "pass"), (0.7, "fail")])
def test_enough_labels_decide(at_least: float, expected: str) -> None:
    """The end of the interval is what has to hold the bound."""
    assert expected == _decided(AGREES | {"at_least": at_least}, 120).outcome


def test_a_bound_that_is_not_shown_yet_says_how_many_more_labels_would() -> None:
    """0.75 [0.65, 0.85] of 120 answers is above 0.7 by half of its half-width: four times as many show it; above 0.8 no number does."""
    told = "about 361 more labels would show it, if people go on to agree as they do; test has 63 answers left, so it takes more documents"
    assert told == _decided(AGREES | {"at_least": 0.7}, 120).why
    assert "about 19 more labels would show it, if people go on to agree as they do" == _decided(AGREES | {"at_least": 0.657}, 120).why
    assert ("fail", "") == _decided(AGREES | {"at_least": 0.8}, 120)[4:]


def test_the_distance_to_the_ceiling_takes_several_people() -> None:
    """One person has nobody to agree with, however many labels there are."""
    assert "it takes labels of several people on the same answers" in _decided(NEAR_CEILING, 120).why


def test_a_misspelt_figure_of_people_is_named() -> None:
    """Where there are labels the fault is the name."""
    assert "near it are student.human.kappa" in _decided(AGREES | {"figure": "student.human.kapa"}, 120).why
