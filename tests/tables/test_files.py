"""The tables: what may stand in them, and what a reader is told of a corrupt one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from judge import tables
from judge.errors import TableError

JUDGED = {"source": "model", "rationale": None, **tables.calls(None)}


def _question(number: int, **changes: Any) -> tables.Row:
    return {"question_id": f"q{number}", "chunk_id": "c", "question": "Where is it?", "reference": None, **tables.calls(None), **changes}


@pytest.fixture
def questions(workspace: Path) -> tables.Table:
    """The questions table in an empty folder."""
    return replace(tables.QUESTIONS, path=str(workspace / "questions.jsonl"))


def test_rows_come_back_sorted_by_key_and_unchanged(questions: tables.Table) -> None:
    """Any order in, key order out, every character kept: line separators, NA, quotes, emoji."""
    rows = [_question(2, question='NA\u2028\u0085 "x" \\n 🙂?'), _question(1, reference=["null"])]
    tables.write(questions, rows)
    assert tables.read(questions) == [rows[1], rows[0]]


def test_equal_rows_give_equal_bytes_in_any_order(questions: tables.Table) -> None:
    """The bytes depend on the rows alone."""
    rows = [_question(number) for number in range(5)]
    tables.write(questions, rows)
    first = Path(questions.path).read_bytes()
    tables.write(questions, [dict(reversed(row.items())) for row in reversed(rows)])
    assert first == Path(questions.path).read_bytes()


def test_floats_keep_full_precision(workspace: Path) -> None:
    """A float is read back to the last bit."""
    table = replace(tables.JUDGMENTS, path=str(workspace / "scores.jsonl"))
    mass = 0.1 + 0.2
    row = {"item_id": "a", "levels": [mass, 1 - mass, *[0.0] * 9], "score": mass / 3, "acceptable": None, "reason": None, **JUDGED}
    tables.write(table, [row])
    assert tables.read(table) == [row]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ('{"question_id": "q1"\n', 1, "no valid JSON"),
        ("[1]\n", 1, "JSON object is needed, got list"),
        (json.dumps(_question(1)) + "\n" + json.dumps(_question(1)) + "\n", 2, "'q1' stands on line 1 already"),
        (json.dumps(_question(1)) + "\n" + json.dumps(_question(2, question=None)) + "\n", 2, "question is null"),
        (json.dumps(_question(1, question=7)) + "\n", 1, "question has to be a text"),
        (
            json.dumps({"question_id": "q1", "chunk_id": "c", "question": "x"}) + "\n",
            1,
            "reference, calls, prompt_tokens, completion_tokens, usd is missing",
        ),
        (json.dumps(_question(1, score=0.5)) + "\n", 1, "there is no column score"),
        (json.dumps(_question(1)) + "\n" + json.dumps(_question(2))[:-4], 2, "cut off"),
    ],
)
def test_a_corrupt_table_is_named_with_line_and_fault(questions: tables.Table, content: str, line: int, what: str) -> None:
    """The message says file, line, what is wrong, and what to do."""
    Path(questions.path).write_text(content, encoding="utf-8")
    with pytest.raises(TableError) as error:
        tables.read(questions)
    assert f"questions.jsonl, line {line}:" in str(error.value)
    assert what in str(error.value)
    assert "Next:" in str(error.value)


def test_bytes_that_are_no_text_are_named_with_their_line(questions: tables.Table) -> None:
    """A byte that is not UTF-8 is found on its line."""
    Path(questions.path).write_bytes((json.dumps(_question(1)) + "\n").encode() + b'{"\xff\n')
    with pytest.raises(TableError, match=r"line 2: byte \d+ is not UTF-8"):
        tables.read(questions)


def test_some_columns_of_a_row_are_kept_once_all_are_checked(questions: tables.Table) -> None:
    """What nobody needs takes no memory, and a fault in it is one all the same."""
    tables.write(questions, [_question(1)])
    assert [{"question_id": "q1", "question": "Where is it?"}] == tables.read(questions, ("question_id", "question"))

    Path(questions.path).write_text(json.dumps(_question(1, reference=7)) + "\n", encoding="utf-8")
    with pytest.raises(TableError, match="line 1: reference has to be"):
        tables.read(questions, ("question_id", "question"))


def test_nan_is_no_score(workspace: Path) -> None:
    """NaN is refused on the way in and on the way out."""
    table = replace(tables.JUDGMENTS, path=str(workspace / "scores.jsonl"))
    row = {"item_id": "a", "levels": None, "score": float("nan"), "acceptable": None, "reason": None, **JUDGED}
    with pytest.raises(TableError, match="score has to be a number from 0 to 1"):
        tables.write(table, [row])
    Path(table.path).write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(TableError, match="NaN is no JSON number"):
        tables.read(table)


def test_levels_that_do_not_sum_to_one_are_refused(workspace: Path) -> None:
    """A distribution has eleven masses that sum to 1."""
    table = replace(tables.JUDGMENTS, path=str(workspace / "scores.jsonl"))
    with pytest.raises(TableError, match="11 probabilities"):
        tables.write(table, [{"item_id": "a", "levels": [0.5] * 11, "score": 0.5, "acceptable": None, "reason": None, **JUDGED}])


def test_a_missing_table_names_the_command_that_makes_it(questions: tables.Table) -> None:
    """The next step is in the message."""
    with pytest.raises(TableError, match="dvc repro"):
        tables.read(questions)


def test_a_failed_write_leaves_the_old_table_and_nothing_else(questions: tables.Table) -> None:
    """A bad row stops the write before the first byte."""
    tables.write(questions, [_question(1)])
    before = Path(questions.path).read_bytes()
    with pytest.raises(TableError, match="row 2"):
        tables.write(questions, [_question(1), _question(2, question="")])
    assert before == Path(questions.path).read_bytes()
    assert ["questions.jsonl"] == [path.name for path in Path(questions.path).parent.iterdir()]
