"""Rates and faults, as the official client sees them."""

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.openai_server import FAULTS, OpenAIServer, Scripted, canonical, duration
from tests.openai_server.asking import MODEL, ask, ask_anyhow, client_of

if TYPE_CHECKING:
    from openai import OpenAI


def test_every_reply_states_the_rates(server: OpenAIServer, client: "OpenAI") -> None:
    """Limit, rest and time to refill, of requests and of tokens; a test can put its own."""
    server.requests_per_minute = 50
    headers = client.chat.completions.with_raw_response.create(model=MODEL, messages=[{"role": "user", "content": "x"}]).headers
    assert ("50", "49") == (headers["x-ratelimit-limit-requests"], headers["x-ratelimit-remaining-requests"])
    assert {"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"} <= set(headers)
    server.rate_headers = {"x-ratelimit-reset-requests": "6m0s"}
    assert client.models.with_raw_response.list().headers["x-ratelimit-reset-requests"] == "6m0s"


@pytest.mark.parametrize(("seconds", "written"), [(0, "0s"), (0.12, "120ms"), (1, "1s"), (1.5, "1.5s"), (360, "6m0s")])
def test_times_are_written_as_the_headers_write_them(seconds: float, written: str) -> None:
    """Milliseconds below a second, then seconds, then minutes."""
    assert written == duration(seconds)


def test_more_requests_than_the_limit_are_a_429(server: OpenAIServer, client: "OpenAI") -> None:
    """Enforced on order, for models only, with the time until the next."""
    from openai import RateLimitError

    server.requests_per_minute, server.enforce_rate = 2, True
    ask(client)
    ask(client)
    with pytest.raises(RateLimitError) as caught:
        ask(client)
    assert caught.value.response.headers["retry-after"] == "30"
    client.models.list()


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        ("429", "RateLimitError", 429),
        ("bare_429", "RateLimitError", 429),
        ("quota", "RateLimitError", 429),
        ("500", "InternalServerError", 500),
        ("503", "InternalServerError", 503),
    ],
)
def test_a_status_on_order_is_the_client_s_own_error(server: OpenAIServer, client: "OpenAI", fault: str, kind: str, status: int) -> None:
    """Only the plain 429 says when to come back."""
    from openai import APIStatusError

    server.faults = [fault]
    with pytest.raises(APIStatusError) as caught:
        ask(client)
    assert (kind, status) == (type(caught.value).__name__, caught.value.status_code)
    assert ("retry-after" in caught.value.response.headers) == (fault == "429")
    assert [(status, fault)] == [(request.status, request.fault) for request in server.requests]


def test_a_cut_reply_is_a_lost_connection(server: OpenAIServer, client: "OpenAI") -> None:
    """Half of what the headers announced came."""
    from openai import APIConnectionError

    server.faults = ["cut"]
    with pytest.raises(APIConnectionError):
        ask(client)
    assert (0, "cut") == (server.requests[0].status, server.requests[0].fault)


def test_a_held_request_is_a_timeout(server: OpenAIServer) -> None:
    """The client gives up by itself."""
    from openai import APITimeoutError

    server.faults = ["timeout"]
    with client_of(server.base_url, timeout=0.1) as client, pytest.raises(APITimeoutError):
        ask(client)


def test_a_held_request_ends_in_a_lost_connection(server: OpenAIServer, client: "OpenAI") -> None:
    """A client that waits longer than the hold gets no reply at all."""
    from openai import APIConnectionError

    server.faults, server.hold_s = ["timeout"], 0.01
    with pytest.raises(APIConnectionError):
        ask(client)


@pytest.mark.parametrize("fault", ["truncated", "malformed"])
def test_broken_json_is_no_error_of_the_client_s_own(server: OpenAIServer, client: "OpenAI", fault: str) -> None:
    """The official client lets the JSON error through, and asks no second time."""
    server.faults = [fault]
    with pytest.raises(json.JSONDecodeError):
        ask(client.with_options(max_retries=2))
    assert [(200, fault)] == [(request.status, request.fault) for request in server.requests]


@pytest.mark.parametrize(
    ("fault", "starts", "ends"),
    [
        ("empty", "", ""),
        ("out_of_range", "The answer goes beyond", "Score: 7"),
        ("prose", "Of the 3 claims, 2 hold; I weigh them at 50% each.\nThe answer rests", "Score: 0.7"),
        ("several", "Score: 0.2\n", "Score: 0.7"),
    ],
)
def test_a_fault_of_the_text_is_a_whole_reply(server: OpenAIServer, client: "OpenAI", fault: str, starts: str, ends: str) -> None:
    """The last score stays the true one, except where the score is the fault."""
    server.respond = lambda _: Scripted(["The answer rests on the passage.\nScore: 0.7"])
    server.faults = [fault]
    content = ask(client).choices[0].message.content
    assert content.startswith(starts)
    assert content.endswith(ends)
    assert 1 == server.paid.total()


def test_a_refusal_on_order_has_no_content(server: OpenAIServer, client: "OpenAI") -> None:
    """The refusal has a field of its own."""
    server.faults = ["refusal"]
    message = ask(client).choices[0].message
    assert message.content is None
    assert "can't assist" in message.refusal


def test_scripted_faults_come_in_order_of_arrival(server: OpenAIServer, client: "OpenAI") -> None:
    """They hit models only, "ok" passes a request, and a client that retries gets through."""
    server.faults, server.retry_after_s = ["ok", "429", "500"], 0.01
    client.models.list()
    ask(client)
    ask(client.with_options(max_retries=2))
    assert [None, None, "429", "500", None] == [request.fault for request in server.requests]
    assert {canonical(server.requests[-1].body): 2} == server.paid


def test_faults_can_be_ordered_for_other_paths(server: OpenAIServer, client: "OpenAI") -> None:
    """A look at a list fails just as well."""
    from openai import InternalServerError

    server.fault_paths, server.faults = ("/v1/",), ["500"]
    with pytest.raises(InternalServerError):
        client.models.list()


def test_a_fault_that_does_not_exist_is_refused(server: OpenAIServer) -> None:
    """A typing error in a test is no quiet pass."""
    with pytest.raises(ValueError, match="no fault '418'"):
        server.faults = ["418"]
    with pytest.raises(ValueError, match="no fault 'e500'"):
        server.mix({"e500": 0.1})


def _mixed(order: list[str], seed: int) -> dict[str, list[str | None]]:
    """The faults that each text met in two attempts, asked in an order."""
    with OpenAIServer() as server, client_of(server.base_url) as client:
        server.mix({"429": 0.2, "500": 0.2, "malformed": 0.1, "refusal": 0.1}, seed=seed)
        for text in order:
            ask_anyhow(client, text)
        met: dict[str, list[str | None]] = {}
        for request in server.requests:
            met.setdefault(request.body["messages"][0]["content"], []).append(request.fault)
        return met


def test_the_mix_depends_on_the_request_its_attempt_and_the_seed_alone() -> None:
    """Another order of arrival changes nothing; another seed does."""
    texts = [f"text {number}" for number in range(30)]
    first = _mixed(texts + texts, seed=1)
    assert first == _mixed([*texts[::-1], *texts[::-1]], seed=1)
    assert first != _mixed(texts + texts, seed=2)
    assert {None, "429", "500", "malformed", "refusal"} == {fault for met in first.values() for fault in met}
    assert any(before != after for before, after in first.values())


def test_every_fault_is_answered_or_dropped(server: OpenAIServer, client: "OpenAI") -> None:
    """None of them breaks the server for the next request."""
    from openai import OpenAIError

    server.hold_s = 0.01
    for fault in FAULTS:
        server.faults = [fault]
        with contextlib.suppress(OpenAIError, json.JSONDecodeError):
            ask(client)
        assert server.requests[-1].fault == fault
    assert "Score" in ask(client).choices[0].message.content
