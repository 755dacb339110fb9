"""Hosted models, asked of a loopback server that speaks OpenAI's wire."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from judge.errors import BudgetError, ModelError
from judge.models import chat, chat_wire, hosted, wires
from judge.models.chat import ChatModel, ChatReply
from judge.models.endpoints import Endpoint
from judge.models.folders import cache_folder
from judge.models.rate_limits import RateLimiter
from judge.models.replies import ReplyStore
from judge.models.wires import Body, Failure
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.usage import Usage
from tests.conftest import ROOT
from tests.openai_server import CHAT, Json, Model, OpenAIServer, Request, Response, Scripted, canonical, last_user_text

pytestmark = pytest.mark.usefixtures("workspace")

KEY = "tok-0123456789abcdef"
SECRET = "JUDGE_TEST_KEY"  # noqa: S105 - the name of the variable


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A server that repeats what it is told."""
    with OpenAIServer(respond=_echo) as running:
        yield running


def _echo(body: Json) -> Scripted:
    return Scripted([last_user_text(body)])


def _model(server: OpenAIServer | str, *, model: str = "gpt-4.1-mini", temperature: float | None = 0.0, **changes: Any) -> ChatModel:
    """A model at the server; the changes are those of the endpoint."""
    values: dict[str, Any] = {
        "base_url": server if isinstance(server, str) else server.base_url,
        "api_key_env": None,
        "concurrency": 4,
        "requests_per_minute": None,
        "tokens_per_minute": None,
        "retries": 0,
        "timeout_s": 30.0,
        "usd_per_million_prompt_tokens": 0.0,
        "usd_per_million_completion_tokens": 100_000.0,
    }
    return ChatModel(
        model=model,
        temperature=temperature,
        max_tokens=10,
        max_tokens_name="max_tokens",
        extra={},
        endpoint=Endpoint(**(values | changes)),
    )


def _bodies(model: ChatModel, *texts: str, **fields: Any) -> list[Body]:
    return [chat.body_of(model, [{"role": "user", "content": text}], **fields) for text in texts]


def _ask(model: ChatModel, *texts: str, budget_usd: float | None = None, **fields: Any) -> list[ChatReply | Failure]:
    return chat.ask(model, _bodies(model, *texts, **fields), budget_usd=budget_usd, what="request")


def _texts(replies: list[ChatReply | Failure]) -> list[str | None]:
    """The first text of each reply, the reason of each failure."""
    return [reply.reason if isinstance(reply, Failure) else reply.choices[0].text for reply in replies]


def _failure(replies: list[ChatReply | Failure]) -> Failure:
    (failure,) = replies
    assert isinstance(failure, Failure)
    return failure


def test_replies_come_in_request_order() -> None:
    """The slowest comes last from the server, and first in the list."""

    def respond(body: Json) -> Scripted:
        text = last_user_text(body)
        return Scripted([text], delay_s=0.3 if text == "0" else 0.0)

    with OpenAIServer(respond=respond) as server:
        assert _texts(_ask(_model(server), *map(str, range(8)))) == [*map(str, range(8))]
        assert last_user_text(server.requests[-1].body) != "0"


def test_equal_requests_are_asked_once(server: OpenAIServer) -> None:
    """Three equal bodies are one request, and three replies."""
    assert _texts(_ask(_model(server), "a", "b", "a", "a")) == ["a", "b", "a", "a"]
    assert len(server.requests) == 2


def test_what_is_kept_is_not_asked_again(server: OpenAIServer) -> None:
    """The second time nothing reaches the server, and the reply is the same, its price included."""
    first = _ask(_model(server), "a", "b")
    server.reset()
    assert _ask(_model(server), "a", "b") == first
    assert server.requests == []


def test_speed_and_price_do_not_change_the_key(server: OpenAIServer) -> None:
    """Other limits, retries and prices find the kept reply, at the price of now."""
    _ask(_model(server), "a")
    (reply,) = chat.kept(
        _model(server, concurrency=1, retries=3, usd_per_million_completion_tokens=200_000.0), _bodies(_model(server), "a")
    )
    assert reply is not None
    assert reply.usage == Usage(1, 4, 1, 0.2)


def test_another_temperature_is_another_request(server: OpenAIServer) -> None:
    """All that changes a reply is in its key."""
    _ask(_model(server), "a")
    _ask(_model(server, temperature=0.5), "a")
    assert len(server.requests) == 2


def test_kept_looks_and_does_not_ask(server: OpenAIServer) -> None:
    """None stands for what the cache does not know."""
    model = _model(server)
    _ask(model, "a")
    server.reset()
    assert [reply is not None for reply in chat.kept(model, _bodies(model, "a", "b"))] == [True, False]
    assert server.requests == []


def test_the_body_goes_out_as_it_stands(server: OpenAIServer) -> None:
    """No field is added but `stream`, and fields that only some servers know are sent as well."""
    model = _model(server, temperature=None)
    (body,) = _bodies(model, "a", logprobs=True, top_logprobs=2, guided_choice=["yes", "no"])
    chat.ask(model, [body], budget_usd=None, what="request")
    assert server.requests[0].body == {**body, "stream": False}


def test_replies_carry_text_tokens_and_usage(server: OpenAIServer) -> None:
    """Each of the choices has its text; the tokens have their alternatives."""
    server.respond = lambda _: Scripted(tokens=[("1", {"1": 0.75, "0": 0.25})])
    (reply,) = _ask(_model(server), "a", n=2, logprobs=True, top_logprobs=2)
    assert isinstance(reply, ChatReply)
    assert [choice.text for choice in reply.choices] == ["1", "1"]
    tokens = reply.choices[0].tokens
    assert tokens is not None
    assert tokens[0].text == "1"
    assert tokens[0].logprob == pytest.approx(-0.28768, abs=1e-4)
    assert tokens[0].alternatives == {"1": pytest.approx(-0.28768, abs=1e-4), "0": pytest.approx(-1.38629, abs=1e-4)}
    assert reply.usage == Usage(1, 4, 2, 0.2)


@pytest.mark.parametrize("fault", ["429", "bare_429", "500", "503", "cut", "timeout"])
def test_a_passing_fault_is_asked_again(server: OpenAIServer, fault: str) -> None:
    """The client asks again by itself, and what it gets is kept and paid for once."""
    server.faults, server.retry_after_s, server.hold_s = [fault], 0.05, 1.0
    assert _texts(_ask(_model(server, retries=1, timeout_s=0.3), "a")) == ["a"]
    assert [request.fault for request in server.requests] == [fault, None]
    assert [*server.paid.values()] == [1]


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
    failure = _failure(_ask(_model(server), "a"))
    assert (failure.reason, failure.status, failure.usage) == ("error", status, Usage())
    assert detail in failure.detail
    assert _texts(_ask(_model(server), "a")) == ["a"]


@pytest.mark.parametrize(("fault", "detail"), [("cut", "peer closed connection"), ("timeout", "ReadTimeout")])
def test_a_connection_that_is_lost_for_good_is_an_error(server: OpenAIServer, fault: str, detail: str) -> None:
    """The failure says how it was lost; a server that has answered before is not held to be away."""
    server.hold_s = 1.0
    server.faults = ["ok", fault]
    model = _model(server, timeout_s=0.3, concurrency=1)
    replies = _ask(model, "a", "b", "c")
    assert _texts(replies) == ["a", "error", "c"]
    assert isinstance(replies[1], Failure)
    assert detail in replies[1].detail


def test_the_retries_are_those_of_the_client_alone(server: OpenAIServer) -> None:
    """With one retry, a request that always fails is asked twice: no other loop multiplies that."""
    server.faults = ["500"] * 9
    assert _texts(_ask(_model(server, retries=1), "a")) == ["error"]
    assert len(server.requests) == 2


def test_every_attempt_keeps_to_the_limits(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate limiter sees the reply of a first attempt and of its retry."""
    heard: list[int] = []
    listen = RateLimiter.heard

    def noting(limiter: RateLimiter, status: int, headers: dict[str, str]) -> None:
        heard.append(status)
        listen(limiter, status, headers)

    monkeypatch.setattr(RateLimiter, "heard", noting)
    server.faults, server.retry_after_s = ["429"], 0.05
    _ask(_model(server, retries=1), "a")
    assert heard == [429, 200]


def test_a_refusal_is_counted_and_not_kept(server: OpenAIServer, capsys: pytest.CaptureFixture[str]) -> None:
    """It has a reason, what the model said, and its price; the next run asks again."""
    server.faults = ["refusal"]
    failure = _failure(_ask(_model(server), "a"))
    assert (failure.reason, failure.detail) == ("refused", "I'm sorry, but I can't assist with that request.")
    assert failure.usage.usd > 0
    store = ReplyStore()
    assert store.spent() == failure.usage.usd
    store.close()
    assert "1 of 1 requests came to nothing, 1 of them refused" in capsys.readouterr().err
    assert _texts(_ask(_model(server), "a")) == ["a"]


def test_what_the_content_filter_stops_is_a_refusal(server: OpenAIServer) -> None:
    """The filter's finish reason is a refusal of the server."""
    server.respond = lambda _: Scripted(["I"], finish_reason="content_filter")
    assert _texts(_ask(_model(server), "a")) == ["refused"]


def test_an_empty_reply_is_a_reply_without_text(server: OpenAIServer) -> None:
    """It was paid for, and the model said nothing: that is kept."""
    server.faults = ["empty"]
    assert _texts(_ask(_model(server), "a")) == [None]
    server.reset()
    assert _texts(_ask(_model(server), "a")) == [None]
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
        assert _failure(_ask(_model(server), "a")).detail.startswith("no usable reply (")
        assert chat.kept(_model(server), _bodies(_model(server), "a")) == [None]


def test_a_page_of_a_gateway_is_an_error() -> None:
    """HTML with the status 200 is no reply."""
    with _Odd() as server:
        server.payload, server.kind = b"<html>Please log in</html>", "text/html"
        assert _failure(_ask(_model(server), "a")).detail.startswith("no usable reply (")


def test_a_reply_without_usage_costs_nothing() -> None:
    """Some servers count no tokens."""
    with _Odd() as server:
        server.payload = _completion()
        (reply,) = _ask(_model(server), "a")
        assert isinstance(reply, ChatReply)
        assert reply.usage == Usage(1, 0, 0, 0.0)


def test_half_a_character_does_not_spoil_a_table() -> None:
    """JSON may hold half of a surrogate pair, UTF-8 may not: it is replaced."""
    with _Odd() as server:
        server.payload = json.dumps(_completion(message={"role": "assistant", "content": "a\ud83d 😀"})).encode()
        assert _texts(_ask(_model(server), "a")) == ["a\ufffd 😀"]
        assert _texts(_ask(_model(server), "a")) == ["a\ufffd 😀"]


def test_a_wrong_key_ends_the_run(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable and repeats no key, though the server does."""
    monkeypatch.setenv(SECRET, KEY)
    server.key = "another"
    with pytest.raises(ModelError, match=SECRET) as caught:
        _ask(_model(server, api_key_env=SECRET, concurrency=1), "a", "b", "c")
    assert "Incorrect API key provided: [key]" in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(server.requests) == 1


def test_a_missing_key_asks_nothing(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noticed before the first request."""
    monkeypatch.delenv(SECRET, raising=False)
    with pytest.raises(ModelError, match=SECRET):
        _ask(_model(server, api_key_env=SECRET), "a")
    assert server.requests == []


def test_the_key_of_another_account_is_not_sent(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that needs no key gets none, though OPENAI_API_KEY is set."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    _ask(_model(server), "a")
    assert server.requests[0].headers["authorization"] == "Bearer none"


@pytest.mark.parametrize(("name", "said"), [("gpt-4", "OpenAI shut it down on 2026-10-23"), ("gpt-9", "does not exist")])
def test_a_model_that_is_not_there_ends_the_run(server: OpenAIServer, name: str, said: str) -> None:
    """One request is enough; the message names the model and what else there is."""
    with pytest.raises(ModelError, match=said) as caught:
        _ask(_model(server, model=name, concurrency=1), "a", "b", "c")
    assert f"The model {name} is not to be had" in str(caught.value)
    assert len(server.requests) == 1


def test_an_account_without_credit_ends_the_run(server: OpenAIServer) -> None:
    """That 429 does not pass."""
    server.faults = ["quota"] * 3
    with pytest.raises(ModelError, match="no credit left"):
        _ask(_model(server, concurrency=1), "a", "b", "c")
    assert len(server.requests) == 1


def test_what_came_before_the_end_is_kept(server: OpenAIServer) -> None:
    """A run that ends early loses no reply that it got."""
    server.faults = ["ok", "ok", "quota"]
    model = _model(server, concurrency=1)
    with pytest.raises(ModelError):
        _ask(model, "a", "b", "c", "d")
    assert [reply is not None for reply in chat.kept(model, _bodies(model, "a", "b", "c", "d"))] == [True, True, False, False]


@pytest.mark.parametrize("requests", [1, 2, 9])
def test_a_server_that_is_away_ends_the_run(requests: int) -> None:
    """Nobody listens at the address: a few attempts show it, however few requests there are."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ModelError, match="Nobody answers at http://127"):
        _ask(_model(f"http://127.0.0.1:{port}/v1", concurrency=1), *map(str, range(requests)))


def test_a_parameter_that_the_server_refuses_is_named(server: OpenAIServer) -> None:
    """Status and parameter are there for a teacher that can do without it."""
    server.models["plain"] = Model(logprobs=False)
    failure = _failure(_ask(_model(server, model="plain"), "a", logprobs=True))
    assert (failure.reason, failure.status, failure.param) == ("error", 400, "logprobs")


def test_no_more_requests_are_under_way_than_allowed(server: OpenAIServer) -> None:
    """Of 30 requests at most 5 are at the server at a time."""
    server.latency_s = 0.05
    _ask(_model(server, concurrency=5), *map(str, range(30)))
    assert 1 < server.in_flight_peak <= 5


def test_a_proxy_is_not_asked_for_this_machine(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment, which could not reach it, is passed by."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert _texts(_ask(_model(server), "a")) == ["a"]


def test_it_works_within_a_loop_that_runs(server: OpenAIServer) -> None:
    """As in a notebook."""

    async def cell() -> list[str | None]:
        return _texts(_ask(_model(server), "a"))

    assert asyncio.run(cell()) == ["a"]


# The budget: every reply is five tokens at 0.1 dollars, and may be ten.

_FIVE = "a b c d e"


@pytest.mark.parametrize("concurrency", [1, 2, 4])
def test_the_budget_stops_before_the_call_that_could_pass_it(concurrency: int) -> None:
    """Half a dollar each, a dollar at most: with 2 dollars the fourth is not asked, however many are under way at a time."""
    with OpenAIServer(respond=lambda _: Scripted([_FIVE])) as server:
        model = _model(server, concurrency=concurrency)
        with pytest.raises(BudgetError, match=r"1\.0000 dollars; 1\.5000 are spent of budget_usd=2\.0"):
            _ask(model, *"abcdefgh", budget_usd=2.0)
        assert len(server.requests) == 3
        assert sum(reply is not None for reply in chat.kept(model, _bodies(model, *"abcdefgh"))) == 3


def test_a_higher_budget_goes_on(server: OpenAIServer) -> None:
    """What was paid for is kept, and only the rest is asked."""
    server.respond = lambda _: Scripted([_FIVE])
    with pytest.raises(BudgetError):
        _ask(_model(server), *"abcdefgh", budget_usd=2.0)
    server.reset()
    replies = _ask(_model(server), *"abcdefgh", budget_usd=5.0)
    assert _texts(replies) == [_FIVE] * 8
    assert len(server.requests) == 5


def test_what_is_kept_needs_no_budget(server: OpenAIServer) -> None:
    """With nothing to ask, a budget that is spent stops nothing."""
    _ask(_model(server), "a")
    assert _texts(_ask(_model(server), "a", budget_usd=0.0)) == ["a"]


def test_a_model_without_a_price_needs_no_budget(server: OpenAIServer) -> None:
    """A server of one's own costs nothing."""
    assert _texts(_ask(_model(server, usd_per_million_completion_tokens=0.0), "a", budget_usd=0.0)) == ["a"]


def test_the_budget_sees_what_another_run_pays_meanwhile(server: OpenAIServer) -> None:
    """Both pay into one ledger: here the other one pays a dollar beside the first request."""
    folder = cache_folder().resolve()

    def respond(body: Json) -> Scripted:
        if last_user_text(body) == "a":
            other = ReplyStore(folder / "replies.sqlite")
            other.pay(1.0)
            other.close()
        return Scripted([_FIVE])

    server.respond = respond
    with pytest.raises(BudgetError, match=r"1\.5000 are spent"):
        _ask(_model(server, concurrency=1), *"abcdefgh", budget_usd=2.0)
    assert len(server.requests) == 1


def test_a_dry_run_counts_and_asks_nothing(server: OpenAIServer) -> None:
    """It says how many are kept, how many would be asked, and what they may cost at most."""
    model = _model(server, usd_per_million_prompt_tokens=1000.0)
    _ask(model, "a")
    server.reset()
    token = DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as caught:
            _ask(model, "a", "b", "c", "b")
    finally:
        DRY_RUN.reset(token)
    plan = caught.value
    assert (plan.requests, plan.cached, plan.prompt_tokens, plan.completion_tokens) == (3, 1, 8, 20)
    assert plan.usd == pytest.approx(2.008)
    assert server.requests == []


def test_tokens_are_counted_without_a_network() -> None:
    """The table of cl100k comes with llama-index."""
    assert wires.count_tokens("The score is 0.7.") == 8


def test_a_mix_of_faults_leaves_every_row(server: OpenAIServer) -> None:
    """A tenth 429, 5% 500, 2% cut, 1% malformed: only the malformed have no reply, and none is paid for twice."""
    server.mix({"429": 0.1, "500": 0.05, "cut": 0.02, "malformed": 0.01}, seed=3)
    server.retry_after_s, server.latency_s = 0.01, 0.005
    texts = [f"request {number}" for number in range(300)]
    replies = _texts(_ask(_model(server, concurrency=32, retries=8), *texts))
    faults = Counter(request.fault for request in server.requests)
    assert {"429", "500", "cut", "malformed"} <= faults.keys()
    malformed = {last_user_text(request.body) for request in server.requests if request.fault == "malformed"}
    assert replies == ["error" if text in malformed else text for text in texts]
    assert {*server.paid.values()} == {1}


_JUDGE = """
import json, os, sys
from judge import tables
from judge.models import chat
from judge.models.chat import ChatModel
from judge.models.wires import Failure
from judge.tables.levels import Judgment, nearest
url, requests, concurrency, key_env = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] or None
model = ChatModel.model_validate({
    "model": "gpt-4.1-mini", "temperature": 0.0, "max_tokens": 50, "max_tokens_name": "max_tokens", "extra": {},
    "endpoint": {"base_url": url, "api_key_env": key_env, "concurrency": concurrency, "requests_per_minute": None,
                 "tokens_per_minute": None, "retries": 1, "timeout_s": 30.0,
                 "usd_per_million_prompt_tokens": 1.0, "usd_per_million_completion_tokens": 2.0}})
ids = [f"answer {number:03}" for number in range(requests)]
bodies = [chat.body_of(model, [{"role": "user", "content": item}]) for item in ids]
replies = chat.ask(model, bodies, budget_usd=None, what="judgment")
judgments = [
    Judgment(None, reply.reason, "verdict", usage=reply.usage) if isinstance(reply, Failure)
    else Judgment(nearest(float(reply.choices[0].text.split()[-1])), source="verdict", rationale=reply.choices[0].text, usage=reply.usage)
    for reply in replies
]
tables.write(tables.TEACHER_SCORES, tables.judgment_rows(ids, judgments))
"""
_TABLE = Path("data/scores/teacher.jsonl")


def _start(url: str, folder: Path, *, requests: int, concurrency: int, key_env: str = "", **environment: str) -> "subprocess.Popen[str]":
    """A process that has answers judged and writes the table of judgments into its folder."""
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", _JUDGE, url, str(requests), str(concurrency), key_env],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _await(process: "subprocess.Popen[str]", condition: Callable[[], bool]) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)


def _asked(server: OpenAIServer) -> set[str]:
    return {last_user_text(request.body) for request in server.requests}


def _kept_keys(folder: Path) -> int:
    store = ReplyStore(folder / ".cache" / "replies.sqlite")
    try:
        return int(store._execute("SELECT COUNT(*) FROM replies")[0][0])
    finally:
        store.close()


def test_a_killed_run_goes_on_where_it_was(workspace: Path) -> None:
    """Killed at half: only what the cache lacks is asked, and the table has the bytes of an unbroken run."""
    concurrency, requests = 8, 200
    with OpenAIServer(latency_s=0.05) as server:
        killed = _start(server.base_url, workspace / "killed", requests=requests, concurrency=concurrency)
        _await(killed, lambda: len(server.paid) >= requests // 2)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        _await_quiet(server)
        asked_before, kept = _asked(server), _kept_keys(workspace / "killed")
        assert not (workspace / "killed" / _TABLE).exists()

        server.reset()
        again = _start(server.base_url, workspace / "killed", requests=requests, concurrency=concurrency)
        assert again.communicate()[1] == ""
        asked_again = _asked(server)
        assert len(server.requests) == requests - kept
        # Only what was under way when it was killed, whose replies nobody got, is asked a second time.
        assert len(asked_before & asked_again) == len(asked_before) - kept
        assert len(asked_before & asked_again) <= concurrency
        assert len(asked_before | asked_again) == requests

        unbroken = _start(server.base_url, workspace / "unbroken", requests=requests, concurrency=3)
        assert unbroken.communicate()[1] == ""
    assert (workspace / "killed" / _TABLE).read_bytes() == (workspace / "unbroken" / _TABLE).read_bytes()


def _await_quiet(server: OpenAIServer) -> None:
    """Wait until the server has noticed that its client is gone."""
    while server._in_flight:
        time.sleep(0.005)


def test_an_interrupted_run_keeps_what_came(workspace: Path) -> None:
    """Ctrl-C ends it at once; every whole reply that it got is kept."""
    with OpenAIServer(latency_s=0.05) as server:
        process = _start(server.base_url, workspace, requests=200, concurrency=4)
        _await(process, lambda: len(server.paid) >= 40)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        assert process.returncode != 0
        assert "KeyboardInterrupt" in said
        _await_quiet(server)
        assert len(server.paid) < 200
        assert len(server.paid) - 4 <= _kept_keys(workspace) <= len(server.paid)


def test_an_interrupted_notebook_stops(server: OpenAIServer) -> None:
    """Within a running loop, Ctrl-C does not wait for all that is still to be asked."""
    main = threading.main_thread().ident
    assert main is not None
    seen = threading.Event()

    def respond(body: Json) -> Scripted:
        if last_user_text(body) == "20":
            seen.set()
            signal.pthread_kill(main, signal.SIGINT)
        return _echo(body)

    server.respond, server.latency_s = respond, 0.02

    async def cell() -> None:
        _ask(_model(server, concurrency=2), *map(str, range(400)))

    # asyncio.run would catch the signal itself; a notebook's loop does not.
    loop = asyncio.new_event_loop()
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(cell())
    finally:
        loop.close()
    assert seen.is_set()
    assert len(server.requests) < 400


def test_two_runs_share_what_they_paid_for(workspace: Path) -> None:
    """Two processes at once with one cache: both have every row, and the ledger has each payment that was made."""
    with OpenAIServer(latency_s=0.01) as server:
        runs = [
            _start(server.base_url, workspace / name, requests=60, concurrency=4, JUDGE_CACHE=str(workspace / "cache")) for name in "ab"
        ]
        assert [run.communicate()[1] for run in runs] == ["", ""]
        tables = [(workspace / name / _TABLE).read_bytes() for name in "ab"]
        assert tables[0] == tables[1]
        usd = [json.loads(line)["usd"] for line in tables[0].decode().splitlines()]
        store = ReplyStore(workspace / "cache" / "replies.sqlite")
        paid = store.spent()
        store.close()
        by_text = {last_user_text(json.loads(body)): count for body, count in server.paid.items()}
        assert paid == pytest.approx(sum(by_text[f"answer {number:03}"] * cost for number, cost in enumerate(usd)))


@pytest.mark.parametrize("demanded", [KEY, "another"])
def test_the_key_is_nowhere(workspace: Path, demanded: str) -> None:
    """Neither in a table, the cache, a log at its most talkative, nor in the error when the server echoes it."""
    with OpenAIServer() as server:
        server.key = demanded
        process = _start(server.base_url, workspace, requests=5, concurrency=2, key_env=SECRET, OPENAI_LOG="debug", **{SECRET: KEY})
        said = "".join(process.communicate())
        assert (process.returncode == 0) is (demanded == KEY)
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert CHAT in said
    written = [path for path in workspace.rglob("*") if path.is_file()]
    assert any(path.name.startswith("replies.sqlite") for path in written)
    assert (workspace / _TABLE).exists() is (demanded == KEY)
    assert [path for path in written if KEY.encode() in path.read_bytes()] == []
    assert KEY not in said


def test_a_reply_is_the_same_whoever_asked_for_it(server: OpenAIServer) -> None:
    """No id and no time of the server is kept: what would differ from run to run."""
    model = _model(server)
    _ask(model, "a")
    (body,) = _bodies(model, "a")
    store = ReplyStore()
    kept = json.dumps(store.get(hosted.key_of(chat_wire.WIRE, model.endpoint, body)))
    store.close()
    assert "chatcmpl" not in kept
    assert "created" not in kept
    assert canonical(json.loads(kept)["body"]["choices"]) == canonical([{"message": {"content": "a"}, "finish_reason": "stop"}])
