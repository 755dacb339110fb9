"""Rules and figures for tests of the gate, and its command in the current folder."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from judge.evaluation import figures
from judge.evaluation.figures import counted, measured
from judge.report import gate_command
from judge.report.gate import Difference
from judge.report.gate_settings import GateSettings, NotWorse
from judge.settings import check

ROWS = [
    counted("test", "none", "n", 183, 183),
    counted("test", "none", "documents", 183, 61),
    counted("teacher", "none", "failed_share", 183, 0.0),
    counted("student", "none", "failed_share", 183, 0.02),
    measured("student", "teacher", "all", "kappa", 180, (0.8, 0.7, 0.9, None)),
    measured("student", "teacher", "all", "brier", 180, (0.05, 0.02, 0.08, None)),
    measured("student", "teacher", "all", "auroc", 180, (1.0, None, None, "no_spread")),
    measured("student", "teacher", "all", "f1", 180, (None, None, None, "undefined")),
    measured("student", "teacher", "generator=small", "kappa", 60, (0.8, 0.6, 0.9, None)),
    measured("student", "truth", "kind=exchanged_names", "auroc", 31, (0.9, 0.8, 0.95, None)),
]
ESTIMATES = figures.named(figures.frame(ROWS))
KAPPA = {"figure": "student.kappa", "end": "low", "at_least": 0.6}
PASSES, FAILS, UNTOLD = KAPPA, {**KAPPA, "at_least": 0.75}, {"figure": "student.f1", "end": "value", "at_least": 0.5}


def settings(*rules: dict[str, Any], **changes: Any) -> GateSettings:
    """The section `gate` with these rules."""
    section = {
        "minimum_rows": 100,
        "rules": list(rules) or [PASSES],
        "base": None,
        "not_worse": [{"figure": "student.kappa", "margin": 0.1}],
    }
    return check(GateSettings, section | changes)


def no_base(base: str, rules: Sequence[NotWorse]) -> Mapping[str, Difference]:
    """Fails the test that asks for a comparison without a base."""
    raise AssertionError((base, rules))


def prepare(*rules: dict[str, Any], **changes: Any) -> None:
    """Write params.yaml and metrics/figures.csv into the current folder."""
    section = settings(*rules).model_dump() | changes
    Path("params.yaml").write_text(yaml.safe_dump({"seed": 17, "gate": section}), encoding="utf-8")
    figures.write(figures.frame(ROWS))


def run(*words: str) -> int:
    """The command in the current folder."""
    parser = argparse.ArgumentParser()
    gate_command.arguments(parser)
    return gate_command.command(parser.parse_args(words))
