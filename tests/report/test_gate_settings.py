"""The settings of the gate: which are refused, and in which words."""

from pathlib import Path
from typing import Any

import pytest

from judge.errors import SettingsError
from judge.evaluation.definitions import FIGURES
from judge.report.gate_settings import COMPARED
from tests.report.gate_by_hand import KAPPA, prepare, run

BAD = [
    ({"rules": [{**KAPPA, "at_lest": 0.6}]}, "gate.rules.0.at_lest: there is no such key"),
    ({"rules": [KAPPA, {**KAPPA, "end": "lower"}]}, "gate.rules.1.end: got 'lower', allowed is 'low', 'value' or 'high'"),
    ({"rules": [{**KAPPA, "at_most": 0.9}]}, "a rule with one of at_least, at_most, above, below"),
    ({"rules": [{"figure": "student.kappa", "end": "low"}]}, "a rule with one of at_least, at_most, above, below"),
    ({"rules": [{**KAPPA, "at_least": float("nan")}]}, "gate.rules.0.at_least: got nan"),
    ({"rules": [{**KAPPA, "at_least": "0.6"}]}, "gate.rules.0.at_least: got '0.6'"),
    ({"rules": []}, "gate.rules: got []"),
    ({"minimum_rows": 0}, "gate.minimum_rows: got 0"),
    (
        {"not_worse": [{"figure": "student.kapa", "margin": 0.1}]},
        "gate.not_worse.0.figure: got 'student.kapa', allowed is a figure of the student against its teacher; near it is student.kappa",
    ),
    ({"not_worse": [{"figure": "student.failed_share", "margin": 0.1}]}, "gate.not_worse.0.figure: got 'student.failed_share'"),
    ({"not_worse": [{"figure": "student.kappa"}]}, "gate.not_worse.0.margin: missing"),
    ({"not_worse": [{"figure": "student.kappa", "margin": 0.0}]}, "gate.not_worse.0.margin: got 0.0"),
    (
        {"not_worse": ["student.kappa"]},
        (
            "gate.not_worse.0: got 'student.kappa', allowed is a figure with the loss that you would accept, such as "
            "{figure: student.kappa, margin: 0.05}"
        ),
    ),
    ({"base": ""}, "gate.base: got ''"),
    ({"minimum": 3}, "gate.minimum: there is no such key"),
]


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
    [(None, "There is no params.yaml here"), ("seed: 1\n", "gate: missing"), ("gate: [\n", "no valid YAML"), ("", "has to be a mapping")],
)
@pytest.mark.usefixtures("workspace")
def test_params_without_a_gate_are_refused(content: str | None, expected: str) -> None:
    """Without rules nothing has passed."""
    if content is not None:
        Path("params.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=expected):
        run()


def test_every_figure_of_the_student_against_its_teacher_can_be_compared() -> None:
    """The names for `not_worse` are those of all figures of agreement, and no others."""
    assert [f"student.{name}" for name in FIGURES] == list(COMPARED)
