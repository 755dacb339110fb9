"""Rows of recorded judgments: what is read of a file, what is left out, what is refused."""

from pathlib import Path
from typing import Any

import pytest

from judge.errors import DocumentError
from judge.tables.identity import content_id
from tests.dataset.recorded_files import read, score


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (0.8, 0.8),
        ("0.8", 0.8),
        (" 1 ", 1.0),
        (0, 0.0),
        ([1, 0, 0, 0], 0.25),
        ([0.7, 0.8], 0.75),
        (None, None),
        ("", None),
        ([], None),
        ([None, 1.0], 1.0),
        (1.5, None),
        ([1.5, 0.5], 0.5),
        (float("nan"), None),
    ],
)
def test_a_score_is_the_mean_of_all_that_were_given(tmp_path: Path, values: Any, expected: float | None) -> None:
    """Numbers, texts of numbers and lists of them; nothing and what is off the scale count for nothing."""
    assert expected == score(read(tmp_path, {"q": "Q?", "a": "A", "s": values}).rows[0])


def test_several_scores_make_a_histogram(tmp_path: Path) -> None:
    """Three fields, two verdicts of 0 and one of 1: two thirds of the mass on 0."""
    row = {"q": "Q?", "a": "A", "one": 0, "two": 0, "three": 1}
    (got,) = read(tmp_path, row, columns={"scores": ["one", "two", "three"]}).rows
    assert [pytest.approx(2 / 3), *[0.0] * 9, pytest.approx(1 / 3)] == got["levels"]


@pytest.mark.parametrize(("grade", "expected"), [(1, 0.0), (4, 0.75), (4.2, 0.8), (5, 1.0)])
def test_a_scale_is_mapped_onto_0_to_1_exactly(tmp_path: Path, grade: float, expected: float) -> None:
    """A 4 of 1 to 5 stays 0.75, between two levels, and 4.2 does not cross a threshold of 0.8 by rounding."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": grade}, lowest=1.0, highest=5.0).rows
    assert expected == score(got)


def test_a_score_off_the_scale_is_a_row_with_its_reason_and_counted(tmp_path: Path) -> None:
    """out_of_range where no other score is left, no_verdict where there was none, and the count of the scores."""
    taken = read(tmp_path, {"q": "1?", "a": "A", "s": 7}, {"q": "2?", "a": "A", "s": None}, {"q": "3?", "a": "A", "s": [0.5, 7]})
    assert {"1?": "out_of_range", "2?": "no_verdict", "3?": None} == {row["question"]: row["reason"] for row in taken.rows}
    assert [("2 scores", "not on the scale from 0.0 to 1.0")] == taken.skipped


@pytest.mark.parametrize("value", [True, "true", "True", "YES"])
def test_a_word_stands_for_a_score_whatever_its_capitals(tmp_path: Path, value: Any) -> None:
    """JSON's true, the text of it, and a word of the mapping."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": value}, verdicts={True: 1.0, "yes": 1.0, "false": 0.0}).rows
    assert score(got) == 1.0


def test_a_word_can_stand_for_no_verdict(tmp_path: Path) -> None:
    """Null in the mapping is no score, and no fault."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": "n/a"}, verdicts={"N/A": None}).rows
    assert (None, "no_verdict") == (got["levels"], got["reason"])


def test_values_that_nobody_knows_are_refused_together_with_their_counts(tmp_path: Path) -> None:
    """A word without a mapping, a true without one, a label without one: all in one message."""
    rows = [
        {"q": "Q?", "a": "A", "s": "good", "h": "fine"},
        {"q": "R?", "a": "A", "s": "good", "h": "fine"},
        {"q": "S?", "a": "A", "s": True},
    ]
    with pytest.raises(DocumentError, match="add them to verdicts or human") as error:
        read(tmp_path, *rows, columns={"human": "h"})
    assert not [
        part
        for part in ("score 'good' (2 times)", "score 'True' (1 times)", "human label 'fine' (2 times)")
        if part not in str(error.value)
    ]


def test_what_people_say_is_mapped_and_put_to_the_vote(tmp_path: Path) -> None:
    """Of several labels the more frequent one counts, a tie is no label and is counted."""
    labelled: list[tuple[str, Any]] = [("1?", 1), ("2?", [0, 0, 1]), ("3?", ["1", "0"]), ("4?", None)]
    rows = [{"q": question, "a": "A", "s": 0.5, "h": given} for question, given in labelled]
    taken = read(tmp_path, *rows, columns={"human": "h"}, human={"1": "acceptable", "0": "unacceptable"})
    expected = {"1?": "acceptable", "2?": "unacceptable", "3?": None, "4?": None}
    assert expected == {row["question"]: row["human_class"] for row in taken.rows}
    assert [("1 human label", "as many say acceptable as unacceptable")] == taken.skipped


def test_the_same_answer_again_adds_its_scores(tmp_path: Path) -> None:
    """Two rows of one answer are one row, whose histogram holds both; another generator is another row."""
    rows = [{"q": "Q?", "a": "A", "s": value, "g": name} for value, name in ((0, "x"), (1, "x"), (1, "y"))]
    taken = read(tmp_path, *rows, columns={"generator": "g"})
    assert {"x": 0.5, "y": 1.0} == {row["generator"]: score(row) for row in taken.rows}
    assert [("1 row", "an answer that stands there already, whose verdicts they are added to")] == taken.skipped


def test_rows_that_hold_nothing_to_judge_are_left_out_and_counted_by_reason(tmp_path: Path) -> None:
    """Without a question, without answer and verdict, or with a field that says so; the reasons stand once, with their counts."""
    rows = [{"q": "", "a": "A", "s": 1}, {"q": "?!", "a": "A", "s": 1}, {"q": "Q?", "a": None, "s": None}]
    rows += [{"q": f"{number}?", "a": "A", "s": 1, "draft": True} for number in range(3)] + [{"q": "Q?", "a": "A", "s": 1, "draft": False}]
    taken = read(tmp_path, *rows, skip_where={"draft": True})
    assert ["Q?"] == [row["question"] for row in taken.rows]
    assert [("3 rows", "draft is true"), ("1 row", "neither an answer nor a verdict"), ("2 rows", "no question")] == taken.skipped


@pytest.mark.parametrize("answer", [None, "", "  \n"])
def test_an_answer_without_text_is_a_row_without_verdict(tmp_path: Path, answer: str | None) -> None:
    """Someone has judged it, so it is a row; there is nothing that a student could learn from, so it has no levels."""
    (got,) = read(tmp_path, {"q": "Q?", "a": answer, "s": 1}).rows
    assert (None, None, "no_verdict") == (got["answer"], got["levels"], got["reason"])


def test_without_scores_another_teacher_can_judge(tmp_path: Path) -> None:
    """A file of questions and answers alone is read; its rows have no verdict yet."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A"}, columns={"scores": []}).rows
    assert ("A", None, "no_verdict") == (got["answer"], got["levels"], got["reason"])


def test_a_list_of_passages_is_joined(tmp_path: Path) -> None:
    """What a retriever returned in parts is one passage, in paragraphs."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": 1, "c": ["One.", " ", "Two."]}, columns={"context": "c"}).rows
    assert got["context"] == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("value", "separator", "expected"),
    [
        ("Yale", None, ["Yale"]),
        ("Yale/Yale University / Yale", "/", ["Yale", "Yale University"]),
        ("1/2", None, ["1/2"]),
        (["Yale", "Yale University", "", None], None, ["Yale", "Yale University"]),
        ("/", "/", ["/"]),
        ("", "/", None),
        (None, "/", None),
    ],
)
def test_alternatives_of_a_reference_are_a_list(tmp_path: Path, value: Any, separator: str | None, expected: list[str] | None) -> None:
    """Those of a list, or those between which the separator stands, each once and in order; without a separator a text is one answer."""
    row = {"q": "Where?", "a": "There", "s": 1, "r": value}
    (got,) = read(tmp_path, row, columns={"reference": "r"}, reference_separator=separator).rows
    assert expected == got["reference"]


def test_a_half_character_does_no_harm(tmp_path: Path) -> None:
    """JSON can spell a lone surrogate, which no file of ours can hold."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "\ud83d yes", "s": 1}).rows
    assert got["answer"] == "? yes"


def test_the_order_of_the_rows_changes_no_row(tmp_path: Path) -> None:
    """Ids and histograms come from what the rows hold."""
    rows = [{"q": f"{number % 5}?", "a": "A", "s": number / 10} for number in range(10)]
    one, other = (sorted(read(tmp_path, *given).rows, key=lambda row: str(row["answer_id"])) for given in (rows, rows[::-1]))
    assert one == other


def test_a_text_is_taken_apart_by_named_groups(tmp_path: Path) -> None:
    """The groups become fields; rows that do not match are left out and counted."""
    rows = [{"t": "Q: Where?\nA: There\nand here", "s": 1}, {"t": "nothing of the kind", "s": 1}]
    taken = read(tmp_path, *rows, extract={"t": r"(?s)Q: (?P<q>.*?)\nA: (?P<a>.*)"})
    assert [("Where?", "There\nand here")] == [(row["question"], row["answer"]) for row in taken.rows]
    assert [("1 row", "the regular expression does not match t")] == taken.skipped


def test_a_wide_row_becomes_a_row_a_name(tmp_path: Path) -> None:
    """Each system has its answer and its score, and gives the generator its name."""
    row = {"q": "Q?", "answer_x": "X", "score_x": 1, "answer_y": "Y", "score_y": 0}
    taken = read(tmp_path, row, columns={"answer": "answer_{name}", "scores": ["score_{name}"]}, unpivot=["x", "y"])
    assert {("x", "X", 1.0), ("y", "Y", 0.0)} == {(got["generator"], got["answer"], score(got)) for got in taken.rows}


def test_missing_fields_are_named_with_those_that_are_there(tmp_path: Path) -> None:
    """Columns, the field to skip by and the one to take apart, in one message."""
    changes: Any = {"columns": {"human": "h"}, "skip_where": {"draft": True}, "extract": {"t": "(?P<q>.)"}}
    with pytest.raises(DocumentError, match="has the field h, draft, t; there are a, q, s"):
        read(tmp_path, {"q": "Q?", "a": "A", "s": 1}, **changes)


def test_a_regular_expression_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    """It is more likely wrong than the file."""
    with pytest.raises(DocumentError, match="for t matches no row"):
        read(tmp_path, {"t": "Q: Where?", "a": "A", "s": 1}, extract={"t": "Question: (?P<q>.*)"})


def test_rows_of_one_group_are_of_one_document(tmp_path: Path) -> None:
    """Whatever their passages; a row without a value keeps the document that it has without the column."""
    rows = [
        {"q": "1?", "a": "A", "s": 1, "c": "One.", "f": "x"},
        {"q": "2?", "a": "A", "s": 1, "c": "Two.", "f": "x"},
        {"q": "3?", "a": "A", "s": 1, "c": "One.", "f": "y"},
        {"q": "4?", "a": "A", "s": 1, "c": "One."},
        {"q": "5?", "a": "A", "s": 1, "f": " "},
    ]
    taken = [read(tmp_path, *rows, columns={"context": "c", "group": group}).rows for group in ("f", None)]
    grouped, plain = ({row["question"]: row for row in got} for got in taken)
    of = {question: row["document_id"] for question, row in grouped.items()}
    assert of["1?"] == of["2?"]
    assert len({of[question] for question in of}) == 4
    assert {question: plain[question] for question in ("4?", "5?")} == {question: grouped[question] for question in ("4?", "5?")}


def test_the_same_question_of_two_passages_of_a_group_stays_two(tmp_path: Path) -> None:
    """An answer is judged by its passage, so equal answers to it are no repetition."""
    rows = [{"q": "Where?", "a": "There.", "s": value, "c": context, "f": "x"} for value, context in ((1, "One."), (0, "Two."))]
    one, two = read(tmp_path, *rows, columns={"context": "c", "group": "f"}).rows
    assert one["document_id"] == two["document_id"]
    assert not {one["answer_id"], one["question_id"]} & {two["answer_id"], two["question_id"]}


def test_the_same_row_in_two_groups_stays_two(tmp_path: Path) -> None:
    """Otherwise the order of the file would say which group it is of."""
    rows = [{"q": "Where?", "a": "There.", "s": value, "c": "One.", "f": name} for value, name in ((1, "x"), (0, "y"))]
    one, two = read(tmp_path, *rows, columns={"context": "c", "group": "f"}).rows
    assert (1.0, 0.0) == (score(one), score(two))
    assert not {one[name] for name in ("answer_id", "question_id", "document_id")} & {two[name] for name in ("answer_id", "document_id")}


def test_without_a_group_all_ids_are_what_they_were(tmp_path: Path) -> None:
    """They stand in the tables of earlier runs."""
    got = read(tmp_path, {"q": "Q?", "a": "A", "s": 1, "c": "C"}, {"q": "Q?", "a": "A", "s": 1}, columns={"context": "c"}).rows
    expected = [content_id("C", "C"), content_id("Q?")]
    assert expected == [row["document_id"] for row in got]
    assert [content_id(document, "Q?") for document in expected] == [row["question_id"] for row in got]
    assert [content_id(document, "recorded", "Q?", None, "A") for document in expected] == [row["answer_id"] for row in got]


def test_a_group_that_no_row_has_is_refused(tmp_path: Path) -> None:
    """As any other column."""
    with pytest.raises(DocumentError, match="has the field f; there are a, q, s"):
        read(tmp_path, {"q": "Q?", "a": "A", "s": 1}, columns={"group": "f"})
