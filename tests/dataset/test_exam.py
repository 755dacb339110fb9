"""Exams: the tutorial's way to questions, with a model that runs here."""

import pytest

from judge.dataset import questions
from judge.dataset.asking import Asking
from judge.dataset.candidates import Candidate
from judge.dataset.exam import Exam
from tests.conftest import option


@pytest.mark.usefixtures("workspace")
def test_an_exam_runs_dataset_generator_on_a_real_model() -> None:
    """llama-index's DatasetGenerator gets questions and answers from SmolLM2, and each question belongs to its passage."""
    questioner = option("questioner", "smollm2-exam", Exam)
    text = "A bakery is a shop that makes and sells bread, cakes and pastries. Bakers work at night, so that bread is fresh at dawn."
    chunk = {"chunk_id": "c", "text": text}
    asked = questions.ask([chunk], questioner, questions.QuestionSettings(per_chunk=2), 1)
    assert 1 <= len(asked.rows) <= 2
    assert all(row["chunk_id"] == "c" and row["question"].endswith("?") and row["reference"] for row in asked.rows)


@pytest.mark.usefixtures("workspace")
def test_a_passage_without_a_question_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two passages the model has a question for one; for the other llama-index puts words of its own, which are dropped."""
    said = {"Bakers": "1. Who works at night?", "Nothing": ""}

    def complete(_self: object, prompts: list[str], _what: str) -> list[str]:
        return [next((text for word, text in said.items() if word in prompt), "Bakers.") for prompt in prompts]

    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", complete)
    attempts = option("questioner", "smollm2-exam", Exam).attempts(["Bakers work at night.", "Nothing."], 1, Asking(1))
    assert [Candidate("Who works at night?", "1. Who works at night?")] == [attempt.outcome for attempt in attempts[0]]
    assert ["no_question_mark"] == [attempt.outcome for attempt in attempts[1]]
