"""Batches that an earlier run had begun."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from judge.models import batch_api
from judge.models.replies import ReplyStore
from tests.conftest import ROOT
from tests.models.hosted_batches import TEXTS, bodies_of, fill, kept_texts, keys_of, uploads
from tests.models.hosted_model import model_at
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


def test_a_batch_that_is_gone_is_begun_anew(server: OpenAIServer) -> None:
    """The server knows no batch of the stored id: deleted, or of another account."""
    model = model_at(server.base_url)
    store = ReplyStore()
    store.record({}, [], begun=dict.fromkeys((f"batch {key}" for key in keys_of(model)), "batch_gone"))
    store.close()
    fill(model)
    assert None not in kept_texts(model)
    assert uploads(server) == 1


def test_a_batch_is_found_that_no_note_was_taken_of(server: OpenAIServer) -> None:
    """Killed between the server's yes and the note of it, a run leaves a batch that the next one finds by its mark."""
    model = model_at(server.base_url)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReplyStore, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            fill(model)
    assert uploads(server) == 1
    fill(model)
    assert None not in kept_texts(model)
    assert uploads(server) == 1


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
    model = model_at(server.base_url)
    command = [sys.executable, "-c", _FILL, json.dumps(bodies_of(model)), model.endpoint.model_dump_json()]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    while sum(request.path.startswith("/v1/batches/") for request in server.requests) < 3:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert uploads(server) == 1
    server.batch_polls = 2
    fill(model, (*TEXTS, "g"))
    assert None not in kept_texts(model, (*TEXTS, "g"))
    assert uploads(server) == 2
    assert [*server.paid.values()] == [1] * 7


def test_a_batch_whose_reply_was_lost_is_not_begun_again(server: OpenAIServer) -> None:
    """The server begins it and the connection breaks: the next attempt looks for it before it would begin another."""
    server.fault_paths, server.faults = ("/v1/batches",), ["ok", "cut"]
    model = model_at(server.base_url, retries=1)
    fill(model)
    assert None not in kept_texts(model)
    assert uploads(server) == 1
