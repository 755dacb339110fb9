"""What the server notes of its requests, and how it runs."""

import json
import subprocess
import sys
from collections import Counter
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT
from tests.openai_server import CHAT, OpenAIServer
from tests.openai_server.asking import KEY, MODEL, ask, ask_anyhow, client_of

if TYPE_CHECKING:
    from openai import OpenAI


def _send(server: OpenAIServer, text: str) -> HTTPConnection:
    """A connection that has asked and not yet read."""
    line = HTTPConnection(server.origin.removeprefix("http://"), timeout=30)
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
    line.request("POST", CHAT, json.dumps(body), {"Content-Type": "application/json"})
    return line


def test_requests_are_kept_as_they_came(server: OpenAIServer, client: "OpenAI") -> None:
    """Method, path, headers, body and status, until the test has them forgotten."""
    ask(client, n=2)
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
        ask(client)
    assert 0 == server.paid.total()


def test_a_client_that_hung_up_has_paid_nothing(server: OpenAIServer, client: "OpenAI") -> None:
    """A reply that nobody waits for is not sent."""
    server.latency_s = 0.05
    _send(server, "Grade this.").close()
    ask(client, "Another.")
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
    with OpenAIServer() as first, client_of(first.base_url) as client:
        ask(client)
    with OpenAIServer(port=int(first.origin.rsplit(":", 1)[1])) as second, client_of(first.base_url) as client:
        ask(client)
    assert first.base_url == second.base_url
    assert 1 == len(second.requests)


def test_it_runs_as_a_process_of_its_own() -> None:
    """Its first line is the URL, its options hold, and it ends when told to."""
    command = [sys.executable, "-m", "tests.openai_server", "--model", "mine", "--key", KEY, "--mix", "500=1", "--rpm", "600"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with client_of(url) as client:
            ask_anyhow(client, "x")
            assert client.models.retrieve("mine").id == "mine"
            state: Any = client.get(url.removesuffix("/v1") + "/state", cast_to=object)
        process.terminate()
    assert (2 + 1, {"500": 1}, {}) == (state["requests"], state["faults"], state["paid"])
    assert 0 == process.returncode
