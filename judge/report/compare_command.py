"""The command `judge compare`: hold two revisions against each other, and print or write what differs."""

import argparse
import sys
from pathlib import Path

from judge.report import compare_json, compare_page, compare_text, revisions
from judge.report.commits import WORKSPACE
from judge.report.compare import compare
from judge.tables import atomic


def arguments(parser: argparse.ArgumentParser) -> None:
    """Tell a parser what the command takes."""
    what = f"a commit, branch, tag, experiment, or {WORKSPACE}; %(default)s by default"
    parser.add_argument("a", nargs="?", default="HEAD", metavar="A", help=what)
    parser.add_argument("b", nargs="?", default=WORKSPACE, metavar="B", help=what)
    parser.add_argument("--json", metavar="FILE", help="write all of it as JSON; - prints it instead of the tables")
    parser.add_argument("--html", metavar="FILE", help="write a page that needs nothing but itself")
    parser.add_argument("--rows", type=_count, default=10, metavar="N", help="answers of each kind to show; %(default)s by default")


def command(chosen: argparse.Namespace) -> None:
    """Compare what `arguments` parsed, and print or write it; raises as `revisions.read`."""
    comparison = compare(*revisions.read([chosen.a, chosen.b]))
    if chosen.html:
        atomic.write_text(Path(chosen.html), compare_page.render(comparison, chosen.rows))
    if chosen.json and chosen.json != "-":
        atomic.write_text(Path(chosen.json), compare_json.render(comparison))
    sys.stdout.write(compare_json.render(comparison) if chosen.json == "-" else compare_text.render(comparison, chosen.rows))


def _count(text: str) -> int:
    if not text.isdecimal():
        message = f"a whole number from 0 is needed, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)
