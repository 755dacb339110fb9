"""A file of rows is judged in order; bad rows are named, kept out and counted."""

import json
from pathlib import Path
from typing import Any

import pytest

from judge.serving.errors import ScoreError
from judge.students import streams
from judge.tables.levels import classify, mean
from tests.serving.fakes import Batchwise, read_jsonl, row, score, write_csv, write_jsonl


def test_output_is_in_the_order_of_the_input(tmp_path: Path) -> None:
    """More rows than a chunk has, each under its own id, and in one chunk after the other."""
    source = write_jsonl(tmp_path / "in.jsonl", (row(number, id=f"r{number}") for number in range(600)))
    student = Batchwise()

    counts = score(source, tmp_path / "out.jsonl", student)

    assert ((600, 0), [256, 256, 88]) == (counts, student.batches)
    assert [f"r{number}" for number in range(600)] == [each["id"] for each in read_jsonl(tmp_path / "out.jsonl")]


def test_a_row_of_the_output_says_all_of_a_judgment(tmp_path: Path) -> None:
    """Levels, their mean, the class by the threshold, and, from a student that has learnt no probability, 1 or 0."""
    score(write_jsonl(tmp_path / "in.jsonl", [row(1)]), tmp_path / "out.jsonl")

    (judged,) = read_jsonl(tmp_path / "out.jsonl")

    expected_class = classify(judged["score"], 0.5)
    assert mean(judged["levels"]) == judged["score"]
    assert (expected_class, float(expected_class == "acceptable"), None) == (judged["class"], judged["acceptable"], judged["reason"])
    assert ["id", "levels", "score", "class", "acceptable", "reason"] == list(judged)


def test_a_row_without_an_id_has_the_number_of_its_line(tmp_path: Path) -> None:
    """Empty lines count, and so do bad ones."""
    score(write_jsonl(tmp_path / "in.jsonl", [row(1), "", "no JSON", row(2), row(3, id=7)]), tmp_path / "out.jsonl")
    assert [1, 4, 7] == [each["id"] for each in read_jsonl(tmp_path / "out.jsonl")]


@pytest.mark.parametrize("answer", [None, "", " … "])
def test_an_answer_without_words_gets_no_verdict(tmp_path: Path, answer: str | None) -> None:
    """It is a row like any other, even where the passage is missing."""
    counts = score(write_jsonl(tmp_path / "in.jsonl", [row(1), {"question": "Who?", "answer": answer}]), tmp_path / "out.jsonl")

    nothing = {"id": 2, "levels": None, "score": None, "class": None, "acceptable": None, "reason": "no_verdict"}
    assert ((2, 0), nothing) == (counts, read_jsonl(tmp_path / "out.jsonl")[1])


BAD: list[tuple[Any, str]] = [
    ("{", "no JSON"),
    ("[1]", "a JSON object is needed, got list"),
    ("null", "a JSON object is needed, got NoneType"),
    ("[" * 100_000, "no JSON"),
    ({"answer": "It is."}, "`question` has to be text, got None"),
    (row(1, question=" "), "there is no question"),
    ({"question": "Who?", "context": "He."}, "`answer` is missing"),
    (row(1, answer=3), "`answer` has to be text, got 3"),
    (row(1, reference=["a", 1]), "`reference` has to be text or a list of texts"),
    (row(1, context=None), "This student holds answers against evidence=context, but the context is missing"),
    (row(1, id=1.5), "`id` has to be text or a whole number, got 1.5"),
    (row(1, context="word " * 30_000), "its texts have 150,"),
    (row(1, answer="\ud800 is no character"), "a value cannot be written as UTF-8 or JSON"),
]


@pytest.mark.parametrize(("bad", "why"), BAD, ids=[why for _, why in BAD])
def test_a_bad_row_is_named_by_line_and_kept_out(tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Any, why: str) -> None:
    """The rows around it are judged."""
    source = write_jsonl(tmp_path / "in.jsonl", [row(1), bad, row(2)])

    counts = score(source, tmp_path / "out.jsonl")

    assert ((2, 1), [1, 3]) == (counts, [each["id"] for each in read_jsonl(tmp_path / "out.jsonl")])
    assert f"{source}, line 2: {why}" in capsys.readouterr().err


def test_what_cannot_be_written_is_a_bad_row(tmp_path: Path) -> None:
    """A kept number that JSON lacks."""
    source = write_jsonl(tmp_path / "in.jsonl", [row(1, more=1), json.dumps(row(2)).replace("}", ', "more": 1e999}')])
    assert (1, 1) == score(source, tmp_path / "out.jsonl", keep="more")


def test_strict_ends_at_the_first_bad_row_and_goes_on_when_it_is_mended(tmp_path: Path) -> None:
    """The chunks before it are done: the mended file is judged from there, to the bytes of an unbroken run."""
    rows: list[Any] = [row(number) for number in range(600)]
    mended = write_jsonl(tmp_path / "mended.jsonl", rows)
    score(mended, tmp_path / "whole.jsonl")
    source = write_jsonl(tmp_path / "in.jsonl", [*rows[:500], "bad", *rows[501:]])

    with pytest.raises(ScoreError, match=r"line 501: no JSON.*\n.*256 rows are done, and the same command goes on after them"):
        score(source, tmp_path / "out.jsonl", strict=True)
    mended.replace(source)
    student = Batchwise()
    score(source, tmp_path / "out.jsonl", student, strict=True)

    assert [256, 88] == student.batches
    assert (tmp_path / "whole.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()


@pytest.mark.parametrize("lines", [[], ["", "no JSON"]])
def test_no_row_at_all_is_an_error(tmp_path: Path, lines: list[str]) -> None:
    """An empty file, or one of bad rows only, makes no output."""
    with pytest.raises(ScoreError, match="no row could be judged"):
        score(write_jsonl(tmp_path / "in.jsonl", lines), tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_other_names_are_mapped_and_columns_kept(tmp_path: Path) -> None:
    """A kept column whose name is one of ours is renamed; one that a row lacks is null."""
    rows = [{"q": "Who?", "a": "He.", "context": "He did.", "score": 3, "system": "x"}, {"q": "Who?", "a": "She.", "context": "He did."}]
    source = write_jsonl(tmp_path / "in.jsonl", rows)

    score(source, tmp_path / "out.jsonl", names="question=q,answer=a", keep="system,score,q")
    score(source, tmp_path / "all.jsonl", names="question=q,answer=a", keep="all")

    kept = [{name: each[name] for name in ("system", "input_score", "q")} for each in read_jsonl(tmp_path / "out.jsonl")]
    assert [{"system": "x", "input_score": 3, "q": "Who?"}, {"system": None, "input_score": None, "q": "Who?"}] == kept
    assert [["input_score", "system"], []] == [list(each)[6:] for each in read_jsonl(tmp_path / "all.jsonl")]


def test_a_reference_is_read_where_the_student_needs_one(tmp_path: Path) -> None:
    """A text, or several, in JSONL and in CSV; where it is missing the row is bad."""
    rows = [{"question": "Who?", "answer": "He.", "reference": each} for each in ("He did.", ["He.", "She."], None)]
    student = Batchwise("reference")

    judged = score(write_jsonl(tmp_path / "in.jsonl", rows), tmp_path / "one.jsonl", student)
    cells = [
        each | {"reference": json.dumps(each["reference"]) if isinstance(each["reference"], list) else each["reference"]} for each in rows
    ]
    again = score(write_csv(tmp_path / "in.csv", cells), tmp_path / "two.jsonl", student)

    levels = [[each["levels"] for each in read_jsonl(tmp_path / f"{name}.jsonl")] for name in ("one", "two")]
    assert ((2, 1), (2, 1), levels[0]) == (judged, again, levels[1])


def test_long_rows_make_short_chunks(tmp_path: Path) -> None:
    """A chunk ends with the row that brings its different texts to the limit; a passage that rows share counts once."""
    long = "word " * 8_000
    apart = [row(number, context=f"{number} {long}") for number in range(8)]
    shared = [row(number, context=long) for number in range(8)]
    student = Batchwise()

    score(write_jsonl(tmp_path / "apart.jsonl", apart), tmp_path / "out.jsonl", student)
    score(write_jsonl(tmp_path / "shared.jsonl", shared), tmp_path / "out.jsonl", student)

    assert [4, 4, 8] == student.batches
    assert 3 * len(long) < streams.CHARACTERS < 4 * len(long)
