"""Questions: what cleaning keeps, what it drops and why; the tutorial's exam road."""

from typing import Any

import pytest

from judge.dataset import questions
from judge.dataset.questions import Candidate
from judge.errors import ModelError
from tests.conftest import option

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
    cleaned = questions.clean_question(line)
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
    assert expected == questions.parse_pair(text, opener)


def _ask(monkeypatch: pytest.MonkeyPatch, completions: list[str], per_chunk: int, chunks: int) -> questions.Questions:
    monkeypatch.setattr("judge.models.local_llm.Generator.complete", lambda _self, prompts, _what: completions[: len(prompts)])
    rows = [{"chunk_id": f"c{number}", "text": f"Passage {number}."} for number in range(chunks)]
    questioner = option("questioner", "gemma-3-270m", questions.FewShot)
    return questions.ask(rows, questioner, questions.QuestionSettings(per_chunk=per_chunk), 1)


def test_every_question_asked_for_is_kept_or_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept and dropped sum to what was asked, with duplicates found across passages whatever their case."""
    completions = ["Where is it?\nAnswer: x", "was it founded?\nAnswer: x", "WHERE is it", "was  IT founded?\nAnswer: y"]
    found = _ask(monkeypatch, completions, per_chunk=2, chunks=2)
    assert [row["question"] for row in found.rows] == ["Where is it?", "When was it founded?"]
    assert found.dropped == {"duplicate": 1, "no_question_mark": 1}
    assert found.asked == len(found.rows) + sum(found.dropped.values())


def test_a_questioner_without_one_usable_question_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the questioner and counts the reasons."""
    with pytest.raises(ModelError, match=r"gemma-3-270m gave no usable question: 2 no_question_mark"):
        _ask(monkeypatch, ["no", "no"], per_chunk=1, chunks=2)


@pytest.mark.usefixtures("workspace")
def test_the_exam_road_runs_dataset_generator_on_a_real_model() -> None:
    """llama-index's DatasetGenerator gets questions and answers from SmolLM2, and each question belongs to its passage."""
    questioner = option("questioner", "smollm2-exam", questions.Exam)
    text = "A bakery is a shop that makes and sells bread, cakes and pastries. Bakers work at night, so that bread is fresh at dawn."
    chunk = {"chunk_id": "c", "text": text}
    found = questions.ask([chunk], questioner, questions.QuestionSettings(per_chunk=2), 1)
    assert 1 <= len(found.rows) <= 2
    assert all(row["chunk_id"] == "c" and row["question"].endswith("?") and row["reference"] for row in found.rows)
