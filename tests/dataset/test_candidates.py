"""Candidates: what cleaning keeps of a model's lines, and what it drops and why."""

from typing import Any

import pytest

from judge.dataset.candidates import Candidate, clean_question, parse_pair

CLEANED = [
    ("What is the capital of Peru?", "What is the capital of Peru?"),
    ("Question: What is the capital of Peru?", "What is the capital of Peru?"),
    ("question 3: what is the capital of Peru?", "What is the capital of Peru?"),
    ("1. What is the capital of Peru?", "What is the capital of Peru?"),
    ("12) What is the capital of Peru?", "What is the capital of Peru?"),
    ("(2) What is the capital of Peru?", "What is the capital of Peru?"),
    ("- What is the capital of Peru?", "What is the capital of Peru?"),
    ("* **What is the capital of Peru?**", "What is the capital of Peru?"),
    ("Q: What is the capital of Peru?", "What is the capital of Peru?"),
    ("“What is the capital of Peru?”", "What is the capital of Peru?"),
    ("What is the capital  of\tPeru? Lima is. Is it?", "What is the capital of Peru?"),
    ("1984 was written by which author?", "1984 was written by which author?"),
    ("", "no_question"),
    ("   \n", "no_question"),
    ("The capital of Peru is Lima.", "no_question_mark"),
    ("Sure! Here are 3 questions for the quiz:", "chatter"),
    ("Sure, shall I go on?", "chatter"),
    ("Why?", "too_short"),
    ("?", "too_short"),
]


@pytest.mark.parametrize(("line", "expected"), CLEANED)
def test_a_line_is_cleaned_or_dropped_with_its_reason(line: str, expected: str) -> None:
    """Prefixes, numbering, quotes and what follows the question go; what is no question has a reason."""
    cleaned = clean_question(line)
    assert expected == (cleaned.question or cleaned.dropped)


PAIRS = [
    (" Where is it?\nAnswer: In Peru.", "", Candidate("Where is it?", "In Peru.")),
    (" was it founded?\nAnswer: In 1535.\n\nPassage: x", "When", Candidate("When was it founded?", "In 1535.")),
    (" Where is it? Answer: In Peru.", "", Candidate("Where is it?", "In Peru.")),
    (" Where is it?\nA: “In Peru.”", "", Candidate("Where is it?", "In Peru.")),
    (" Where is it?\n\nIn Peru.", "", Candidate("Where is it?", "In Peru.")),
    (" Where is it?", "", "no_reference"),
    (" Where is it?\nAnswer:", "", "no_reference"),
    (" It is in Peru.\nAnswer: yes", "", "no_question_mark"),
    ("", "", "no_question"),
]


@pytest.mark.parametrize(("text", "opener", "expected"), PAIRS)
def test_a_pair_is_read_from_what_a_base_model_goes_on_with(text: str, opener: str, expected: Any) -> None:
    """Question and reference are told apart, the opener is part of the question."""
    assert expected == parse_pair(text, opener)
