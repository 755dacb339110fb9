"""The command line: `python -m judge results` prints the table of the last run."""

import argparse
import sys
from collections.abc import Sequence

from judge import metrics, report
from judge.errors import JudgeError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; exit code 0, or 2 with a message where the user can mend it."""
    parser = argparse.ArgumentParser(prog="judge", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("results", help="print the figures in metrics/, with their intervals")
    parser.parse_args(arguments)
    try:
        figures = metrics.read(metrics.EVALUATION)
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    print(report.answer(figures))
    print()
    print(report.results_table(figures))
    print("The whole report: metrics/report.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
