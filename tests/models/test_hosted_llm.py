"""Hosted generators and questioners: the tutorial's ways against a server on loopback, with what they took."""

from collections.abc import Iterator
from typing import Any

import huggingface_hub.constants
import pytest

from judge.dataset import answers, questions
from judge.dataset.exam import ChatExam
from judge.dataset.hosted_generator import Hosted
from judge.dataset.questions import QuestionSettings
from judge.errors import ModelError
from judge.tables.usage import Usage
from tests.conftest import option
from tests.openai_server import Model, OpenAIServer, Scripted

QUESTIONS = [{"question_id": f"q{number}", "chunk_id": "c", "question": f"When did they bake loaf {number}?"} for number in range(6)]
CHUNKS = [{"chunk_id": "c", "text": "Bakers work at night."}]


def _respond(body: dict[str, Any]) -> Scripted:
    prompt = body["messages"][-1]["content"]
    if "teacher" in prompt.casefold() or "quiz" in prompt.casefold():
        return Scripted(texts=["1. What do bakers do at night?\n2. When do bakers work?\n3. Who works at night?"])
    if "loaf 3" in prompt:
        return Scripted(refusal="I would rather not.")
    return Scripted(texts=["Answer: They work at night."])


@pytest.fixture
def server(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:  # noqa: ARG001 - a cache of its own
    """A server on loopback, and keys for it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-of-generators")
    monkeypatch.setenv("HF_TOKEN", "hf_test_of_generators")
    with OpenAIServer(respond=_respond) as running:
        yield running


def _option(group: str, name: str, kind: Any, server: OpenAIServer, **changes: Any) -> Any:
    """An option of conf/ that asks the server."""
    chosen = option(group, name, kind)
    endpoint = chosen.chat.endpoint.model_copy(update={"base_url": server.base_url, **changes})
    return chosen.model_copy(update={"chat": chosen.chat.model_copy(update={"endpoint": endpoint})})


def test_a_chat_generator_answers_with_what_each_answer_took(server: OpenAIServer) -> None:
    """Cleaned answers in the questions' order, tokens and dollars by the server's count; a refusal is an answer that is null."""
    rows = answers.write(QUESTIONS, CHUNKS, _option("generator", "openai", Hosted, server), 1)
    assert [row["question_id"] for row in QUESTIONS] == [row["question_id"] for row in rows]
    assert ["They work at night."] * 3 + [None] + ["They work at night."] * 2 == [row["answer"] for row in rows]
    assert all(row["calls"] == 1 and row["prompt_tokens"] > 10 for row in rows)
    first = rows[0]
    assert first["usd"] == pytest.approx((0.1 * first["prompt_tokens"] + 0.5 * first["completion_tokens"]) / 1e6)


def test_a_generator_served_by_vllm_needs_no_key(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tutorial's three are asked at a server of one's own, by their own names, with no variable set."""
    monkeypatch.delenv("OPENAI_API_KEY")
    for name in ("vicuna-13b-vllm", "mistral-7b-vllm", "falcon-7b-vllm"):
        generator = _option("generator", name, Hosted, server)
        server.models[generator.chat.model] = Model()
        rows = answers.write(QUESTIONS[:1], CHUNKS, generator, 1)
        assert ("They work at night.", generator.chat.model) == (rows[0]["answer"], server.requests[-1].body["model"])
        assert ["\n"] == server.requests[-1].body["stop"]


def test_the_inference_api_is_asked_through_llama_index(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An Inference Endpoint of one's own gets the chat, with the token of HF_TOKEN; a passing 503 is asked again."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    server.models["dummy"] = Model()
    server.faults = ["503"]
    rows = answers.write(QUESTIONS, CHUNKS, _option("generator", "mistral-7b-api", Hosted, server), 1)
    assert ["They work at night."] * 3 + [None] + ["They work at night."] * 2 == [row["answer"] for row in rows]
    assert "503" in {request.fault for request in server.requests}
    assert {"hf_test_of_generators"} == server.keys_seen
    assert all(count == 1 for count in server.paid.values())


def test_too_many_failed_requests_stop_the_stage_and_the_rest_is_kept(server: OpenAIServer) -> None:
    """Above the share allowed the error counts and quotes; run again, only what failed is asked."""
    generator = _option("generator", "openai", Hosted, server, retries=0)
    server.faults = ["500", "500"]
    with pytest.raises(ModelError, match=r"2 of 6 requests to gpt-6-luna .* answer.max_failed_share allows 2%"):
        answers.write(QUESTIONS, CHUNKS, generator, 1, None, 0.02)
    asked = len(server.requests)
    assert len(QUESTIONS) == len(answers.write(QUESTIONS, CHUNKS, generator, 1, None, 0.02))
    # The two that failed, and the refusal, which is never kept.
    assert len(server.requests) - asked in (2, 3)


def test_an_exam_set_by_a_hosted_model(server: OpenAIServer) -> None:
    """llama-index's DatasetGenerator gets its questions and answers from the server, together, and their cost is counted."""
    questioner = _option("questioner", "openai", ChatExam, server)
    passages = [{"chunk_id": f"c{number}", "text": f"Bakery {number} works at night."} for number in range(3)]
    asked = questions.ask(passages, questioner, QuestionSettings(per_chunk=2), 1)
    # The same three questions for each passage: the first passage keeps two, the others repeat them.
    assert ["What do bakers do at night?", "When do bakers work?"] == [row["question"] for row in asked.rows if row["chunk_id"] == "c0"]
    assert all(row["reference"] == ["They work at night."] and row["usd"] > 0 for row in asked.rows)
    assert isinstance(asked.usage, Usage)
    assert asked.usage.calls == 3 + 3 * 3
    assert asked.usage.calls == sum(server.paid.values())
