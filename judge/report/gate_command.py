"""The command `judge gate`: the decisions of the gate as a table or as JSON, and an exit code for a script."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from judge.evaluation import figures
from judge.report import gate_basis, gate_text, stale
from judge.report.gate import EXIT_CODES, decide, overall
from judge.report.gate_differences import compare_with
from judge.report.gate_settings import GateSettings
from judge.settings import Settings, check, read_params
from judge.tables import atomic


class _Section(Settings):
    """The part of params.yaml that is read here; it gives a fault its full key."""

    gate: GateSettings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--base", metavar="REV", help="hold the figures against this git revision or experiment, instead of gate.base")
    parser.add_argument("--json", metavar="FILE", help="write the verdicts to FILE; - prints them instead of the table")
    parser.add_argument(
        "--power", action="store_true", help="decide nothing: say which loss this test set would find, and how many rows the margins need"
    )


def command(given: argparse.Namespace) -> int:
    """Print the decisions; exit code 0 when all rules pass, 1 when one fails, 2 when none fails and one cannot be told.

    With `--power` print what the rules of `not_worse` can show, and end with 0.

    Raises:
        SettingsError: the section `gate` of params.yaml cannot be used.
        TableError: metrics/figures.csv cannot be read.
        JudgeError: with `--power`, the workspace or the base cannot be read, or its tables cannot be had.
    """
    settings = read_settings()
    if given.base is not None:
        settings = settings.model_copy(update={"base": given.base})
    if given.power:
        basis = gate_basis.read(settings.base)
        _put(given.json, gate_text.power_as_text(settings, basis), gate_text.power_as_json(settings, basis))
        return EXIT_CODES["pass"]
    table = figures.read()
    stale.warn(table)
    decisions = decide(settings, figures.named(table), compare_with)
    _put(given.json, gate_text.as_text(decisions), gate_text.as_json(decisions, settings.base))
    return EXIT_CODES[overall(decisions)]


def _put(file: str | None, text: str, values: dict[str, Any]) -> None:
    """Print the text, or the values as JSON where the file is -; write them to any other file."""
    document = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(document if file == "-" else text)
    if file is not None and file != "-":
        atomic.write_text(Path(file), document)


def read_settings() -> GateSettings:
    """The section `gate` of params.yaml.

    Raises:
        SettingsError: the file is missing or no YAML, or the section is missing or has a bad value; every fault has a line.
    """
    return check(_Section, {key: value for key, value in read_params().items() if key == "gate"}).gate
