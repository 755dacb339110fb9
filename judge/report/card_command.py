"""The command `judge card`: the evidence of the judge in data/student on a page."""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from judge import tables
from judge.errors import TableError
from judge.evaluation import evidence, figures
from judge.report import card, licences
from judge.report.card_parts import Facts, TableFacts
from judge.settings import read_params
from judge.tables import atomic
from judge.tables.schema import Table

STUDENT = Path("data/student/config.json")
_TABLES = (tables.DOCUMENTS, tables.TRAIN, tables.TEST)


class Chosen(NamedTuple):
    """What was chosen in params.yaml: names of options, and by what train and test are told apart."""

    corpus: str
    questioner: str
    generators: list[str]
    teacher: str
    group_by: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the card as Markdown instead of printing it")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write the card as one HTML page")


def command(given: argparse.Namespace) -> None:
    """Print the card as Markdown, or write it.

    Raises:
        TableError: a file that the card is made of is missing or broken.
        SettingsError: params.yaml or an option of conf/ cannot be read.
    """
    params = read_params()
    chosen = {name: params[name] for name in ("corpus", "questioner", "generators", "teacher")}
    made = card.card(gather(Chosen(**chosen, group_by=params["split"]["group_by"])))
    if given.html is not None:
        atomic.write_text(given.html, card.render_html(made))
    if given.markdown is not None:
        atomic.write_text(given.markdown, card.render_markdown(made))
    written = [str(path) for path in (given.markdown, given.html) if path is not None]
    sys.stdout.write(f"The card is in {' and '.join(written)}\n" if written else card.render_markdown(made))


def gather(chosen: Chosen) -> Facts:
    """Read what the card is made of; raises as `command` does."""
    student = _student()
    recorded = bool(tables.read(tables.RECORDED))
    run = {"corpus": chosen.corpus, "split by": chosen.group_by}
    if not recorded:
        # Recorded judgments bring their questions and answers along: nobody was asked for any.
        run |= {"questioner": chosen.questioner, "generators": ", ".join(chosen.generators)}
    options = [("student", student["option"]), ("teacher", _option("teacher", chosen.teacher))]
    if not recorded:
        options += [("questioner", _option("questioner", chosen.questioner))]
        options += [("generator", _option("generator", name)) for name in chosen.generators]
    return Facts(
        figures.read(),
        student,
        run,
        {table.name: _facts(table) for table in _TABLES},
        evidence.read() if evidence.EVIDENCE_CSV.exists() else [],
        licences.used(options, chosen.corpus),
    )


def _student() -> dict[str, Any]:
    try:
        return dict(json.loads(STUDENT.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise TableError(f"{STUDENT} is missing.\nNext: `dvc repro` makes it, `dvc pull` fetches it.") from None
    except ValueError as error:
        raise TableError(f"{STUDENT} is no valid JSON ({error}).\nNext: `dvc checkout --force data/student` restores it.") from None


def _option(group: str, name: str) -> dict[str, Any]:
    return read_params(Path("conf", group, f"{name}.yaml"))


def _facts(table: Table) -> TableFacts:
    rows = tables.read(table)
    digest = hashlib.sha256(Path(table.path).read_bytes()).hexdigest()
    return TableFacts(len(rows), len({row["document_id"] for row in rows}), digest)
