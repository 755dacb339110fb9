"""`judge export`: write a student for another runtime."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from judge.serving import columns, formats, inputs
from judge.serving.asked import Asker
from judge.serving.errors import ExportError

if TYPE_CHECKING:
    from judge.students.options import Evidence
    from judge.tables.items import Item

JUDGE = "data/judge"
ROWS = ("data/test.jsonl", "data/probes.jsonl")


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("--onnx", metavar="FOLDER", type=Path, required=True, help="the new folder, whose encoder is an ONNX graph")
    command.add_argument(
        "--student", default=JUDGE, metavar="WHICH", help="what is exported, named as for `judge score` (default: %(default)s)"
    )
    command.add_argument("--int8", action="store_true", help="store and multiply the encoder's matrices as 8-bit integers")
    command.add_argument(
        "--rows",
        nargs="+",
        default=list(ROWS),
        metavar="FILE",
        help=f"files of rows that both judge, to see how far they agree (default: {' '.join(ROWS)})",
    )


def command(given: argparse.Namespace) -> None:
    """Export a student.

    Raises:
        ExportError, StudentError: as `onnx_export.export`, or a row cannot be judged.
        ScoreError: a file of rows cannot be read.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    from judge.serving import onnx_export, sources
    from judge.students import saved

    folder = sources.folder(given.student)
    needed = saved.load(folder).option.evidence
    items = [item for name in given.rows for item in _items(name, needed)]
    found = onnx_export.export(folder, given.onnx, items, int8=given.int8)
    sys.stdout.write(f"{given.onnx} holds the student. {found}.\n")


def _items(name: str, needed: "Evidence") -> "list[Item]":
    """The rows of a file as items.

    Raises:
        ExportError: one cannot be judged.
        ScoreError: the file cannot be read.
    """
    form, read = formats.of(name, None, "a file of"), columns.parse(None, None)
    asker = Asker(read, form, needed)
    found = []
    with inputs.opened(name, form, read) as records:
        for asked in map(asker.of, records):
            if asked.item is None:
                raise ExportError(f"{name}, line {asked.line}: {asked.fault}.\nNext: mend the row, or name other files with --rows.")
            found.append(asked.item)
    return found
