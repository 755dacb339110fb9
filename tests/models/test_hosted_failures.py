"""Requests to hosted models that come to nothing, and what ends a run."""

import json
import socket
from typing import Any

import pytest

from judge.errors import ModelError
from judge.models import chat
from judge.models.chat_replies import ChatReply
from judge.models.replies import ReplyStore
from judge.tables.usage import Usage
from tests.models.hosted_model import KEY, SECRET, ask, bodies_of, failure_of, model_at, texts_of
from tests.openai_server import Json, Model, OpenAIServer, Request, Response, Scripted

pytestmark = pytest.mark.usefixtures("workspace")


def test_a_refusal_is_counted_and_not_kept(server: OpenAIServer, capsys: pytest.CaptureFixture[str]) -> None:
    """It has a reason, what the model said, and its price; the next run asks again."""
    server.faults = ["refusal"]
    failure = failure_of(ask(model_at(server), "a"))
    assert (failure.reason, failure.detail) == ("refused", "I'm sorry, but I can't assist with that request.")
    assert failure.usage.usd > 0
    store = ReplyStore()
    assert store.spent() == failure.usage.usd
    store.close()
    assert "1 of 1 requests came to nothing, 1 of them refused" in capsys.readouterr().err
    assert texts_of(ask(model_at(server), "a")) == ["a"]


def test_what_the_content_filter_stops_is_a_refusal(server: OpenAIServer) -> None:
    """The filter's finish reason is a refusal of the server."""
    server.respond = lambda _: Scripted(["I"], finish_reason="content_filter")
    assert texts_of(ask(model_at(server), "a")) == ["refused"]


def test_an_empty_reply_is_a_reply_without_text(server: OpenAIServer) -> None:
    """It was paid for, and the model said nothing: that is kept."""
    server.faults = ["empty"]
    assert texts_of(ask(model_at(server), "a")) == [None]
    server.reset()
    assert texts_of(ask(model_at(server), "a")) == [None]
    assert server.requests == []


class _Odd(OpenAIServer):
    """A server whose completions are some other JSON value, or other bytes."""

    payload: Any = None
    kind = "application/json"

    def _post_chat(self, request: Request) -> Response:  # noqa: ARG002 - it says the same to everything
        return Response(self.payload, headers={"content-type": self.kind})


def _completion(**choice: Any) -> Json:
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "a"}, **choice}]}


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [{"index": 0}]},
        _completion(message=None),
        _completion(message={"content": ["x"]}),
        _completion(logprobs={"content": [{"token": "a", "logprob": None, "top_logprobs": []}]}),
        {**_completion(), "usage": {"prompt_tokens": "many"}},
        b"<html>Bad gateway</html>",
    ],
)
def test_what_is_no_completion_is_an_error(payload: Any) -> None:
    """Valid JSON of another shape is a failure like any other: not kept, and no traceback."""
    with _Odd() as server:
        server.payload = payload
        assert failure_of(ask(model_at(server), "a")).detail.startswith("no usable reply (")
        assert chat.kept(model_at(server), bodies_of(model_at(server), "a")) == [None]


def test_a_page_of_a_gateway_is_an_error() -> None:
    """HTML with the status 200 is no reply."""
    with _Odd() as server:
        server.payload, server.kind = b"<html>Please log in</html>", "text/html"
        assert failure_of(ask(model_at(server), "a")).detail.startswith("no usable reply (")


def test_a_reply_without_usage_costs_nothing() -> None:
    """Some servers count no tokens."""
    with _Odd() as server:
        server.payload = _completion()
        (reply,) = ask(model_at(server), "a")
        assert isinstance(reply, ChatReply)
        assert reply.usage == Usage(1, 0, 0, 0.0)


def test_half_a_character_does_not_spoil_a_table() -> None:
    """JSON may hold half of a surrogate pair, UTF-8 may not: it is replaced."""
    with _Odd() as server:
        server.payload = json.dumps(_completion(message={"role": "assistant", "content": "a\ud83d 😀"})).encode()
        assert texts_of(ask(model_at(server), "a")) == ["a\ufffd 😀"]
        assert texts_of(ask(model_at(server), "a")) == ["a\ufffd 😀"]


def test_a_wrong_key_ends_the_run(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable and repeats no key, though the server does."""
    monkeypatch.setenv(SECRET, KEY)
    server.key = "another"
    with pytest.raises(ModelError, match=SECRET) as caught:
        ask(model_at(server, api_key_env=SECRET, concurrency=1), "a", "b", "c")
    assert "Incorrect API key provided: [key]" in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(server.requests) == 1


def test_a_missing_key_asks_nothing(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noticed before the first request."""
    monkeypatch.delenv(SECRET, raising=False)
    with pytest.raises(ModelError, match=SECRET):
        ask(model_at(server, api_key_env=SECRET), "a")
    assert server.requests == []


def test_the_key_of_another_account_is_not_sent(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that needs no key gets none, though OPENAI_API_KEY is set."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    ask(model_at(server), "a")
    assert server.requests[0].headers["authorization"] == "Bearer none"


@pytest.mark.parametrize(("name", "said"), [("gpt-4", "OpenAI shut it down on 2026-10-23"), ("gpt-9", "does not exist")])
def test_a_model_that_is_not_there_ends_the_run(server: OpenAIServer, name: str, said: str) -> None:
    """One request is enough; the message names the model and what else there is."""
    with pytest.raises(ModelError, match=said) as caught:
        ask(model_at(server, model=name, concurrency=1), "a", "b", "c")
    assert f"The model {name} is not to be had" in str(caught.value)
    assert len(server.requests) == 1


def test_an_account_without_credit_ends_the_run(server: OpenAIServer) -> None:
    """That 429 does not pass."""
    server.faults = ["quota"] * 3
    with pytest.raises(ModelError, match="no credit left"):
        ask(model_at(server, concurrency=1), "a", "b", "c")
    assert len(server.requests) == 1


def test_what_came_before_the_end_is_kept(server: OpenAIServer) -> None:
    """A run that ends early loses no reply that it got."""
    server.faults = ["ok", "ok", "quota"]
    model = model_at(server, concurrency=1)
    with pytest.raises(ModelError):
        ask(model, "a", "b", "c", "d")
    assert [reply is not None for reply in chat.kept(model, bodies_of(model, "a", "b", "c", "d"))] == [True, True, False, False]


@pytest.mark.parametrize("requests", [1, 2, 9])
def test_a_server_that_is_away_ends_the_run(requests: int) -> None:
    """Nobody listens at the address: a few attempts show it, however few requests there are."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ModelError, match="Nobody answers at http://127"):
        ask(model_at(f"http://127.0.0.1:{port}/v1", concurrency=1), *map(str, range(requests)))


def test_a_parameter_that_the_server_refuses_is_named(server: OpenAIServer) -> None:
    """Status and parameter are there for a teacher that can do without it."""
    server.models["plain"] = Model(logprobs=False)
    failure = failure_of(ask(model_at(server, model="plain"), "a", logprobs=True))
    assert (failure.reason, failure.status, failure.param) == ("error", 400, "logprobs")
