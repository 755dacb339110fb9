"""The loopback server: every endpoint and every fault, as the official client sees them."""

import contextlib
import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT
from tests.openai_server import (
    CHAT,
    DECISIONS,
    FAULTS,
    Fate,
    Model,
    OpenAIServer,
    Scripted,
    canonical,
    duration,
    level_probabilities,
    split_tokens,
)

if TYPE_CHECKING:
    from openai import OpenAI

KEY = "sk-loopback-0123456789"
MODEL = "gpt-4.1-mini"


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A server of its own for each test."""
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def client(server: OpenAIServer) -> Iterator["OpenAI"]:
    """The official client, which refuses whatever its own types do not allow, and asks once."""
    with _client(server.base_url) as opened:
        yield opened


def _client(base_url: str, **changes: Any) -> "OpenAI":
    from openai import OpenAI

    settings: dict[str, Any] = {"api_key": KEY, "max_retries": 0, "timeout": 30, "_strict_response_validation": True}
    return OpenAI(base_url=base_url, **(settings | changes))


def _ask(client: "OpenAI", text: str = "Grade this.", **changes: Any) -> Any:
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}], **changes}
    return client.chat.completions.create(**body)


def _jsonl(rows: list[Any]) -> tuple[str, bytes]:
    return "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode()


def _examples(client: "OpenAI", count: int) -> str:
    talk = [{"role": "user", "content": "Grade."}, {"role": "assistant", "content": "Score: 0.7"}]
    return client.files.create(file=_jsonl([{"messages": talk}] * count), purpose="fine-tune").id


def _batch(client: "OpenAI", *custom_ids: str, **changes: Any) -> Any:
    messages = [{"role": "user", "content": "Grade."}]
    rows = [
        {"custom_id": one, "method": "POST", "url": CHAT, "body": {"model": MODEL, "messages": messages, "user": one, **changes}}
        for one in custom_ids
    ]
    file = client.files.create(file=_jsonl(rows), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")


def _rows(client: "OpenAI", file_id: str | None) -> list[Any]:
    return [] if file_id is None else [json.loads(line) for line in client.files.content(file_id).text.splitlines()]


# Chat completions


def test_the_default_reply_grades_the_last_user_message(client: "OpenAI") -> None:
    """The level is the most probable one of the distribution that the text determines."""
    levels = level_probabilities("Grade this.")
    reply = _ask(client)
    assert f"The answer rests on the passage.\nScore: {levels.index(max(levels)) / 10}" == reply.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"


def test_the_same_request_gets_the_same_reply(client: "OpenAI") -> None:
    """Nothing in a reply depends on the clock or on what was asked before."""
    first = _ask(client, logprobs=True).to_json()
    _ask(client, "Something else.")
    assert first == _ask(client, logprobs=True).to_json()


def test_usage_counts_the_tokens_of_both_sides(client: "OpenAI") -> None:
    """The tokens of a reply are those that its log-probabilities list, and a message costs three more than its text."""
    reply = _ask(client, logprobs=True)
    usage = reply.usage
    assert (3 + len(split_tokens("Grade this.")), len(reply.choices[0].logprobs.content)) == (usage.prompt_tokens, usage.completion_tokens)
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens


@pytest.mark.parametrize("text", ["a_b  c\n\n d ", "Score: 0.75!", "naïve — ½ ٣ 中文\r\n", ""])
def test_tokens_join_to_their_text(text: str) -> None:
    """No character is lost in the cut."""
    assert text == "".join(split_tokens(text))


def test_a_score_is_cut_as_gpt_tokenizers_cut_it() -> None:
    """A space before a digit, each run of digits and the point are tokens of their own; a line end sticks to its full stop."""
    assert ["Good", ".\n", "Score", ":", " ", "0", ".", "7"] == split_tokens("Good.\nScore: 0.7")


def test_logprobs_show_the_distribution_where_the_score_stands(client: "OpenAI") -> None:
    """The digit after the point and the digit before it give the levels back."""
    content = _ask(client, "Grade B.", logprobs=True, top_logprobs=20).choices[0].logprobs.content
    levels = level_probabilities("Grade B.")
    assert ["0", "."] == [position.token for position in content[-3:-1]]
    first = {entry.token: math.exp(entry.logprob) for entry in content[-3].top_logprobs}
    digits = {entry.token: math.exp(entry.logprob) for entry in content[-1].top_logprobs}
    listed = [first["0"] * digits[str(digit)] for digit in range(10)] + [first["1"]]
    assert listed == pytest.approx(levels)
    assert list(content[-1].token.encode()) == content[-1].bytes


@pytest.mark.parametrize(("asked", "shown"), [(None, 0), (0, 0), (3, 3), (20, 10)])
def test_top_logprobs_are_the_most_probable_first(client: "OpenAI", asked: int | None, shown: int) -> None:
    """At most as many alternatives as asked for, in falling order."""
    changes: dict[str, Any] = {} if asked is None else {"top_logprobs": asked}
    content = _ask(client, "Grade B.", logprobs=True, **changes).choices[0].logprobs.content
    chances = [entry.logprob for entry in content[-1].top_logprobs]
    assert shown == len(chances)
    assert sorted(chances, reverse=True) == chances


def test_without_logprobs_there_are_none(client: "OpenAI") -> None:
    """They come only when asked for."""
    assert _ask(client).choices[0].logprobs is None


def test_several_choices_are_draws_and_temperature_0_repeats_one(client: "OpenAI") -> None:
    """Their histogram follows the distribution."""
    drawn = [choice.message.content for choice in _ask(client, n=64).choices]
    assert len(set(drawn)) > 1
    greedy = {choice.message.content for choice in _ask(client, n=64, temperature=0).choices}
    assert {Counter(drawn).most_common(1)[0][0]} == greedy


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_cuts_the_reply(client: "OpenAI", limit: str) -> None:
    """The reply ends where the limit is, and says so."""
    changes: dict[str, Any] = {limit: 2}
    choice = _ask(client, **changes).choices[0]
    assert ("The answer", "length") == (choice.message.content, choice.finish_reason)


def test_a_script_states_texts_refusals_and_reasons(server: OpenAIServer, client: "OpenAI") -> None:
    """The test says what the model says."""
    server.respond = lambda _: Scripted(["one", None, ""], finish_reason="content_filter")
    choices = _ask(client, n=4).choices
    assert ["one", None, "", "one"] == [choice.message.content for choice in choices]
    assert {"content_filter"} == {choice.finish_reason for choice in choices}
    server.respond = lambda body: Scripted(refusal=f"I cannot grade {body['model']}.")
    message = _ask(client).choices[0].message
    assert (None, f"I cannot grade {MODEL}.") == (message.content, message.refusal)


def test_a_script_states_tokens_with_their_alternatives(server: OpenAIServer, client: "OpenAI") -> None:
    """An impossible token has the documented -9999."""
    server.respond = lambda _: Scripted(tokens=[("0", {"0": 0.75, "1": 0.25}), (".7", {"x": 1.0})])
    choice = _ask(client, logprobs=True, top_logprobs=1).choices[0]
    assert choice.message.content == "0.7"
    assert [math.log(0.75), -9999.0] == [position.logprob for position in choice.logprobs.content]
    assert [["0"], ["x"]] == [[entry.token for entry in position.top_logprobs] for position in choice.logprobs.content]


# What is refused


@pytest.mark.parametrize(
    ("asked", "param", "code"),
    [
        ({"model": "o4-mini", "logprobs": True}, "logprobs", "unsupported_parameter"),
        ({"model": "o4-mini", "n": 2}, "n", "unsupported_value"),
        ({"model": "o4-mini", "max_tokens": 5}, "max_tokens", "unsupported_parameter"),
        ({"top_logprobs": 21, "logprobs": True}, "top_logprobs", "integer_above_max_value"),
        ({"top_logprobs": 2}, "top_logprobs", None),
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"messages": []}, "messages", "missing_required_parameter"),
        ({"stream": True}, "stream", "unsupported_parameter"),
    ],
)
def test_what_a_model_does_not_take_is_a_400(client: "OpenAI", asked: dict[str, Any], param: str, code: str | None) -> None:
    """The error names the parameter, in OpenAI's shape."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError) as caught:
        _ask(client, **asked)
    assert (param, code, "invalid_request_error") == (caught.value.param, caught.value.code, caught.value.type)


def test_a_reasoning_model_takes_the_new_limit(client: "OpenAI") -> None:
    """What is refused by its old name is taken by its new one."""
    assert _ask(client, model="o4-mini", max_completion_tokens=1).choices[0].message.content == "The"


@pytest.mark.parametrize(("model", "says"), [("gpt-4", "has been deprecated"), ("gpt-99", "does not exist or you do not have access")])
def test_a_retired_or_unknown_model_is_a_404(client: "OpenAI", model: str, says: str) -> None:
    """Both have the code that OpenAI gives them."""
    from openai import NotFoundError

    with pytest.raises(NotFoundError, match=says) as caught:
        _ask(client, model=model)
    assert caught.value.code == "model_not_found"


def test_models_are_listed_without_the_retired(server: OpenAIServer, client: "OpenAI") -> None:
    """A model that the test adds is known at once."""
    server.models["mine"] = Model()
    listed = [model.id for model in client.models.list()]
    assert "mine" in listed
    assert "gpt-4" not in listed
    assert client.models.retrieve("mine").id == "mine"


def test_the_wrong_key_is_a_401_that_echoes_it(server: OpenAIServer, client: "OpenAI") -> None:
    """So a client can be tested for what it logs."""
    from openai import AuthenticationError

    _ask(client)
    server.key = "sk-other"
    with pytest.raises(AuthenticationError, match=KEY) as caught:
        _ask(client)
    assert caught.value.code == "invalid_api_key"
    assert {KEY} == server.keys_seen


def test_an_unknown_path_is_a_404_and_a_bad_body_a_400(client: "OpenAI") -> None:
    """Both in OpenAI's shape."""
    from openai import BadRequestError, NotFoundError

    with pytest.raises(NotFoundError, match=r"Invalid URL \(POST /v1/elsewhere\)"):
        client.post("/elsewhere", cast_to=object, body={})
    with pytest.raises(BadRequestError, match="could not parse the JSON body"):
        client.post("/chat/completions", cast_to=object, content=b"{")


def test_what_is_no_http_is_a_400(server: OpenAIServer) -> None:
    """A client that speaks something else is told, and the connection is closed."""
    import socket

    with socket.create_connection(("127.0.0.1", int(server.origin.rsplit(":", 1)[1])), timeout=30) as line:
        line.sendall(b"hello\r\n\r\n")
        with line.makefile("rb") as answer:
            assert answer.read().startswith(b"HTTP/1.1 400 ")


# Rates


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
    _ask(client)
    _ask(client)
    with pytest.raises(RateLimitError) as caught:
        _ask(client)
    assert caught.value.response.headers["retry-after"] == "30"
    client.models.list()


# Faults


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
        _ask(client)
    assert (kind, status) == (type(caught.value).__name__, caught.value.status_code)
    assert ("retry-after" in caught.value.response.headers) == (fault == "429")
    assert [(status, fault)] == [(request.status, request.fault) for request in server.requests]


def test_a_cut_reply_is_a_lost_connection(server: OpenAIServer, client: "OpenAI") -> None:
    """Half of what the headers announced came."""
    from openai import APIConnectionError

    server.faults = ["cut"]
    with pytest.raises(APIConnectionError):
        _ask(client)
    assert (0, "cut") == (server.requests[0].status, server.requests[0].fault)


def test_a_held_request_is_a_timeout(server: OpenAIServer) -> None:
    """The client gives up by itself."""
    from openai import APITimeoutError

    server.faults = ["timeout"]
    with _client(server.base_url, timeout=0.1) as client, pytest.raises(APITimeoutError):
        _ask(client)


def test_a_held_request_ends_in_a_lost_connection(server: OpenAIServer, client: "OpenAI") -> None:
    """A client that waits longer than the hold gets no reply at all."""
    from openai import APIConnectionError

    server.faults, server.hold_s = ["timeout"], 0.01
    with pytest.raises(APIConnectionError):
        _ask(client)


@pytest.mark.parametrize("fault", ["truncated", "malformed"])
def test_broken_json_is_no_error_of_the_client_s_own(server: OpenAIServer, client: "OpenAI", fault: str) -> None:
    """The official client lets the JSON error through, and asks no second time."""
    server.faults = [fault]
    with pytest.raises(json.JSONDecodeError):
        _ask(client.with_options(max_retries=2))
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
    content = _ask(client).choices[0].message.content
    assert content.startswith(starts)
    assert content.endswith(ends)
    assert 1 == server.paid.total()


def test_a_refusal_on_order_has_no_content(server: OpenAIServer, client: "OpenAI") -> None:
    """The refusal has a field of its own."""
    server.faults = ["refusal"]
    message = _ask(client).choices[0].message
    assert message.content is None
    assert "can't assist" in message.refusal


def test_scripted_faults_come_in_order_of_arrival(server: OpenAIServer, client: "OpenAI") -> None:
    """They hit models only, "ok" passes a request, and a client that retries gets through."""
    server.faults, server.retry_after_s = ["ok", "429", "500"], 0.01
    client.models.list()
    _ask(client)
    _ask(client.with_options(max_retries=2))
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
    with OpenAIServer() as server, _client(server.base_url) as client:
        server.mix({"429": 0.2, "500": 0.2, "malformed": 0.1, "refusal": 0.1}, seed=seed)
        for text in order:
            _ask_anyhow(client, text)
        met: dict[str, list[str | None]] = {}
        for request in server.requests:
            met.setdefault(request.body["messages"][0]["content"], []).append(request.fault)
        return met


def _ask_anyhow(client: "OpenAI", text: str) -> None:
    from openai import APIStatusError

    with contextlib.suppress(APIStatusError, json.JSONDecodeError):
        _ask(client, text)


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
            _ask(client)
        assert server.requests[-1].fault == fault
    assert "Score" in _ask(client).choices[0].message.content


# Bookkeeping


def _send(server: OpenAIServer, text: str) -> HTTPConnection:
    """A connection that has asked and not yet read."""
    line = HTTPConnection(server.origin.removeprefix("http://"), timeout=30)
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
    line.request("POST", CHAT, json.dumps(body), {"Content-Type": "application/json"})
    return line


def test_requests_are_kept_as_they_came(server: OpenAIServer, client: "OpenAI") -> None:
    """Method, path, headers, body and status, until the test has them forgotten."""
    _ask(client, n=2)
    client.models.list()
    assert [("POST", CHAT, 200), ("GET", "/v1/models", 200)] == [(one.method, one.path, one.status) for one in server.requests]
    assert server.requests[0].body["n"] == 2
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    server.reset()
    assert ([], Counter(), 0) == (server.requests, server.paid, server.in_flight_peak)


@pytest.mark.parametrize("fault", ["429", "500", "cut", "truncated", "malformed", "timeout"])
def test_only_a_whole_reply_is_paid(server: OpenAIServer, client: "OpenAI", fault: str) -> None:
    """What the client could not read is not counted."""
    from openai import OpenAIError

    server.faults, server.hold_s = [fault], 0.01
    with pytest.raises((OpenAIError, json.JSONDecodeError)):
        _ask(client)
    assert 0 == server.paid.total()


def test_a_client_that_hung_up_has_paid_nothing(server: OpenAIServer, client: "OpenAI") -> None:
    """A reply that nobody waits for is not sent."""
    server.latency_s = 0.05
    _send(server, "Grade this.").close()
    _ask(client, "Another.")
    assert [0, 200] == [request.status for request in server.requests]
    assert 1 == server.paid.total()


def test_64_requests_are_under_way_at_once(server: OpenAIServer) -> None:
    """Latency overlaps: all have arrived before the first is answered.

    One thread sends them all before it reads a reply, so no busy machine keeps them apart.
    """
    server.latency_s = 0.5
    lines = [_send(server, f"text {number}") for number in range(64)]
    statuses = [line.getresponse().status for line in lines]
    for line in lines:
        line.close()
    assert [200] * 64 == statuses
    assert 64 == server.in_flight_peak
    assert {1} == set(server.paid.values())


def test_a_given_port_is_taken_again() -> None:
    """A client that keeps its URL finds the server that was started anew."""
    with OpenAIServer() as first, _client(first.base_url) as client:
        _ask(client)
    with OpenAIServer(port=int(first.origin.rsplit(":", 1)[1])) as second, _client(first.base_url) as client:
        _ask(client)
    assert first.base_url == second.base_url
    assert 1 == len(second.requests)


def test_it_runs_as_a_process_of_its_own() -> None:
    """Its first line is the URL, its options hold, and it ends when told to."""
    command = [sys.executable, "-m", "tests.openai_server", "--model", "mine", "--key", KEY, "--mix", "500=1", "--rpm", "600"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with _client(url) as client:
            _ask_anyhow(client, "x")
            assert client.models.retrieve("mine").id == "mine"
            state: Any = client.get(url.removesuffix("/v1") + "/state", cast_to=object)
        process.terminate()
    assert (2 + 1, {"500": 1}, {}) == (state["requests"], state["faults"], state["paid"])
    assert 0 == process.returncode


# Files


def test_a_file_is_kept_byte_by_byte(client: "OpenAI") -> None:
    """Upload, look, read, list, delete."""
    from openai import NotFoundError

    content = '{"text": "naïve\\r\\n--"}\n{"text": "b"}\n'.encode()
    file = client.files.create(file=("rows.jsonl", content), purpose="fine-tune")
    assert ("rows.jsonl", len(content), "fine-tune", "processed") == (file.filename, file.bytes, file.purpose, file.status)
    assert file == client.files.retrieve(file.id)
    assert content == client.files.content(file.id).content
    assert [file.id] == [one.id for one in client.files.list()]
    assert client.files.delete(file.id).deleted
    with pytest.raises(NotFoundError, match="No such File object"):
        client.files.content(file.id)


def test_a_file_that_is_no_jsonl_is_refused(client: "OpenAI") -> None:
    """The error names the line."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError, match="Line 2"):
        client.files.create(file=("rows.jsonl", b'{"a": 1}\nb\n'), purpose="batch")


# Fine-tuning


def test_a_job_advances_one_state_a_look(server: OpenAIServer, client: "OpenAI") -> None:
    """It ends with a model that answers, and with what was trained."""
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=_examples(client, 10), suffix="judge", seed=7)
    states = [job.status] + [client.fine_tuning.jobs.retrieve(job.id).status for _ in range(5)]
    assert ["validating_files", "queued", "running", "running", "succeeded", "succeeded"] == states
    done = client.fine_tuning.jobs.retrieve(job.id)
    assert (7, 3, None) == (done.seed, done.hyperparameters.n_epochs, done.error)
    assert done.fine_tuned_model is not None
    assert done.fine_tuned_model.startswith(f"ft:{MODEL}:loopback:judge:")
    assert (done.trained_tokens or 0) > 0
    assert done.finished_at is not None
    assert done.fine_tuned_model == _ask(client, model=done.fine_tuned_model).model
    assert done.fine_tuned_model in server.models


def test_a_job_takes_its_method_and_its_hyperparameters(client: "OpenAI") -> None:
    """What is left to `auto` is resolved."""
    asked: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": "auto"}}}
    validation = _examples(client, 1)
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=_examples(client, 12), validation_file=validation, method=asked)
    assert (2, 1, validation) == (job.hyperparameters.n_epochs, job.hyperparameters.batch_size, job.validation_file)
    assert [job.id] == [one.id for one in client.fine_tuning.jobs.list()]


def test_a_job_reports_events_and_checkpoints(server: OpenAIServer, client: "OpenAI") -> None:
    """Both lists come in pages, the newest first."""
    server.job_polls = 1
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=_examples(client, 10))
    assert [] == client.fine_tuning.jobs.checkpoints.list(job.id).data
    done = client.fine_tuning.jobs.retrieve(job.id)
    page = client.fine_tuning.jobs.list_events(job.id, limit=2)
    assert page.has_more
    events = list(page)
    assert 5 == len(events)
    assert ("The job is succeeded.", f"Created fine-tuning job: {job.id}") == (events[0].message, events[-1].message)
    assert {"metrics", "message"} == {event.type for event in events}
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=1))
    assert [30, 20, 10] == [checkpoint.step_number for checkpoint in checkpoints]
    assert done.fine_tuned_model == checkpoints[0].fine_tuned_model_checkpoint


def test_a_job_fails_on_order(server: OpenAIServer, client: "OpenAI") -> None:
    """With the error that the test gives it."""
    server.job_polls, server.job_error = 1, {"code": "exceeded_quota", "message": "No credit is left.", "param": "training_file"}
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=_examples(client, 10))
    failed = client.fine_tuning.jobs.retrieve(job.id)
    assert ("failed", None) == (failed.status, failed.fine_tuned_model)
    assert failed.error is not None
    assert server.job_error == failed.error.model_dump()


def test_a_job_is_cancelled_once(client: "OpenAI") -> None:
    """It stays cancelled, and a second cancel is refused."""
    from openai import BadRequestError

    job = client.fine_tuning.jobs.create(model=MODEL, training_file=_examples(client, 10))
    assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    assert client.fine_tuning.jobs.retrieve(job.id).status == "cancelled"
    with pytest.raises(BadRequestError):
        client.fine_tuning.jobs.cancel(job.id)


def test_a_job_needs_ten_good_examples(client: "OpenAI") -> None:
    """Too few, a file that does not exist, and examples of another form are refused."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError, match=r"has 9 example\(s\), but must have at least 10") as caught:
        client.fine_tuning.jobs.create(model=MODEL, training_file=_examples(client, 9))
    assert ("training_file", "invalid_n_examples") == (caught.value.param, caught.value.code)
    with pytest.raises(BadRequestError, match="invalid training_file"):
        client.fine_tuning.jobs.create(model=MODEL, training_file="file-0")
    bad = client.files.create(file=_jsonl([{"prompt": "x"}] * 10), purpose="fine-tune")
    with pytest.raises(BadRequestError, match="Example 1"):
        client.fine_tuning.jobs.create(model=MODEL, training_file=bad.id)


# Batches


def test_a_batch_answers_every_request_in_another_order(server: OpenAIServer, client: "OpenAI") -> None:
    """Two looks until it is done; each line has the documented shape, and counts as paid."""
    ids = [f"id-{number}" for number in range(20)]
    batch = _batch(client, *ids)
    states = [batch.status, client.batches.retrieve(batch.id).status]
    done = client.batches.retrieve(batch.id)
    assert ["validating", "in_progress", "completed"] == [*states, done.status]
    rows = _rows(client, done.output_file_id)
    assert ids != [row["custom_id"] for row in rows]
    assert sorted(ids) == sorted(row["custom_id"] for row in rows)
    assert {"id", "custom_id", "response", "error"} == set(rows[0])
    assert {"status_code", "request_id", "body"} == set(rows[0]["response"])
    assert rows[0]["response"]["body"]["object"] == "chat.completion"
    assert (None, 20, 20) == (done.error_file_id, done.request_counts and done.request_counts.completed, server.paid.total())
    assert [batch.id] == [one.id for one in client.batches.list()]


def test_requests_of_a_batch_fail_and_get_lost_on_order(server: OpenAIServer, client: "OpenAI") -> None:
    """What failed stands in the error file, what got lost nowhere."""
    server.batch_polls = 1
    fates: dict[str, Fate] = {"a": "ok", "b": "fail", "c": "missing", "d": "expired"}
    server.batch_fate = fates.__getitem__
    done = client.batches.retrieve(_batch(client, "a", "b", "c", "d").id)
    assert ["a"] == [row["custom_id"] for row in _rows(client, done.output_file_id)]
    errors = {row["custom_id"]: row for row in _rows(client, done.error_file_id)}
    assert {"b", "d"} == set(errors)
    assert 500 == errors["b"]["response"]["status_code"]
    assert (None, "batch_expired") == (errors["d"]["response"], errors["d"]["error"]["code"])


def test_a_batch_meets_the_limits_of_its_model(server: OpenAIServer, client: "OpenAI") -> None:
    """A request that would be a 400 on its own is one in the batch."""
    server.batch_polls = 1
    done = client.batches.retrieve(_batch(client, "a", logprobs=True, model="o4-mini").id)
    assert done.output_file_id is None
    assert "unsupported_parameter" == _rows(client, done.error_file_id)[0]["response"]["body"]["error"]["code"]


def test_a_whole_batch_fails_or_expires_on_order(server: OpenAIServer, client: "OpenAI") -> None:
    """A failed one has no files; an expired one keeps what was done."""
    server.batch_polls, server.batch_end = 1, "failed"
    failed = client.batches.retrieve(_batch(client, "a").id)
    assert ("failed", None) == (failed.status, failed.output_file_id)
    assert failed.errors is not None
    assert failed.errors.data is not None
    assert failed.errors.data[0].code == "token_limit_exceeded"
    server.batch_end = "expired"
    expired = client.batches.retrieve(_batch(client, "a", "b", "c").id)
    assert "expired" == expired.status
    assert (["a"], ["b", "c"]) == (
        [row["custom_id"] for row in _rows(client, expired.output_file_id)],
        sorted(row["custom_id"] for row in _rows(client, expired.error_file_id)),
    )


def test_a_batch_with_an_id_used_twice_fails(server: OpenAIServer, client: "OpenAI") -> None:
    """The error names the line."""
    server.batch_polls = 1
    failed = client.batches.retrieve(_batch(client, "a", "a").id)
    assert failed.errors is not None
    assert failed.errors.data is not None
    assert ("duplicate_custom_id", 2) == (failed.errors.data[0].code, failed.errors.data[0].line)


def test_a_batch_is_cancelled(client: "OpenAI") -> None:
    """First it is being cancelled, then it is."""
    batch = _batch(client, "a")
    assert client.batches.cancel(batch.id).status == "cancelling"
    assert client.batches.retrieve(batch.id).status == "cancelled"


# Decisions and System One

LEVELS = [{"label": f"{level / 10}"} for level in range(10)]


def _decide(client: "OpenAI", *questions: dict[str, Any], **changes: Any) -> Any:
    body = {"model": "gpt-6-luna", "input": "An answer.", "questions": list(questions), **changes}
    return client.post("/decisions", cast_to=object, body=body)


def test_a_decision_answers_each_kind_of_question(server: OpenAIServer, client: "OpenAI") -> None:
    """In question order, with a probability for every option, and exactly the fields of the official types."""
    server.decide = lambda _, size: [0.25, 0.75, *[0.0] * (size - 2)]
    reply = _decide(
        client,
        {"type": "predicate", "name": "true", "instructions": "It is true."},
        {"type": "choice", "instructions": "Which?", "choices": [{"value": "a"}, {"value": True, "description": "yes"}]},
        {"type": "score", "name": "level", "instructions": "How good?", "levels": LEVELS[:3]},
    )
    predicate, choice, score = reply["answers"]
    assert {"type": "predicate", "name": "true", "probability": 0.25} == predicate
    masses: list[Any] = [{"value": "a", "probability": 0.25}, {"value": True, "probability": 0.75}]
    assert {"type": "choice", "name": None, "choice": True, "probabilities": masses, "confidence": 0.5} == choice
    masses = [{"value": index, "label": f"{index / 10}", "probability": mass} for index, mass in enumerate([0.25, 0.75, 0.0])]
    assert {"type": "score", "name": "level", "score": 0.75, "probabilities": masses, "confidence": 0.625} == score
    assert {"model", "answers", "usage"} == set(reply)
    assert {"input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens"} == set(reply["usage"])


def test_a_decision_reads_messages_like_text(client: "OpenAI") -> None:
    """Parts of user messages are the same evidence as a string."""
    question = {"type": "score", "instructions": "How good?", "levels": LEVELS}
    parts = [{"role": "user", "content": [{"type": "input_text", "text": "An "}, {"type": "input_text", "text": "answer."}]}]
    plain = _decide(client, question)
    assert plain["answers"] == _decide(client, question, input=parts)["answers"]
    assert sum(mass["probability"] for mass in plain["answers"][0]["probabilities"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("question", "param", "code"),
    [
        ({"type": "score", "levels": [*LEVELS, {"label": "1.0"}]}, "questions[0].levels", "array_above_max_length"),
        ({"type": "score", "levels": LEVELS[:1]}, "questions[0].levels", "array_below_min_length"),
        ({"type": "score", "levels": ["0.0", "1.0"]}, "questions[0].levels", "invalid_type"),
        ({"type": "noul"}, "questions[0].type", "invalid_value"),
        ({"type": "predicate", "levels": LEVELS}, "questions[0].levels", "unknown_parameter"),
    ],
)
def test_a_decision_has_limits(client: "OpenAI", question: dict[str, Any], param: str, code: str) -> None:
    """Two to ten levels, each an object with a label; an eleventh is a 400."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError) as caught:
        _decide(client, {"instructions": "How good?", **question})
    assert (param, code) == (caught.value.param, caught.value.code)


def test_eleven_levels_fit_into_a_choice(client: "OpenAI") -> None:
    """A choice takes up to 255 options, so it gives the whole distribution."""
    choices = [{"value": f"{level / 10}"} for level in range(11)]
    answer = _decide(client, {"type": "choice", "instructions": "How good?", "choices": choices})["answers"][0]
    assert [choice["value"] for choice in choices] == [mass["value"] for mass in answer["probabilities"]]


def test_a_decision_takes_nothing_of_a_chat(client: "OpenAI") -> None:
    """No temperature, no log-probabilities, and questions are a must."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError, match="Unknown parameter: 'temperature'"):
        _decide(client, {"type": "predicate", "instructions": "x"}, temperature=0)
    with pytest.raises(BadRequestError, match="'questions'"):
        _decide(client)


def test_a_decision_is_refused_question_by_question(server: OpenAIServer, client: "OpenAI") -> None:
    """On order by the fault, or by the test's own function."""
    question = {"type": "predicate", "name": "q", "instructions": "x"}
    server.faults = ["refusal", "500"]
    assert [{"type": "refusal", "name": "q"}] == _decide(client, question)["answers"]
    assert "predicate" == _decide(client.with_options(max_retries=1), question)["answers"][0]["type"]
    server.decide = lambda text, _: None if "secret" in text else [1.0, 0.0]
    answers = _decide(client, question, question | {"instructions": "secret"})["answers"]
    assert ["predicate", "refusal"] == [answer["type"] for answer in answers]
    assert {DECISIONS} == {request.path for request in server.requests}


def _system_one(client: "OpenAI", **changes: Any) -> Any:
    body = {"model": "jev-latest", "state": {"answer": "An answer."}, "questions": {}, **changes}
    return client.post("/systemone", cast_to=object, body=body)


def test_system_one_answers_as_transformers_does(server: OpenAIServer, client: "OpenAI") -> None:
    """The same numbers in the same fields as the library that serves this wire locally."""
    from transformers.decision import DecisionConfig, parse_questions

    masses = {2: [0.25, 0.75], 3: [0.1, 0.6, 0.3]}
    server.decide = lambda _, size: masses[size]
    questions: dict[str, Any] = {
        "true": {"type": "noul", "instructions": "Is it true?"},
        "kind": {"type": "choice", "instructions": "Which?", "criteria": {"a": None, "b": "The other"}},
        "level": {"type": "score", "instructions": "How good?", "criteria": ["low", "middle", "high"]},
    }
    reply = _system_one(client, questions=questions)
    expected = {one.name: one.answer(masses[len(one.options)]) for one in parse_questions(questions, DecisionConfig())}
    assert list(expected) == list(reply["answers"])
    for name, answer in expected.items():
        assert {key: pytest.approx(value) for key, value in answer.items() if isinstance(value, float)}.items() <= reply["answers"][
            name
        ].items()
        assert {key: value for key, value in answer.items() if not isinstance(value, float)}.items() <= reply["answers"][name].items()
        assert set(answer) == set(reply["answers"][name])
    assert 0 == reply["usage"]["output_tokens"]


def test_system_one_refuses_in_its_own_shape(server: OpenAIServer, client: "OpenAI") -> None:
    """A 422 lists what does not fit; a 400 says what is too much, which the test can change."""
    from openai import BadRequestError, UnprocessableEntityError

    with pytest.raises(UnprocessableEntityError) as caught:
        _system_one(client, questions={"q": {"type": "predicate"}})
    assert isinstance(caught.value.body, dict)
    assert [["body", "questions"]] == [item["loc"] for item in caught.value.body["detail"]]
    eleven = {"q": {"type": "score", "instructions": "How good?", "criteria": [str(level / 10) for level in range(11)]}}
    with pytest.raises(BadRequestError, match="too_many_options"):
        _system_one(client, questions=eleven)
    server.system_one_levels = 26
    assert 11 == len(_system_one(client, questions=eleven)["answers"]["q"]["probabilities"])
    with pytest.raises(BadRequestError, match="unknown_model"):
        _system_one(client, questions=eleven, model="jev")
