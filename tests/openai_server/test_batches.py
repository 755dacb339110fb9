"""Batches, as the official client sees them."""

from typing import TYPE_CHECKING

from tests.openai_server import Fate, OpenAIServer
from tests.openai_server.asking import batch_of, rows_of

if TYPE_CHECKING:
    from openai import OpenAI


def test_a_batch_answers_every_request_in_another_order(server: OpenAIServer, client: "OpenAI") -> None:
    """Two looks until it is done; each line has the documented shape, and counts as paid."""
    ids = [f"id-{number}" for number in range(20)]
    batch = batch_of(client, *ids)
    states = [batch.status, client.batches.retrieve(batch.id).status]
    done = client.batches.retrieve(batch.id)
    assert ["validating", "in_progress", "completed"] == [*states, done.status]
    rows = rows_of(client, done.output_file_id)
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
    done = client.batches.retrieve(batch_of(client, "a", "b", "c", "d").id)
    assert ["a"] == [row["custom_id"] for row in rows_of(client, done.output_file_id)]
    errors = {row["custom_id"]: row for row in rows_of(client, done.error_file_id)}
    assert {"b", "d"} == set(errors)
    assert 500 == errors["b"]["response"]["status_code"]
    assert (None, "batch_expired") == (errors["d"]["response"], errors["d"]["error"]["code"])


def test_a_batch_meets_the_limits_of_its_model(server: OpenAIServer, client: "OpenAI") -> None:
    """A request that would be a 400 on its own is one in the batch."""
    server.batch_polls = 1
    done = client.batches.retrieve(batch_of(client, "a", logprobs=True, model="o4-mini").id)
    assert done.output_file_id is None
    assert "unsupported_parameter" == rows_of(client, done.error_file_id)[0]["response"]["body"]["error"]["code"]


def test_a_whole_batch_fails_or_expires_on_order(server: OpenAIServer, client: "OpenAI") -> None:
    """A failed one has no files; an expired one keeps what was done."""
    server.batch_polls, server.batch_end = 1, "failed"
    failed = client.batches.retrieve(batch_of(client, "a").id)
    assert ("failed", None) == (failed.status, failed.output_file_id)
    assert failed.errors is not None
    assert failed.errors.data is not None
    assert failed.errors.data[0].code == "token_limit_exceeded"
    server.batch_end = "expired"
    expired = client.batches.retrieve(batch_of(client, "a", "b", "c").id)
    assert "expired" == expired.status
    assert (["a"], ["b", "c"]) == (
        [row["custom_id"] for row in rows_of(client, expired.output_file_id)],
        sorted(row["custom_id"] for row in rows_of(client, expired.error_file_id)),
    )


def test_a_batch_with_an_id_used_twice_fails(server: OpenAIServer, client: "OpenAI") -> None:
    """The error names the line."""
    server.batch_polls = 1
    failed = client.batches.retrieve(batch_of(client, "a", "a").id)
    assert failed.errors is not None
    assert failed.errors.data is not None
    assert ("duplicate_custom_id", 2) == (failed.errors.data[0].code, failed.errors.data[0].line)


def test_a_batch_is_cancelled(client: "OpenAI") -> None:
    """First it is being cancelled, then it is."""
    batch = batch_of(client, "a")
    assert client.batches.cancel(batch.id).status == "cancelling"
    assert client.batches.retrieve(batch.id).status == "cancelled"
