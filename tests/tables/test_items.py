"""What a judge is given: items, and the rows they come from."""

import pytest

from judge.tables.items import Item, has_words, rows_to_judge

CHUNKS = [{"chunk_id": "c", "document_id": "d", "text": "Lima is in Peru."}]
ANSWERS = [{"answer_id": "a", "question_id": "q", "generator": "g", "answer": "Peru"}]
QUESTIONS = [{"question_id": "q", "chunk_id": "c", "question": "Where is Lima?", "reference": ["In Peru."]}]
RECORDED = {
    "answer_id": "r",
    "question_id": "q",
    "document_id": "d",
    "generator": "someone",
    "question": "Where is Lima?",
    "context": None,
    "reference": None,
    "answer": "In Chile.",
    "human_class": "unacceptable",
    "levels": None,
    "reason": "no_verdict",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Lima", True), ("…7", True), ("λ", True), ("", False), (" \n", False), ("___", False), ("…!?", False), (None, False)],
)
def test_a_text_has_words_where_it_has_a_letter_or_a_digit(text: str | None, expected: bool) -> None:
    """In any script; signs alone say nothing."""
    assert expected == has_words(text)


def test_recorded_judgments_take_the_place_of_generated_answers() -> None:
    """Where there are recorded rows, what they say is labelled, and no answer of a generator."""
    (item,) = rows_to_judge(ANSWERS, QUESTIONS, CHUNKS, [RECORDED])
    assert ("r", "In Chile.", None, "unacceptable") == (item["answer_id"], item["answer"], item["context"], item["human_class"])


def test_of_a_generated_answer_no_person_has_said_anything() -> None:
    """Their human class is null."""
    assert [None] == [item["human_class"] for item in rows_to_judge(ANSWERS, QUESTIONS, CHUNKS, [])]


def test_an_item_is_what_a_row_says_of_an_answer() -> None:
    """A statement of known truth has no reference."""
    (row,) = rows_to_judge(ANSWERS, QUESTIONS, CHUNKS, [])
    assert Item("Where is Lima?", "Peru", "Lima is in Peru.", ("In Peru.",)) == Item.of(row)
    assert Item("What?", None, "Lima.", None) == Item.of({"question": "What?", "answer": None, "context": "Lima."})
