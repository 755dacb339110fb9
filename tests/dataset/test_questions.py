"""Questions: what cleaning keeps, what it drops and why; the tutorial's exam road."""

import pytest

from judge.dataset import questions
from judge.dataset.exam import Exam
from judge.dataset.few_shot import FewShot
from judge.errors import ModelError
from tests.conftest import option


def _ask(monkeypatch: pytest.MonkeyPatch, completions: list[str], per_chunk: int, chunks: int) -> questions.Questions:
    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", lambda _self, prompts, _what: completions[: len(prompts)])
    rows = [{"chunk_id": f"c{number}", "text": f"Passage {number}."} for number in range(chunks)]
    questioner = option("questioner", "gemma-3-270m", FewShot)
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
    questioner = option("questioner", "smollm2-exam", Exam)
    text = "A bakery is a shop that makes and sells bread, cakes and pastries. Bakers work at night, so that bread is fresh at dawn."
    chunk = {"chunk_id": "c", "text": text}
    found = questions.ask([chunk], questioner, questions.QuestionSettings(per_chunk=2), 1)
    assert 1 <= len(found.rows) <= 2
    assert all(row["chunk_id"] == "c" and row["question"].endswith("?") and row["reference"] for row in found.rows)
