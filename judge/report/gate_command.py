"""The command `judge gate`: the decisions of the gate as a table or as JSON, and an exit code for a script."""

import argparse
import json
import sys
from pathlib import Path

from judge.evaluation import figures
from judge.report import gate_text
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


def command(given: argparse.Namespace) -> int:
    """Print the decisions; exit code 0 when all rules pass, 1 when one fails, 2 when none fails and one cannot be told.

    Raises:
        SettingsError: the section `gate` of params.yaml cannot be used.
        TableError: metrics/figures.csv cannot be read.
    """
    settings = read_settings()
    if given.base is not None:
        settings = settings.model_copy(update={"base": given.base})
    decisions = decide(settings, figures.named(figures.read()), compare_with)
    document = json.dumps(gate_text.as_json(decisions, settings.base), indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(document if given.json == "-" else gate_text.as_text(decisions))
    if given.json not in (None, "-"):
        atomic.write_text(Path(given.json), document)
    return EXIT_CODES[overall(decisions)]


def read_settings() -> GateSettings:
    """The section `gate` of params.yaml.

    Raises:
        SettingsError: the file is missing or no YAML, or the section is missing or has a bad value; every fault has a line.
    """
    return check(_Section, {key: value for key, value in read_params().items() if key == "gate"}).gate
