"""Questions by worked examples: what the model is asked, and how its lines are read."""

import pytest

from judge.dataset.asking import Asking
from judge.dataset.candidates import Candidate
from judge.dataset.few_shot import FewShot
from tests.conftest import option


def test_each_passage_is_asked_once_an_opener(monkeypatch: pytest.MonkeyPatch) -> None:
    """Openers begin anew after the last, stand in the prompt and in the question, and the passages keep their order."""
    asked: list[str] = []

    def complete(_self: object, prompts: list[str], _what: str) -> list[str]:
        asked.extend(prompts)
        return [f" does number {number} work?\nAnswer: At night." for number in range(len(prompts))]

    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", complete)
    questioner: FewShot = option("questioner", "gemma-3-270m", FewShot, openers=["When", "Where"], prompt="{context}\nQuestion: {opener}")
    attempts = questioner.attempts(["One.", "Two."], 3, Asking(1))

    openers = ["When", "Where", "When"]
    assert [f"{passage}\nQuestion: {opener}" for passage in ("One.", "Two.") for opener in openers] == asked
    expected = [Candidate(f"{opener} does number {number} work?", "At night.") for number, opener in enumerate(openers * 2)]
    assert [expected[:3], expected[3:]] == [[attempt.outcome for attempt in of_passage] for of_passage in attempts]
    assert {None} == {attempt.usage for of_passage in attempts for attempt in of_passage}
