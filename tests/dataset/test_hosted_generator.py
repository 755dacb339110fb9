"""A hosted generator: what it hands on to the client of hosted models."""

from typing import Any

import pytest

from judge.dataset.asking import Asking
from judge.dataset.hosted_generator import Hosted
from judge.models.local_llm import Completion
from tests.conftest import option


@pytest.mark.parametrize(("name", "wire"), [("openai", "chat"), ("mistral-7b-api", "huggingface-api")])
def test_prompts_and_terms_reach_the_wire_of_its_kind(monkeypatch: pytest.MonkeyPatch, name: str, wire: str) -> None:
    """Budget and share of failures are the stage's, and the seed is not sent."""
    received: dict[str, Any] = {}

    def complete(_model: object, _system: str | None, prompts: list[str], **terms: Any) -> list[Completion]:
        received.update(terms, prompts=prompts)
        return [Completion("Lima.", None)]

    monkeypatch.setattr("judge.models.hosted_llm.complete", complete)
    generator: Hosted = option("generator", name, Hosted)
    assert [Completion("Lima.", None)] == generator.complete(["Where?"], Asking(17, 2.5, 0.02))
    assert {"prompts": ["Where?"], "wire": wire, "budget_usd": 2.5, "max_failed_share": 0.02, "what": "answer"} == received
