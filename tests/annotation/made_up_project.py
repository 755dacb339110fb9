"""A project with nothing but settings and a table of made-up answers, and `judge annotate` started in it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from judge import tables
from judge.tables.schema import TEST, Row, Table
from tests.conftest import ROOT

SECRETS = ("gen-x", "0.4321", "unacceptable", "the-question-id", "the-document-id")
"""What stands in the rows and nobody who labels may see."""


class Served(NamedTuple):
    """A server that runs: its process, the address of its page, and what both are made of."""

    process: subprocess.Popen[str]
    page: str

    @property
    def api(self) -> str:
        """The beginning of the addresses of its data."""
        return self.page.rsplit("/", 2)[0] + "/api/"

    @property
    def headers(self) -> dict[str, str]:
        """What its data wants."""
        return {"X-Judge-Token": self.page.rsplit("/", 2)[1]}


def row(
    name: str, answer: str | None = "Ghana.", reference: Sequence[str] | None = ("In Ghana.",), context: str | None = "Now Ghana."
) -> Row:
    """A row of the test table; its teacher, its people and its generator say what nobody who labels may see."""
    levels = [0.0, 0.0, 0.0, 0.0, 0.679, 0.321, 0.0, 0.0, 0.0, 0.0, 0.0]
    return {
        "answer_id": name,
        "question_id": "the-question-id",
        "document_id": "the-document-id",
        "generator": "gen-x",
        "question": f"Where is {name}?",
        "context": context,
        "reference": None if reference is None else list(reference),
        "answer": answer,
        "human_class": "unacceptable",
        "teacher_levels": levels,
        "teacher_score": 0.4321,
        "teacher_class": "unacceptable",
        "reason": None,
    }


def write(rows: Sequence[Row], folder: Path, table: Table = TEST) -> None:
    """Write settings and a table of rows into a folder, which has to be the current one for the table."""
    (folder / "params.yaml").write_text("seed: 17\nlabel: {threshold: 0.8}\ngate: {ignored: true}\n", encoding="utf-8")
    tables.write(table, rows)


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[Served]:
    """`judge annotate` on a free port, until the block ends; what it says on stderr goes to the file stderr.txt of the folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "judge", "annotate", *arguments]
    with (
        (folder / "stderr.txt").open("a") as said,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        try:
            lines = iter(process.stdout or ())
            page = next((line.split()[1] for line in lines if line.startswith("Open ")), None)
            if page is None:
                raise AssertionError((folder / "stderr.txt").read_text())
            yield Served(process, page)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(20)
