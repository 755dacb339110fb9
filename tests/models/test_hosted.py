"""Hosted models, asked of a loopback server that speaks OpenAI's wire."""

import asyncio
import json

import pytest

from judge.models import chat, chat_wire, hosted, wires
from judge.models.chat_replies import ChatReply
from judge.models.replies import ReplyStore
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.usage import Usage
from tests.models.hosted_model import ask, bodies_of, model_at, texts_of
from tests.openai_server import Json, OpenAIServer, Scripted, canonical, last_user_text

pytestmark = pytest.mark.usefixtures("workspace")


def test_replies_come_in_request_order() -> None:
    """The slowest comes last from the server, and first in the list."""

    def respond(body: Json) -> Scripted:
        text = last_user_text(body)
        return Scripted([text], delay_s=0.3 if text == "0" else 0.0)

    with OpenAIServer(respond=respond) as server:
        assert texts_of(ask(model_at(server), *map(str, range(8)))) == [*map(str, range(8))]
        assert last_user_text(server.requests[-1].body) != "0"


def test_equal_requests_are_asked_once(server: OpenAIServer) -> None:
    """Three equal bodies are one request, and three replies."""
    assert texts_of(ask(model_at(server), "a", "b", "a", "a")) == ["a", "b", "a", "a"]
    assert len(server.requests) == 2


def test_what_is_kept_is_not_asked_again(server: OpenAIServer) -> None:
    """The second time nothing reaches the server, and the reply is the same, its price included."""
    first = ask(model_at(server), "a", "b")
    server.reset()
    assert ask(model_at(server), "a", "b") == first
    assert server.requests == []


def test_speed_and_price_do_not_change_the_key(server: OpenAIServer) -> None:
    """Other limits, retries and prices find the kept reply, at the price of now."""
    ask(model_at(server), "a")
    (reply,) = chat.kept(
        model_at(server, concurrency=1, retries=3, usd_per_million_completion_tokens=200_000.0), bodies_of(model_at(server), "a")
    )
    assert reply is not None
    assert reply.usage == Usage(1, 4, 1, 0.2)


def test_another_temperature_is_another_request(server: OpenAIServer) -> None:
    """All that changes a reply is in its key."""
    ask(model_at(server), "a")
    ask(model_at(server, temperature=0.5), "a")
    assert len(server.requests) == 2


def test_kept_looks_and_does_not_ask(server: OpenAIServer) -> None:
    """None stands for what the cache does not know."""
    model = model_at(server)
    ask(model, "a")
    server.reset()
    assert [reply is not None for reply in chat.kept(model, bodies_of(model, "a", "b"))] == [True, False]
    assert server.requests == []


def test_the_body_goes_out_as_it_stands(server: OpenAIServer) -> None:
    """No field is added but `stream`, and fields that only some servers know are sent as well."""
    model = model_at(server, temperature=None)
    (body,) = bodies_of(model, "a", logprobs=True, top_logprobs=2, guided_choice=["yes", "no"])
    chat.ask(model, [body], budget_usd=None, what="request")
    assert server.requests[0].body == {**body, "stream": False}


def test_replies_carry_text_tokens_and_usage(server: OpenAIServer) -> None:
    """Each of the choices has its text; the tokens have their alternatives."""
    server.respond = lambda _: Scripted(tokens=[("1", {"1": 0.75, "0": 0.25})])
    (reply,) = ask(model_at(server), "a", n=2, logprobs=True, top_logprobs=2)
    assert isinstance(reply, ChatReply)
    assert [choice.text for choice in reply.choices] == ["1", "1"]
    tokens = reply.choices[0].tokens
    assert tokens is not None
    assert tokens[0].text == "1"
    assert tokens[0].logprob == pytest.approx(-0.28768, abs=1e-4)
    assert tokens[0].alternatives == {"1": pytest.approx(-0.28768, abs=1e-4), "0": pytest.approx(-1.38629, abs=1e-4)}
    assert reply.usage == Usage(1, 4, 2, 0.2)


def test_no_more_requests_are_under_way_than_allowed(server: OpenAIServer) -> None:
    """Of 30 requests at most 5 are at the server at a time."""
    server.latency_s = 0.05
    ask(model_at(server, concurrency=5), *map(str, range(30)))
    assert 1 < server.in_flight_peak <= 5


def test_a_proxy_is_not_asked_for_this_machine(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment, which could not reach it, is passed by."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert texts_of(ask(model_at(server), "a")) == ["a"]


def test_it_works_within_a_loop_that_runs(server: OpenAIServer) -> None:
    """As in a notebook."""

    async def cell() -> list[str | None]:
        return texts_of(ask(model_at(server), "a"))

    assert asyncio.run(cell()) == ["a"]


def test_a_dry_run_counts_and_asks_nothing(server: OpenAIServer) -> None:
    """It says how many are kept, how many would be asked, and what they may cost at most."""
    model = model_at(server, usd_per_million_prompt_tokens=1000.0)
    ask(model, "a")
    server.reset()
    token = DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as caught:
            ask(model, "a", "b", "c", "b")
    finally:
        DRY_RUN.reset(token)
    plan = caught.value
    assert (plan.requests, plan.cached, plan.prompt_tokens, plan.completion_tokens) == (3, 1, 8, 20)
    assert plan.usd == pytest.approx(2.008)
    assert server.requests == []


def test_tokens_are_counted_without_a_network() -> None:
    """The table of cl100k comes with llama-index."""
    assert wires.count_tokens("The score is 0.7.") == 8


def test_a_reply_is_the_same_whoever_asked_for_it(server: OpenAIServer) -> None:
    """No id and no time of the server is kept: what would differ from run to run."""
    model = model_at(server)
    ask(model, "a")
    (body,) = bodies_of(model, "a")
    store = ReplyStore()
    kept = json.dumps(store.get(hosted.key_of(chat_wire.WIRE, model.endpoint, body)))
    store.close()
    assert "chatcmpl" not in kept
    assert "created" not in kept
    assert canonical(json.loads(kept)["body"]["choices"]) == canonical([{"message": {"content": "a"}, "finish_reason": "stop"}])
