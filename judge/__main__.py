"""The command line of the project: `judge results`, `judge readme`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from judge import atomic, metrics, report, tables
from judge.errors import JudgeError

README = Path("README.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; exit code 0, or 2 with a message where the user can mend it."""
    parser = argparse.ArgumentParser(prog="judge", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("results", help="print the figures in metrics/, with their intervals")
    commands.add_parser("readme", help="write the figures in metrics/ and the table of tables into README.md")
    command = parser.parse_args(arguments).command
    try:
        figures = metrics.read(metrics.EVALUATION)
        if command == "readme":
            atomic.write_text(README, with_blocks(README.read_text(encoding="utf-8"), figures))
        else:
            print(f"{report.answer(figures)}\n\n{report.results_table(figures)}")
            print("The whole report: metrics/report.html")
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def with_blocks(text: str, figures: metrics.Metrics) -> str:
    """A README with the parts that are made by code put between their markers.

    Raises:
        JudgeError: a marker is missing.
    """
    made = {"tables": tables.as_markdown(), "results": f"{report.answer(figures)}\n\n```\n{report.results_table(figures)}```\n"}
    for name, block in made.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise JudgeError(f"{README} has no markers {begin.strip()} and {end}.\nNext: put them where the {name} belong.")
        text = f"{before}{begin}{block}{end}{after}"
    return text


if __name__ == "__main__":
    sys.exit(main())
