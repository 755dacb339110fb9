"""What passes by itself is asked again, on every wire, and within the rate limits."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import httpx
import huggingface_hub.constants
import openai
import pytest

from judge.models import chat_wire, hosted, inference_api, rate_limits, retries
from judge.models.rate_limits import RateLimiter
from judge.models.wires import Failure, StatusError, Unconnected, Wire
from judge.tables.usage import Usage
from tests.models.hosted_model import ask, bodies_of, failure_of, model_at, texts_of
from tests.openai_server import Model, OpenAIServer, last_user_text

pytestmark = pytest.mark.usefixtures("workspace")

every_wire = pytest.mark.parametrize("wire", [chat_wire.WIRE, inference_api.WIRE], ids=lambda wire: wire.name)


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's client, which the tests keep off the network, may ask this machine."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


def ask_by(wire: Wire, server: OpenAIServer, *texts: str, **changes: Any) -> list[str | None]:
    """The text of each reply on a wire, the reason of each failure; the changes are those of the endpoint."""
    # Hugging Face's client calls the model of an endpoint so.
    server.models["dummy"] = Model()
    model = model_at(server, **changes)
    outcomes = hosted.ask(bodies_of(model, *texts), wire, model.endpoint, budget_usd=None, what="request")
    return [outcome.reason if isinstance(outcome, Failure) else outcome.body["choices"][0]["message"]["content"] for outcome in outcomes]


@every_wire
@pytest.mark.parametrize("fault", ["429", "bare_429", "500", "503", "cut", "timeout"])
def test_a_passing_fault_is_asked_again(server: OpenAIServer, wire: Wire, fault: str) -> None:
    """What the second attempt gets is kept and paid for once."""
    server.faults, server.retry_after_s, server.hold_s = [fault], 0.05, 1.0
    assert ["a"] == ask_by(wire, server, "a", retries=1, timeout_s=0.3)
    assert [fault, None] == [request.fault for request in server.requests]
    assert [1] == [*server.paid.values()]


@every_wire
def test_no_other_loop_multiplies_the_retries(server: OpenAIServer, wire: Wire) -> None:
    """With one retry, a request that always fails is sent twice: the libraries send nothing again by themselves."""
    server.faults = ["500"] * 9
    assert ["error"] == ask_by(wire, server, "a", retries=1)
    assert len(server.requests) == 2


@every_wire
def test_every_attempt_is_seen_by_the_rate_limiter(server: OpenAIServer, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits before a first attempt and before its retry, and reads the headers of both replies."""
    seen: list[int] = []
    listen, sent = RateLimiter.heard, RateLimiter.sent

    def hear(limiter: RateLimiter, status: int, headers: Any) -> None:
        seen.append(status)
        listen(limiter, status, headers)

    def send(limiter: RateLimiter, tokens: int) -> None:
        seen.append(0)
        sent(limiter, tokens)

    monkeypatch.setattr(RateLimiter, "heard", hear)
    monkeypatch.setattr(RateLimiter, "sent", send)
    server.faults, server.retry_after_s = ["429"], 0.05
    ask_by(wire, server, "a", retries=1)
    assert [0, 429, 0, 200] == seen


@every_wire
def test_requests_a_minute_hold(server: OpenAIServer, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """With minutes of half a second and two requests in each, six take at least two of them."""
    monkeypatch.setattr(rate_limits, "_MINUTE_S", 0.5)
    begun = time.monotonic()
    assert [*"abcdef"] == ask_by(wire, server, *"abcdef", requests_per_minute=2, concurrency=6)
    assert time.monotonic() - begun >= 1.0


@every_wire
def test_tokens_a_minute_hold(server: OpenAIServer, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one request takes more than the tokens of a minute, each of three has a minute of its own."""
    monkeypatch.setattr(rate_limits, "_MINUTE_S", 0.5)
    begun = time.monotonic()
    assert [*"abc"] == ask_by(wire, server, *"abc", tokens_per_minute=1, concurrency=3)
    assert time.monotonic() - begun >= 1.0


@every_wire
def test_a_rest_that_the_server_asks_for_is_everybodys(server: OpenAIServer, wire: Wire) -> None:
    """After a 429 that names 0.7 s nothing is sent for so long, neither its retry nor another request."""
    times: list[float] = []
    respond = server.respond

    def timed(body: Any) -> Any:
        times.append(time.monotonic())
        return respond(body)

    server.respond, server.faults, server.retry_after_s = timed, ["429"], 0.7
    begun = time.monotonic()
    assert [*"abc"] == ask_by(wire, server, *"abc", retries=1, concurrency=1)
    assert len(times) == 3
    assert min(times) - begun >= 0.7


@pytest.mark.parametrize(
    ("fault", "status", "detail"),
    [
        ("bare_429", 429, "Rate limit reached"),
        ("500", 500, "had an error"),
        ("503", 503, "overloaded"),
        ("truncated", None, "no usable reply (JSONDecodeError"),
        ("malformed", None, "no usable reply (JSONDecodeError"),
    ],
)
def test_a_fault_that_stays_is_an_error(server: OpenAIServer, fault: str, status: int | None, detail: str) -> None:
    """The failure says which; it is not kept, so the next run asks again."""
    server.faults = [fault]
    failure = failure_of(ask(model_at(server), "a"))
    assert (failure.reason, failure.status, failure.usage) == ("error", status, Usage())
    assert detail in failure.detail
    assert texts_of(ask(model_at(server), "a")) == ["a"]


@pytest.mark.parametrize(("fault", "detail"), [("cut", "peer closed connection"), ("timeout", "ReadTimeout")])
def test_a_connection_that_is_lost_for_good_is_an_error(server: OpenAIServer, fault: str, detail: str) -> None:
    """The failure says how it was lost; a server that has answered before is not held to be away."""
    server.hold_s = 1.0
    server.faults = ["ok", fault]
    replies = ask(model_at(server, timeout_s=0.3, concurrency=1), "a", "b", "c")
    assert texts_of(replies) == ["a", "error", "c"]
    assert isinstance(replies[1], Failure)
    assert detail in replies[1].detail


def test_a_mix_of_faults_leaves_every_row(server: OpenAIServer) -> None:
    """A tenth 429, 5% 500, 2% cut, 1% malformed: only the malformed have no reply, and none is paid for twice."""
    server.mix({"429": 0.1, "500": 0.05, "cut": 0.02, "malformed": 0.01}, seed=3)
    server.retry_after_s, server.latency_s = 0.01, 0.005
    texts = [f"request {number}" for number in range(300)]
    replies = texts_of(ask(model_at(server, concurrency=32, retries=8), *texts))
    faults = Counter(request.fault for request in server.requests)
    assert {"429", "500", "cut", "malformed"} <= faults.keys()
    malformed = {last_user_text(request.body) for request in server.requests if request.fault == "malformed"}
    assert replies == ["error" if text in malformed else text for text in texts]
    assert {*server.paid.values()} == {1}


def refused(status: int, **headers: str) -> list[Exception]:
    """A status with headers as both kinds of client report it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx.Response(status, headers=named, request=httpx.Request("POST", "http://127.0.0.1/"))
    return [openai.APIStatusError("no", response=response, body=None), StatusError(status, "no", response.headers)]


@pytest.mark.parametrize(
    ("status", "headers", "again"),
    [
        *((status, {}, True) for status in (408, 409, 429, 500, 502, 503, 504, 529)),
        *((status, {}, False) for status in (400, 401, 403, 404, 413, 422)),
        (429, {"retry_after": "120"}, True),
        (429, {"retry_after": "121"}, False),
        (500, {"x_should_retry": "false"}, False),
        (400, {"x_should_retry": "true"}, True),
    ],
)
def test_which_statuses_pass(status: int, headers: dict[str, str], again: bool) -> None:
    """As OpenAI's client holds it; a rest above two minutes is not waited for."""
    assert [again, again] == [retries.passes(error) for error in refused(status, **headers)]


def test_lost_connections_pass_and_other_errors_do_not() -> None:
    """A reply that is no JSON comes again as it is; an interruption is never held up."""
    request = httpx.Request("POST", "http://127.0.0.1/")
    for error in (openai.APIConnectionError(request=request), openai.APITimeoutError(request=request), Unconnected("cut")):
        assert retries.passes(error)
    for other in (ValueError("no JSON"), KeyboardInterrupt(), asyncio.CancelledError()):
        assert not retries.passes(other)


@pytest.mark.parametrize(
    ("headers", "pause_s"), [({"retry_after": "0.2"}, 0.2), ({"retry_after_ms": "300"}, 0.3), ({"retry_after": formatdate(0)}, None)]
)
def test_the_pause_is_what_the_server_names(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], pause_s: float | None) -> None:
    """In seconds or milliseconds; a date that is over leaves it to the back-off, which begins at 0.5 to 1 s."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    errors = refused(429, **headers)

    def work() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert retries.call(work, 2) == "done"
    assert len(slept) == 2
    assert pause_s is None or slept == [pause_s, pause_s]
    assert pause_s is not None or (0.5 <= slept[0] <= 1.0 <= slept[1] <= 1.5)


def by_call(work: Callable[[], str], times: int) -> str:
    """The blocking form."""
    return retries.call(work, times)


def by_call_async(work: Callable[[], str], times: int) -> str:
    """The form that is awaited."""

    async def awaited() -> str:
        return work()

    return asyncio.run(retries.call_async(awaited, times))


@pytest.mark.parametrize("call", [by_call, by_call_async])
def test_the_last_error_is_raised_as_it_was(call: Callable[[Callable[[], str], int], str]) -> None:
    """After `retries` attempts more, and after the first where the error does not pass."""
    for error, attempts in ((StatusError(503, "busy", {"retry-after": "0.01"}), 3), (StatusError(400, "no", {}), 1)):
        asked = Counter[str]()

        def work(error: Exception = error, asked: Counter[str] = asked) -> str:
            asked["times"] += 1
            raise error

        with pytest.raises(StatusError) as raised:
            call(work, 2)
        assert raised.value is error
        assert asked["times"] == attempts
