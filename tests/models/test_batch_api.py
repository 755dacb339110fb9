"""OpenAI's Batch API on a loopback server."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judge.errors import BudgetError, ModelError
from judge.models import batch_api, chat, chat_replies, hosted
from judge.models.chat import ChatModel
from judge.models.chat_wire import WIRE
from judge.models.endpoints import Endpoint
from judge.models.replies import ReplyStore
from judge.models.wires import Body
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.usage import Usage
from tests.conftest import ROOT
from tests.openai_server import CHAT, OpenAIServer, Scripted, last_user_text

pytestmark = pytest.mark.usefixtures("workspace")

KEY = "tok-0123456789abcdef"
TEXTS = tuple("abcdef")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_api, "POLL_S", 0.01)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A server whose replies are five tokens."""
    with OpenAIServer(respond=lambda body: Scripted([f"{last_user_text(body)} b c d e"])) as running:
        yield running


def _model(base_url: str, **changes: Any) -> ChatModel:
    values: dict[str, Any] = {
        "base_url": base_url,
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
        model="gpt-4.1-mini",
        temperature=0.0,
        max_tokens=10,
        max_tokens_name="max_tokens",
        extra={},
        endpoint=Endpoint(**(values | changes)),
    )


def _bodies(model: ChatModel, texts: tuple[str, ...] = TEXTS) -> list[Body]:
    return [chat.body_of(model, [{"role": "user", "content": text}], logprobs=True, top_logprobs=2) for text in texts]


def _fill(model: ChatModel, texts: tuple[str, ...] = TEXTS, *, budget_usd: float | None = None) -> None:
    batch_api.fill(model.endpoint, _bodies(model, texts), budget_usd=budget_usd, what="judgment")


def _kept(model: ChatModel, texts: tuple[str, ...] = TEXTS) -> list[str | None]:
    return [None if reply is None else reply.choices[0].text for reply in chat.kept(model, _bodies(model, texts))]


def _keys(model: ChatModel) -> list[str]:
    return [hosted.key_of(WIRE, model.endpoint, body) for body in _bodies(model)]


def _spent() -> float:
    store = ReplyStore()
    try:
        return store.spent()
    finally:
        store.close()


def _uploads(server: OpenAIServer) -> int:
    return sum((request.method, request.path) == ("POST", "/v1/batches") for request in server.requests)


def _asked_singly(server: OpenAIServer) -> list[str]:
    return sorted(last_user_text(request.body) for request in server.requests if request.path == CHAT)


def test_a_batch_fills_the_cache(server: OpenAIServer) -> None:
    """One upload; each request finds its own reply, though the output is in another order, and nothing is asked singly."""
    model = _model(server.base_url)
    _fill(model)
    assert _kept(model) == [f"{text} b c d e" for text in TEXTS]
    replies = chat.ask(model, _bodies(model), budget_usd=0.0, what="judgment")
    assert [isinstance(reply, chat_replies.ChatReply) for reply in replies] == [True] * 6
    assert (_uploads(server), _asked_singly(server)) == (1, [])


def test_a_batch_keeps_what_the_chat_road_keeps(server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same replies under the same keys; only that they came by batch is noted beside them."""
    model = _model(server.base_url)
    _fill(model)
    monkeypatch.setenv("JUDGE_CACHE", str(tmp_path / "other"))
    chat.ask(model, _bodies(model), budget_usd=None, what="judgment")
    stores = [ReplyStore(tmp_path / folder / "replies.sqlite") for folder in (".cache", "other")]
    for key in _keys(model):
        by_batch, by_chat = (store.get(key) or {} for store in stores)
        assert by_batch == {**by_chat, "batch": True}
        assert json.dumps(by_batch["body"]) == json.dumps(by_chat["body"])
    for store in stores:
        store.close()


def test_a_batch_costs_half(server: OpenAIServer) -> None:
    """In the ledger and in the usage of each reply: five tokens at 0.1 dollars, halved."""
    model = _model(server.base_url)
    _fill(model)
    assert _spent() == pytest.approx(6 * 0.25)
    (reply,) = chat.kept(model, _bodies(model, ("a",)))
    assert reply is not None
    assert reply.usage == Usage(1, 4, 5, 0.25)


def test_equal_requests_are_sent_once(server: OpenAIServer) -> None:
    """A custom_id may stand in a file once only."""
    model = _model(server.base_url)
    _fill(model, ("a", "a", "b"))
    assert _kept(model, ("a", "b")) == ["a b c d e", "b b c d e"]


def test_what_is_kept_is_not_sent(server: OpenAIServer) -> None:
    """A second time there is nothing to upload; the server is not even looked at."""
    model = _model(server.base_url)
    _fill(model)
    server.reset()
    _fill(model)
    assert server.requests == []


def test_what_a_batch_leaves_is_asked_singly(server: OpenAIServer, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed request, one that is missing, and one that expired are asked singly; the others are not asked again."""
    model = _model(server.base_url)
    fates: dict[str, Any] = dict(zip(_keys(model), ["ok", "fail", "missing", "expired", "ok", "ok"], strict=True))
    server.batch_fate = fates.__getitem__
    _fill(model)
    assert [text is None for text in _kept(model)] == [False, True, True, True, False, False]
    assert "3 of 6 requests answered, 3 are left to be asked singly" in capsys.readouterr().err
    chat.ask(model, _bodies(model), budget_usd=None, what="judgment")
    assert _asked_singly(server) == ["b", "c", "d"]
    assert _spent() == pytest.approx(3 * 0.25 + 3 * 0.5)


@pytest.mark.parametrize(("end", "kept"), [("failed", 0), ("expired", 3)])
def test_a_batch_that_ends_badly_leaves_the_rest(server: OpenAIServer, capsys: pytest.CaptureFixture[str], end: Any, kept: int) -> None:
    """What came of it is kept; the rest is asked singly, and the batch is forgotten."""
    server.batch_end = end
    model = _model(server.base_url)
    _fill(model)
    assert sum(text is not None for text in _kept(model)) == kept
    said = capsys.readouterr().err
    assert f" {end}: {kept} of 6 requests answered" in said
    assert ("Enqueued token limit reached" in said) is (end == "failed")
    chat.ask(model, _bodies(model), budget_usd=None, what="judgment")
    assert len(_asked_singly(server)) == 6 - kept


def test_a_batch_that_failed_is_tried_anew(server: OpenAIServer) -> None:
    """Another run does not wait for the failed one: it begins another."""
    server.batch_end = "failed"
    model = _model(server.base_url)
    _fill(model)
    server.batch_end = "completed"
    _fill(model)
    assert None not in _kept(model)
    assert _uploads(server) == 2


def test_refusals_are_paid_for_and_not_kept(server: OpenAIServer) -> None:
    """A refusal costs its tokens, and the next run asks again; the batch is not read, nor paid for, a second time."""
    server.respond = lambda body: Scripted(refusal="No, not that.") if last_user_text(body) == "a" else Scripted(["yes"])
    model = _model(server.base_url)
    _fill(model, ("a",))
    assert _kept(model, ("a",)) == [None]
    assert _spent() > 0
    paid = _spent()
    _fill(model, ("a",))
    assert _uploads(server) == 2
    assert _spent() == pytest.approx(2 * paid)


def test_lines_that_cannot_be_read_count_as_missing(server: OpenAIServer) -> None:
    """A line cut off, of another shape, of another request or that comes twice does no harm to the others."""
    model = _model(server.base_url)
    end_batch = server._end_batch

    def spoil(batch: dict[str, Any]) -> None:
        end_batch(batch)
        about, content = server._stored.files[batch["output_file_id"]]
        lines = content.decode().splitlines()
        stranger = json.dumps({**json.loads(lines[0]), "custom_id": "stranger"})
        strange = json.dumps({"custom_id": json.loads(lines[1])["custom_id"], "response": {"status_code": 200, "body": []}})
        lines = [lines[0][:-9], strange, "null", "[]", "", stranger, *lines[2:], lines[2]]
        server._stored.files[batch["output_file_id"]] = (about, "\n".join(lines).encode())

    server._end_batch = spoil  # type: ignore[method-assign]
    _fill(model)
    assert sum(text is not None for text in _kept(model)) == 4
    assert _spent() == pytest.approx(4 * 0.25)


def test_files_keep_to_the_limits(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of requests or of bytes another batch is begun; together they answer all."""
    monkeypatch.setattr(batch_api, "_MOST_REQUESTS", 4)
    model = _model(server.base_url)
    _fill(model)
    assert _uploads(server) == 2
    assert None not in _kept(model)


def test_parts_hold_as_much_as_a_file_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are packed in order up to the limit of bytes; one that is larger alone has a file alone."""
    bodies = {key: {"text": key * size} for key, size in {"a": 10, "b": 10, "c": 400, "d": 10}.items()}
    (whole,) = batch_api.parts(bodies)
    monkeypatch.setattr(batch_api, "_MOST_BYTES", len(whole["a"]) + len(whole["b"]))
    assert [[*part] for part in batch_api.parts(bodies)] == [["a", "b"], ["c"], ["d"]]


def test_the_budget_is_checked_before_anything_is_sent(server: OpenAIServer) -> None:
    """Six requests of at most ten tokens may cost 3 dollars at half the price."""
    model = _model(server.base_url)
    with pytest.raises(BudgetError, match=r"3\.0000 dollars; 0\.0000 are spent of budget_usd=2\.9"):
        _fill(model, budget_usd=2.9)
    assert [request for request in server.requests if request.method == "POST"] == []
    _fill(model, budget_usd=3.0)
    assert None not in _kept(model)


def test_a_dry_run_counts_at_half_the_price(server: OpenAIServer) -> None:
    """It sends nothing."""
    model = _model(server.base_url)
    _fill(model, ("a",))
    server.reset()
    token = DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as caught:
            _fill(model)
    finally:
        DRY_RUN.reset(token)
    assert (caught.value.requests, caught.value.cached) == (6, 1)
    assert caught.value.usd == pytest.approx(2.5)
    assert server.requests == []


def test_a_server_without_batches_says_so(server: OpenAIServer) -> None:
    """A compatible server often has chat only; nothing is uploaded to it."""
    model = _model(f"{server.origin}/v1/other")
    with pytest.raises(ModelError, match="batch: false"):
        _fill(model)
    assert [request.method for request in server.requests] == ["GET"]


def test_a_wrong_key_is_a_clear_error(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message does not repeat it."""
    monkeypatch.setenv("JUDGE_TEST_KEY", KEY)
    server.key = "another"
    with pytest.raises(ModelError, match=r"Incorrect API key provided: \[key\]"):
        _fill(_model(server.base_url, api_key_env="JUDGE_TEST_KEY"))


def test_a_batch_that_is_gone_is_begun_anew(server: OpenAIServer) -> None:
    """The server knows no batch of the stored id: deleted, or of another account."""
    model = _model(server.base_url)
    store = ReplyStore()
    store.record({}, [], begun=dict.fromkeys((f"batch {key}" for key in _keys(model)), "batch_gone"))
    store.close()
    _fill(model)
    assert None not in _kept(model)
    assert _uploads(server) == 1


def test_a_batch_is_found_that_no_note_was_taken_of(server: OpenAIServer) -> None:
    """Killed between the server's yes and the note of it, a run leaves a batch that the next one finds by its mark."""
    model = _model(server.base_url)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReplyStore, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            _fill(model)
    assert _uploads(server) == 1
    _fill(model)
    assert None not in _kept(model)
    assert _uploads(server) == 1


_FILL = """
import json, sys
from judge.models import batch_api
from judge.models.endpoints import Endpoint
batch_api.POLL_S = 0.01
bodies = json.loads(sys.argv[1])
batch_api.fill(Endpoint.model_validate_json(sys.argv[2]), bodies, budget_usd=None, what="judgment")
"""


def test_a_killed_run_picks_its_batch_up(server: OpenAIServer) -> None:
    """Killed while it waits: the next run asks for the same batch, though it wants one request more, and uploads only that."""
    server.batch_polls = 10**9
    model = _model(server.base_url)
    command = [sys.executable, "-c", _FILL, json.dumps(_bodies(model)), model.endpoint.model_dump_json()]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    while sum(request.path.startswith("/v1/batches/") for request in server.requests) < 3:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert _uploads(server) == 1
    server.batch_polls = 2
    _fill(model, (*TEXTS, "g"))
    assert None not in _kept(model, (*TEXTS, "g"))
    assert _uploads(server) == 2
    assert [*server.paid.values()] == [1] * 7
