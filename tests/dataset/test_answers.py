"""Answers: cleaning, and a real model that answers every question."""

from typing import Any

import pytest

from judge.dataset import answers
from judge.dataset.local_generator import HuggingFace
from tests.conftest import option

CLEANED = [
    ("Lima.", "Lima."),
    (" Answer: Lima.", "Lima."),
    ("The answer: Lima", "Lima"),
    ("A: Lima", "Lima"),
    ("- Lima", "Lima"),
    ("It is\nLima.", "It is Lima."),
    ("It is Lima. It was founded in 1535 and later", "It is Lima."),
    ("It is Lima and later", "It is Lima and later"),
    ("", None),
    (" \n", None),
    ("…", None),
]


@pytest.mark.parametrize(("text", "expected"), CLEANED)
def test_an_answer_is_cleaned(text: str, expected: str | None) -> None:
    """Prefixes, line breaks and a cut-off last sentence go; no word is no answer."""
    assert expected == answers.clean_answer(text)


QUESTIONS: list[dict[str, Any]] = [
    {"question_id": f"q{number}", "chunk_id": "c", "question": question, "reference": None}
    for number, question in enumerate(["What is the capital of Peru?", "Who founded it, and in which year was that?", "Is Lima in Peru?"])
]
CHUNKS = [{"chunk_id": "c", "text": "Lima is the capital of Peru. It was founded in 1535 by Francisco Pizarro."}]


def _write(**changes: Any) -> list[dict[str, Any]]:
    return answers.write(QUESTIONS, CHUNKS, option("generator", "smollm2-passage", HuggingFace, **changes), seed=1)


@pytest.mark.usefixtures("workspace")
def test_a_real_model_answers_every_question_in_order() -> None:
    """One row for each question, and the passage shows in the answer."""
    rows = _write()
    assert ["q0", "q1", "q2"] == [row["question_id"] for row in rows]
    assert "Lima" in rows[0]["answer"]
