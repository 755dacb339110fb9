"""The corpus of recorded judgments: its options, its documents, and the stage that reads it."""

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from judge import tables
from judge.dataset import recorded_rows
from judge.dataset.corpora import Corpus
from judge.tables.files import row_fault
from judge.tables.schema import Row
from tests.conftest import ROOT, change_yaml, option
from tests.dataset.recorded_files import COLUMNS, corpus, jsonl, score


def test_the_files_of_conf_are_options(tmp_path: Path) -> None:
    """The plain example reads a file that has all of its fields, as it stands."""
    row = {"question": "Q?", "answer": "A", "context": "C", "reference": "R", "generator": "G", "human": "acceptable", "score": 0.7}
    (got,) = recorded_rows.read(option("corpus", "recorded", Corpus, file=str(jsonl(tmp_path, row)))).rows

    assert ("Q?", "A", "C", ["R"], "G", "acceptable") == tuple(
        got[name] for name in ("question", "answer", "context", "reference", "generator", "human_class")
    )
    assert pytest.approx(0.7) == score(got)
    for name in ("vicuna-eval", "evouna-nq"):
        assert option("corpus", name, Corpus).name == name


def test_passages_become_documents_once(tmp_path: Path) -> None:
    """Rows of one passage share its document, whatever their line ends; a row without one has the question for a group."""
    rows = [
        {"q": "1?", "a": "A", "s": 1, "c": "Lima is the capital of Peru and its largest city.\nIt lies by the sea."},
        {"q": "2?", "a": "A", "s": 1, "c": "Lima is the capital of Peru and its largest city.\r\nIt lies by the sea. "},
        {"q": "3?", "a": "A", "s": 1, "c": None},
        {"q": "3?", "a": "B", "s": 1},
    ]
    taken = corpus(jsonl(tmp_path, *rows), columns={"context": "c"}).read(1)
    (document,) = taken.documents
    assert ("Lima is the capital of Peru and its …", rows[0]["c"]) == (document["title"], document["text"])
    of_question = defaultdict(set)
    for row in taken.recorded:
        of_question[row["question"]].add(row["document_id"])
    assert of_question["1?"] == of_question["2?"] == {document["document_id"]}
    assert len(of_question["3?"]) == 1
    assert taken.background == []
    assert row_fault(tables.DOCUMENTS, document) is None


def test_the_passages_of_a_group_are_one_document(tmp_path: Path) -> None:
    """Each once, in their order, with a blank line between; nothing of another group is in it."""
    texts = [("B.", 1), ("C.", 2), ("A.", 1), ("B.", 1)]
    rows = [{"q": f"{number}?", "a": "A", "s": 1, "c": text, "f": name} for number, (text, name) in enumerate(texts)]
    taken = corpus(jsonl(tmp_path, *rows, {"q": "?4", "a": "A", "s": 1, "f": 3}), columns={"context": "c", "group": "f"}).read(1)
    assert ["B.\n\nA.", "C."] == [document["text"] for document in taken.documents]
    assert {document["document_id"] for document in taken.documents} < {row["document_id"] for row in taken.recorded}
    assert [None, None] == [row_fault(tables.DOCUMENTS, document) for document in taken.documents]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of conf/ and params.yaml whose corpus is the recorded one, with columns q, a, s and c."""
    import shutil

    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    change_yaml(tmp_path / "params.yaml", corpus="recorded", teacher="recorded")
    change_yaml(tmp_path / "conf/corpus/recorded.yaml", columns={**COLUMNS, "context": "c"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ingest() -> subprocess.CompletedProcess[str]:
    """The stage, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", "stages.ingest"], capture_output=True, text=True, check=False, env=environment)


def test_the_stage_writes_recorded_rows_and_their_documents(project: Path) -> None:
    """Three tables, the background empty; what was left out is printed by reason."""
    (project / "data/raw").mkdir(parents=True)
    rows: list[Row] = [{"q": f"{number}?", "a": "A", "s": 1, "c": "Lima is in Peru."} for number in range(3)]
    jsonl(project / "data/raw", *rows, {"q": "", "a": "A", "s": 1, "c": None})
    result = ingest()

    assert (0, "") == (result.returncode, result.stderr)
    assert (3, 1, 0) == tuple(len(tables.read(table)) for table in (tables.RECORDED, tables.DOCUMENTS, tables.BACKGROUND))
    assert result.stdout == "left out 1 row: no question\n1 documents, 0 set aside, 3 recorded judgments\n"


@pytest.mark.usefixtures("project")
def test_a_missing_file_is_told_where_to_put_it() -> None:
    """Exit code 2, no traceback."""
    result = ingest()
    assert (2, True, False) == (result.returncode, "data/raw/judgments.jsonl" in result.stderr, "Traceback" in result.stderr)
