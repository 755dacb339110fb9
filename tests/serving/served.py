"""`judge serve` as a process of its own, and requests to it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import ROOT
from tests.students.examples import VIOLA

ROW: dict[str, Any] = {"question": VIOLA.question, "answer": VIOLA.answer, "context": VIOLA.context}
PATIENCE_S = 60


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    body: Any
    headers: dict[str, str]


class Served(NamedTuple):
    """A server that runs: its process, its address, and the file of its log."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """Its log so far."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def ask(self, path: str, body: Any = None, **headers: str) -> Reply:
        """Ask it; a body that is no bytes is sent as JSON."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, sent, {"content-type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
                return _read(reply.status, reply)
        except urllib.error.HTTPError as error:
            with error:
                return _read(error.code, error)

    def stop(self) -> int:
        """Say SIGTERM and wait for the end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def served(student: Path, folder: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    """`judge serve` at a free port, ready, until the block ends."""
    log = folder / "serve.log"
    command = [sys.executable, "-m", "judge", "serve", "--student", str(student), "--port", "0", *arguments]
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    with log.open("wb") as said, subprocess.Popen(command, cwd=folder, env=whole, stdout=said, stderr=said) as process:
        try:
            yield Served(process, _ready(process, log), log)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_S)


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address of a server, once it is ready."""
    for _ in range(PATIENCE_S * 10):
        if process.poll() is not None:
            break
        found = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        url = next((f"http://127.0.0.1:{line['port']}" for line in found if line["event"] == "listening"), None)
        try:
            if url is not None:
                with urllib.request.urlopen(f"{url}/ready", timeout=PATIENCE_S):
                    return url
        except urllib.error.HTTPError as error:
            error.close()
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def _read(status: int, reply: Any) -> Reply:
    content = reply.read()
    is_json = reply.headers.get("content-type", "").startswith("application/json")
    return Reply(
        status, json.loads(content) if is_json else content.decode(), {name.lower(): value for name, value in reply.headers.items()}
    )
