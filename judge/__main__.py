"""The command line of the project: `judge results`, `score`, `serve`, `annotate`, `systems`, `gate`, `compare` and others."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from judge.annotation import annotate_command, labels_command
from judge.errors import JudgeError
from judge.evaluation import evidence, figures
from judge.report import card_command, compare_command, gate_command, readme, results, stale, sweep, systems, verify
from judge.report import evidence as evidence_report
from judge.serving import explain_command, export_command, push_command, score_command, serve_command

_Command = Callable[[argparse.Namespace], int | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; exit code 0, or 2 with a message where the user can mend it. `judge gate` and `judge verify` have a 1 as well."""
    parser = argparse.ArgumentParser(prog="judge", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def add(name: str, run: _Command, what: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=what, description=what[0].upper() + what[1:])
        command.set_defaults(run=run)
        return command

    score_command.arguments(add("score", score_command.command, "judge a file of rows with a student"))
    explain_command.arguments(add("explain", explain_command.command, "show which words of the answers of a file found no support"))
    serve_command.arguments(add("serve", serve_command.command, "serve a student over HTTP, with a page to try it"))
    add("results", _results, "print the figures in metrics/, with their intervals")
    annotate_command.arguments(add("annotate", annotate_command.command, "ask people: a page on which they label answers"))
    labels_command.arguments(add("labels", labels_command.command, "say how far the labelling is, and exchange labels with other tools"))
    add("systems", systems.command, "print the share of each system's answers that people accept, corrected by what they have labelled")
    gate_command.arguments(
        add("gate", gate_command.command, "say whether the judge is good enough to ship: exit code 0 yes, 1 no, 2 it cannot be told")
    )
    compare_command.arguments(
        add("compare", compare_command.command, "hold two revisions against each other: figures, settings, single rows")
    )
    sweep.arguments(add("sweep", sweep.command, "run the experiments that are queued, wait for them, and print all in one table"))
    card_command.arguments(add("card", card_command.command, "print the evidence of the judge in data/student on a page"))
    export_command.arguments(add("export", export_command.command, "write the judge with its encoder as an ONNX graph"))
    push_command.arguments(add("push", push_command.command, "put the judge on a model hub"))
    verify.arguments(add("verify", verify.command, "rebuild the last commit in a scratch copy and say which outputs are the same"))
    add("evidence", _evidence, "print what `make evidence` found on published data, a line a task")
    add("readme", _readme, "write figures, options and tables into README.md and docs/")
    chosen = parser.parse_args(arguments)
    try:
        return chosen.run(chosen) or 0
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has seen enough; what is left of the output goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except ModuleNotFoundError as error:
        sys.stderr.write(f"error: {_lacking(error)}\n")
        return 2


def _lacking(error: ModuleNotFoundError) -> str:
    """What to do where the package is installed without what a command needs; a module of our own that is missing is a fault of ours."""
    package = (error.name or "").partition(".")[0]
    if package in ("", "judge"):
        raise error
    extra = "serve" if package == "fastapi" else "pipeline"
    return f"This command needs {package}, which is not installed.\nNext: pip install 'the-judge-you-own[{extra}]'."


def _results(_: argparse.Namespace) -> None:
    table = figures.read()
    stale.warn(table)
    print(f"{results.answer(table)}\n\n{results.results_table(table)}")
    print("The whole report: metrics/report.html")


def _evidence(_: argparse.Namespace) -> None:
    print(evidence_report.by_task(evidence.read()), end="")
    print(f"Every judge, with all figures: {evidence.EVIDENCE_CSV} and docs/evidence.md")


def _readme(_: argparse.Namespace) -> None:
    readme.update()


if __name__ == "__main__":
    sys.exit(main())
