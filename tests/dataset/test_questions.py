"""Questions: each one asked for is kept or counted."""

import pytest

from judge.dataset import questions
from judge.dataset.few_shot import FewShot
from judge.errors import ModelError
from tests.conftest import option


def _ask(monkeypatch: pytest.MonkeyPatch, completions: list[str], per_chunk: int, chunks: int) -> questions.Questions:
    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", lambda _self, prompts, _what: completions[: len(prompts)])
    rows = [{"chunk_id": f"c{number}", "text": f"Passage {number}."} for number in range(chunks)]
    questioner = option("questioner", "gemma-3-270m", FewShot)
    return questions.ask(rows, questioner, questions.QuestionSettings(per_chunk=per_chunk), 1)


def test_every_question_asked_for_is_kept_or_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept and dropped sum to what was asked, with duplicates across passages whatever their case."""
    completions = ["Where is it?\nAnswer: x", "was it founded?\nAnswer: x", "WHERE is it", "was  IT founded?\nAnswer: y"]
    asked = _ask(monkeypatch, completions, per_chunk=2, chunks=2)
    assert [row["question"] for row in asked.rows] == ["Where is it?", "When was it founded?"]
    assert asked.dropped == {"duplicate": 1, "no_question_mark": 1}
    assert asked.asked == len(asked.rows) + sum(asked.dropped.values())


def test_a_questioner_without_one_usable_question_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the questioner and counts the reasons."""
    with pytest.raises(ModelError, match=r"gemma-3-270m gave no usable question: 2 no_question_mark"):
        _ask(monkeypatch, ["no", "no"], per_chunk=1, chunks=2)
