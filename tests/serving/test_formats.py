"""JSONL, CSV and Parquet say the same, by suffix or by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from judge.serving import formats
from judge.serving.errors import ScoreError
from tests.serving.fakes import Batchwise, read_jsonl, row, score, write_csv, write_jsonl

NEEDS_PARQUET = "Parquet needs pyarrow, an extra"


@pytest.mark.parametrize(
    ("name", "chosen", "form"),
    [
        ("a.jsonl", None, "jsonl"),
        ("a.NDJSON", None, "jsonl"),
        ("a.csv", None, "csv"),
        ("a.parquet", None, "parquet"),
        ("a.txt", "csv", "csv"),
        ("-", None, "jsonl"),
        ("-", "csv", "csv"),
    ],
)
def test_a_format_is_known_by_suffix_or_chosen(name: str, chosen: str | None, form: str) -> None:
    """A stream has an object a line where nothing is chosen."""
    assert form == formats.of(name, chosen, "--format")


@pytest.mark.parametrize(("name", "chosen", "why"), [("a.txt", None, "--format jsonl|csv|parquet"), ("-", "parquet", "cannot be streamed")])
def test_no_format_is_guessed(name: str, chosen: str | None, why: str) -> None:
    """Neither from a suffix that says nothing, nor is Parquet streamed."""
    with pytest.raises(ScoreError) as caught:
        formats.of(name, chosen, "--format")
    assert why in str(caught.value)


def test_csv_says_what_jsonl_says(tmp_path: Path) -> None:
    """The same rows in either, with commas, quotes and line ends in their texts, and cells for lists and nothing."""
    rows = [row(number, answer=f'He said: "{number},\n{number}".', id=f"r{number}", more="a, b") for number in range(4)]
    rows.append({**row(5), "answer": "", "id": "r5", "more": ""})
    score(write_jsonl(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", keep="more")

    score(write_csv(tmp_path / "in.csv", rows), tmp_path / "again.jsonl", keep="more")
    score(tmp_path / "in.csv", tmp_path / "out.csv", keep="more")

    expected = read_jsonl(tmp_path / "out.jsonl")
    assert expected == read_jsonl(tmp_path / "again.jsonl")
    import csv

    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        told = [
            {name: cell if name in ("id", "class", "reason", "more") else json.loads(cell or "null") for name, cell in each.items()}
            for each in csv.DictReader(file)
        ]
    assert [
        {name: value if value is not None or name not in ("class", "reason") else "" for name, value in each.items()} for each in expected
    ] == told


def test_a_bad_row_of_csv_is_named_by_the_line_where_it_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows of several lines before it count as these; what is broken spoils no row after it."""
    source = tmp_path / "in.csv"
    source.write_bytes(
        b"\xef\xbb\xbfquestion,answer,context\n"
        b'Who?,"He,\nhe.",He did.\n'
        b"Who?,He.\n"
        b"\n"
        b'Who?,"He"did,He did.\n'
        b"Who?,\xff,He did.\n"
        b"Who?,He.,\n"
        b"Who?,She.,She did.\n"
    )

    counts = score(source, tmp_path / "out.jsonl")

    assert ((2, 4), [2, 9]) == (counts, [each["id"] for each in read_jsonl(tmp_path / "out.jsonl")])
    said = capsys.readouterr().err
    for words in (
        "line 4: 2 values, and the header has 3 names",
        "line 6: no CSV ('",
        "line 7: the line is not UTF-8 (byte 6 of it)",
        "line 8: This student holds answers against evidence=context, but the context is missing",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("header", "names", "why"),
    [
        ("q,answer", None, "there is no column question; the columns are q, answer"),
        ("question,answer", "context=passage", "there is no column passage"),
        ("question,answer,answer", None, "the column answer is there twice"),
        ("", None, "there is no column question, answer; the columns are none"),
    ],
)
def test_a_header_that_lacks_a_column_is_refused(tmp_path: Path, header: str, names: str | None, why: str) -> None:
    """Before any row is read."""
    (tmp_path / "in.csv").write_text(header, encoding="utf-8")
    with pytest.raises(ScoreError) as caught:
        score(tmp_path / "in.csv", tmp_path / "out.csv", names=names)
    assert why in str(caught.value)


def test_a_kept_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Of a table; rows of JSONL may lack it."""
    with pytest.raises(ScoreError, match="--keep names sistem, and the columns are question"):
        score(write_csv(tmp_path / "in.csv", [row(1)]), tmp_path / "out.csv", keep="sistem")


def test_a_table_of_rows_with_any_columns_names_what_it_keeps(tmp_path: Path) -> None:
    """Rows of JSONL have columns of their own; a table has the same for all."""
    source = write_jsonl(tmp_path / "in.jsonl", [row(1, more=1)])
    with pytest.raises(ScoreError, match="name what is kept, --keep a,b"):
        score(source, tmp_path / "out.csv", keep="all")
    assert (1, 0) == score(source, tmp_path / "out.csv", keep="more")


def test_parquet_says_what_jsonl_says(tmp_path: Path) -> None:
    """Rows read from it and written to it, with lists of references; what is kept is text."""
    parquet = pytest.importorskip("pyarrow.parquet", reason=NEEDS_PARQUET)
    import pyarrow as pa

    rows = [row(number, reference=[f"{number}", "one"], more=number) for number in range(600)]
    rows[3]["answer"] = None
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet", row_group_size=100)
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    student = Batchwise("both")
    score(source, tmp_path / "out.jsonl", student, keep="more")

    score(tmp_path / "in.parquet", tmp_path / "again.jsonl", student, keep="more")
    score(source, tmp_path / "out.parquet", student, keep="more")

    expected = read_jsonl(tmp_path / "out.jsonl")
    assert expected == read_jsonl(tmp_path / "again.jsonl")
    told: list[dict[str, Any]] = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [each | {"id": str(each["id"]), "more": str(each["more"])} for each in expected] == told
    assert sorted(["in.parquet", "in.jsonl", "out.jsonl", "again.jsonl", "out.parquet"]) == sorted(path.name for path in tmp_path.iterdir())


def test_a_parquet_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """With the library's own words."""
    pytest.importorskip("pyarrow.parquet", reason=NEEDS_PARQUET)
    (tmp_path / "in.parquet").write_bytes(b"question,answer\n" * 10)
    with pytest.raises(ScoreError, match=r"in\.parquet is no Parquet file that can be read"):
        score(tmp_path / "in.parquet", tmp_path / "out.jsonl")


def test_without_pyarrow_parquet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the package."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ScoreError, match="needs the package pyarrow"):
        score(tmp_path / "in.parquet", tmp_path / "out.jsonl")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Without a traceback."""
    with pytest.raises(ScoreError, match=r"none\.jsonl cannot be opened: No such file"):
        score(tmp_path / "none.jsonl", tmp_path / "out.jsonl")


def test_a_line_without_end_is_read_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line longer than the limit is a bad row, in several pieces, and the next one is judged."""
    monkeypatch.setattr("judge.serving.lines.LONGEST_LINE", 1_000)
    source = write_jsonl(tmp_path / "in.jsonl", [row(1, context="x" * 5_000), row(2)])
    assert (1, 1) == score(source, tmp_path / "out.jsonl")
    assert [2] == [each["id"] for each in read_jsonl(tmp_path / "out.jsonl")]
