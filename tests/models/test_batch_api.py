"""OpenAI's Batch API on a loopback server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judge.errors import BudgetError, ModelError
from judge.models import batch_api, chat, chat_replies
from judge.models.replies import ReplyStore
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.usage import Usage
from tests.models.hosted_batches import TEXTS, asked_singly, bodies_of, fill, kept_texts, keys_of, spent, uploads
from tests.models.hosted_model import KEY, model_at
from tests.openai_server import OpenAIServer, Scripted, last_user_text

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_api, "POLL_S", 0.01)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A server whose replies are five tokens."""
    with OpenAIServer(respond=lambda body: Scripted([f"{last_user_text(body)} b c d e"])) as running:
        yield running


def test_a_batch_fills_the_cache(server: OpenAIServer) -> None:
    """One upload; each request finds its own reply, though the output is in another order, and nothing is asked singly."""
    model = model_at(server.base_url)
    fill(model)
    assert kept_texts(model) == [f"{text} b c d e" for text in TEXTS]
    replies = chat.ask(model, bodies_of(model), budget_usd=0.0, what="judgment")
    assert [isinstance(reply, chat_replies.ChatReply) for reply in replies] == [True] * 6
    assert (uploads(server), asked_singly(server)) == (1, [])


def test_a_batch_keeps_what_single_requests_keep(server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same replies under the same keys; only that they came by batch is noted beside them."""
    model = model_at(server.base_url)
    fill(model)
    monkeypatch.setenv("JUDGE_CACHE", str(tmp_path / "other"))
    chat.ask(model, bodies_of(model), budget_usd=None, what="judgment")
    stores = [ReplyStore(tmp_path / folder / "replies.sqlite") for folder in (".cache", "other")]
    for key in keys_of(model):
        by_batch, by_chat = (store.get(key) or {} for store in stores)
        assert by_batch == {**by_chat, "batch": True}
        assert json.dumps(by_batch["body"]) == json.dumps(by_chat["body"])
    for store in stores:
        store.close()


def test_a_batch_costs_half(server: OpenAIServer) -> None:
    """In the ledger and in the usage of each reply: five tokens at 0.1 dollars, halved."""
    model = model_at(server.base_url)
    fill(model)
    assert spent() == pytest.approx(6 * 0.25)
    (reply,) = chat.kept(model, bodies_of(model, ("a",)))
    assert reply is not None
    assert reply.usage == Usage(1, 4, 5, 0.25)


def test_equal_requests_are_sent_once(server: OpenAIServer) -> None:
    """A custom_id may stand in a file once only."""
    model = model_at(server.base_url)
    fill(model, ("a", "a", "b"))
    assert kept_texts(model, ("a", "b")) == ["a b c d e", "b b c d e"]


def test_what_is_kept_is_not_sent(server: OpenAIServer) -> None:
    """A second time there is nothing to upload; the server is not even looked at."""
    model = model_at(server.base_url)
    fill(model)
    server.reset()
    fill(model)
    assert server.requests == []


def test_what_a_batch_leaves_is_asked_singly(server: OpenAIServer, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed request, one that is missing, and one that expired are asked singly; the others are not asked again."""
    model = model_at(server.base_url)
    fates: dict[str, Any] = dict(zip(keys_of(model), ["ok", "fail", "missing", "expired", "ok", "ok"], strict=True))
    server.batch_fate = fates.__getitem__
    fill(model)
    assert [text is None for text in kept_texts(model)] == [False, True, True, True, False, False]
    assert "3 of 6 requests answered, 3 are left to be asked singly" in capsys.readouterr().err
    chat.ask(model, bodies_of(model), budget_usd=None, what="judgment")
    assert asked_singly(server) == ["b", "c", "d"]
    assert spent() == pytest.approx(3 * 0.25 + 3 * 0.5)


@pytest.mark.parametrize(("end", "kept"), [("failed", 0), ("expired", 3)])
def test_a_batch_that_ends_badly_leaves_the_rest(server: OpenAIServer, capsys: pytest.CaptureFixture[str], end: Any, kept: int) -> None:
    """What came of it is kept; the rest is asked singly, and the batch is forgotten."""
    server.batch_end = end
    model = model_at(server.base_url)
    fill(model)
    assert sum(text is not None for text in kept_texts(model)) == kept
    said = capsys.readouterr().err
    assert f" {end}: {kept} of 6 requests answered" in said
    assert ("Enqueued token limit reached" in said) is (end == "failed")
    chat.ask(model, bodies_of(model), budget_usd=None, what="judgment")
    assert len(asked_singly(server)) == 6 - kept


def test_a_batch_that_failed_is_tried_anew(server: OpenAIServer) -> None:
    """Another run does not wait for the failed one: it begins another."""
    server.batch_end = "failed"
    model = model_at(server.base_url)
    fill(model)
    server.batch_end = "completed"
    fill(model)
    assert None not in kept_texts(model)
    assert uploads(server) == 2


def test_refusals_are_paid_for_and_not_kept(server: OpenAIServer) -> None:
    """A refusal costs its tokens, and the next run asks again; the batch is not read, nor paid for, a second time."""
    server.respond = lambda body: Scripted(refusal="No, not that.") if last_user_text(body) == "a" else Scripted(["yes"])
    model = model_at(server.base_url)
    fill(model, ("a",))
    assert kept_texts(model, ("a",)) == [None]
    assert spent() > 0
    paid = spent()
    fill(model, ("a",))
    assert uploads(server) == 2
    assert spent() == pytest.approx(2 * paid)


def test_lines_that_cannot_be_read_count_as_missing(server: OpenAIServer) -> None:
    """A line cut off, of another shape, of another request or that comes twice does no harm to the others."""
    model = model_at(server.base_url)
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
    fill(model)
    assert sum(text is not None for text in kept_texts(model)) == 4
    assert spent() == pytest.approx(4 * 0.25)


def test_files_keep_to_the_limits(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of requests or of bytes another batch is begun; together they answer all."""
    monkeypatch.setattr(batch_api, "_MOST_REQUESTS", 4)
    model = model_at(server.base_url)
    fill(model)
    assert uploads(server) == 2
    assert None not in kept_texts(model)


def test_parts_hold_as_much_as_a_file_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are packed in order up to the limit of bytes; one that is larger alone has a file alone."""
    bodies = {key: {"text": key * size} for key, size in {"a": 10, "b": 10, "c": 400, "d": 10}.items()}
    (whole,) = batch_api.parts(bodies)
    monkeypatch.setattr(batch_api, "_MOST_BYTES", len(whole["a"]) + len(whole["b"]))
    assert [[*part] for part in batch_api.parts(bodies)] == [["a", "b"], ["c"], ["d"]]


def test_the_budget_is_checked_before_anything_is_sent(server: OpenAIServer) -> None:
    """Six requests of at most ten tokens may cost 3 dollars at half the price."""
    model = model_at(server.base_url)
    with pytest.raises(BudgetError, match=r"3\.0000 dollars; 0\.0000 are spent of budget_usd=2\.9"):
        fill(model, budget_usd=2.9)
    assert [request for request in server.requests if request.method == "POST"] == []
    fill(model, budget_usd=3.0)
    assert None not in kept_texts(model)


def test_a_dry_run_counts_at_half_the_price(server: OpenAIServer) -> None:
    """It sends nothing."""
    model = model_at(server.base_url)
    fill(model, ("a",))
    server.reset()
    token = DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as caught:
            fill(model)
    finally:
        DRY_RUN.reset(token)
    assert (caught.value.requests, caught.value.cached) == (6, 1)
    assert caught.value.usd == pytest.approx(2.5)
    assert server.requests == []


def test_a_server_without_batches_says_so(server: OpenAIServer) -> None:
    """A compatible server often has chat only; nothing is uploaded to it."""
    model = model_at(f"{server.origin}/v1/other")
    with pytest.raises(ModelError, match="batch: false"):
        fill(model)
    assert [request.method for request in server.requests] == ["GET"]


def test_a_wrong_key_is_a_clear_error(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message does not repeat it."""
    monkeypatch.setenv("JUDGE_TEST_KEY", KEY)
    server.key = "another"
    with pytest.raises(ModelError, match=r"Incorrect API key provided: \[key\]"):
        fill(model_at(server.base_url, api_key_env="JUDGE_TEST_KEY"))
