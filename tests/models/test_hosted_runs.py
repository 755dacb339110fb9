"""Runs of hosted models that are killed, interrupted, or share a cache."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from judge.models.replies import ReplyStore
from tests.conftest import ROOT
from tests.models.hosted_model import KEY, SECRET, ask, echo, model_at
from tests.openai_server import CHAT, Json, OpenAIServer, Scripted, last_user_text

pytestmark = pytest.mark.usefixtures("workspace")


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
        return echo(body)

    server.respond, server.latency_s = respond, 0.02

    async def cell() -> None:
        ask(model_at(server, concurrency=2), *map(str, range(400)))

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
