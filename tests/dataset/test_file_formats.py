"""Files of records in four formats: what is read, and how a broken one is refused."""

from pathlib import Path

import pytest

from judge.dataset import recorded_rows
from judge.errors import DocumentError
from tests.dataset.recorded_files import corpus, score


def test_a_csv_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """A byte order mark, quoted commas and line breaks, and empty cells."""
    path = tmp_path / "judgments.csv"
    path.write_bytes('q,a,s\r\n"Where, then?","Here\r\nand there",0.9\r\nWhen?,Now,\r\n'.encode("utf-8-sig"))
    taken = recorded_rows.read(corpus(path, format="csv"))
    expected = [("Where, then?", "Here\nand there", 0.9), ("When?", "Now", None)]
    assert expected == [(row["question"], row["answer"], score(row)) for row in taken.rows]


def test_a_tab_separated_file_has_no_quotes(tmp_path: Path) -> None:
    """A quotation mark that opens a text and is never closed, or stands inside one, is a character of it."""
    path = tmp_path / "judgments.tsv"
    path.write_text('q\ta\ts\n"Where?\tHere, "there"\t0.9\nWhen?\tNow\t\n', encoding="utf-8")
    taken = recorded_rows.read(corpus(path, format="tsv"))
    expected = [('"Where?', 'Here, "there"', 0.9), ("When?", "Now", None)]
    assert expected == [(row["question"], row["answer"], score(row)) for row in taken.rows]


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        ("jsonl", '{"q": "Q?"}\n{"q"\n', "line 2: no JSON"),
        ("jsonl", '["Q?"]\n', "row 1: a JSON object is needed, got list"),
        ("json", '[\n{"q": 1},\n]', "line 3: no JSON"),
        ("json", '{"rows": []}', "has to hold a list of objects, got dict"),
        ("json", "[]", "has no rows"),
        ("jsonl", "\n", "has no rows"),
        ("csv", "q,a,s\nQ?,A,1,2\n", "line 2: more values than the header has names"),
        ("csv", 'q,a,s\nQ?,"A" b,1\n', "line 2: no CSV"),
        ("tsv", "q\ta\ts\nQ?\tA\t1\t2\n", "line 2: more values than the header has names"),
        ("csv", "q,a\nQ?,A\n", "has the field s; there are a, q"),
        ("jsonl", '{"q": "", "a": "A", "s": 1}\n', "has no row that can be used.\n  1 row: no question"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, form: str, content: str, message: str) -> None:
    """The message says where and what."""
    path = tmp_path / "judgments"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError) as error:
        recorded_rows.read(corpus(path, format=form))
    assert message in str(error.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """Latin-1 is not guessed at."""
    path = tmp_path / "judgments.jsonl"
    path.write_bytes('{"q": "Où?"}'.encode("latin-1"))
    with pytest.raises(DocumentError, match="not UTF-8"):
        recorded_rows.read(corpus(path))
