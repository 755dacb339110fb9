"""`judge score --spans`: the words without support in the output."""

import csv
import json
from pathlib import Path

import pytest

from judge.errors import StudentError
from judge.students.encoder_student import EncoderStudent
from tests.serving.fakes import Batchwise, read_jsonl, score, write_csv, write_jsonl
from tests.serving.served import ROW

ROWS = [{**ROW, "answer": "It is a trumpet of brass.", "spans": "mine"}, {**ROW, "answer": "..."}]


def test_spans_are_those_of_the_student(trained: EncoderStudent, tmp_path: Path) -> None:
    """As a list in JSONL; an answer without words has none, and a column of the input of that name is kept under another."""
    score(write_jsonl(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl", trained, keep="spans", spans=True)
    first, second = read_jsonl(tmp_path / "out.jsonl")
    assert [span._asdict() for span in trained.explain(ROW | {"answer": ROWS[0]["answer"]})] == first["spans"]
    assert "trumpet" in [span["text"] for span in first["spans"] if span["unsupported"] > 0.3]
    assert ([], "mine") == (second["spans"], first["input_spans"])


def test_a_table_has_them_as_json(trained: EncoderStudent, tmp_path: Path) -> None:
    """The same list, in a cell; and none of it where nobody asked."""
    source = write_csv(tmp_path / "in.csv", [dict(ROW), {**ROW, "answer": "..."}])
    score(source, tmp_path / "out.csv", trained, spans=True)
    score(source, tmp_path / "plain.csv", trained)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert [span._asdict() for span in trained.explain(ROW)] == json.loads(first["spans"])
    assert "[]" == second["spans"]
    assert "spans" not in (tmp_path / "plain.csv").read_text(encoding="utf-8")


def test_a_student_that_reads_no_words_says_so_at_once(tmp_path: Path) -> None:
    """Before a row is judged."""
    student = Batchwise()
    with pytest.raises(StudentError, match="says nothing of single words"):
        score(write_jsonl(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl", student, spans=True)
    assert [] == student.batches
