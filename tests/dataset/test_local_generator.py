"""A generator that runs here: what it asks of the model."""

import pytest

from judge.dataset.asking import Asking
from judge.dataset.local_generator import HuggingFace
from judge.models.local_llm import LocalLLM
from tests.conftest import option


def test_the_model_gets_the_prompts_the_format_and_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A completion of a model that runs here took nothing of a hosted one."""
    asked: list[object] = []

    def complete(llm: LocalLLM, prompts: list[str], what: str) -> list[str]:
        asked.append((llm._is_chat, llm._seed, prompts, what))
        return ["Lima."]

    monkeypatch.setattr(LocalLLM, "complete", complete)
    generator: HuggingFace = option("generator", "smollm2-passage", HuggingFace)
    assert [("Lima.", None)] == generator.complete(["Where?"], Asking(17))
    assert [(generator.is_chat, 17, ["Where?"], "answer")] == asked
