"""`judge serve` as a process of its own, and requests to it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.conftest import ROOT
from tests.students.examples import PASSAGES, VIOLA

ROW: dict[str, Any] = {"question": VIOLA.question, "answer": VIOLA.answer, "context": VIOLA.context}
PATIENCE_S = 60


class Served(NamedTuple):
    """A server that runs: its process, a client of it, and the file of its log."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return str(self.client.base_url).rstrip("/")

    def lines(self) -> list[dict[str, Any]]:
        """Its log so far."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Ask it; a body that is no bytes is sent as JSON."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, content=sent, headers={"content-type": "application/json", **headers})

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
            with httpx.Client(base_url=_ready(process, log), timeout=PATIENCE_S, trust_env=False) as client:
                yield Served(process, client, log)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_S)


def rows(count: int) -> list[dict[str, Any]]:
    """Rows that differ, on few passages."""
    passages = list(PASSAGES.values())
    return [
        {"question": f"What is said of {number}?", "answer": f"It is land number {number}.", "context": passages[number % len(passages)]}
        for number in range(count)
    ]


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address of a server, once it is ready."""
    for _ in range(PATIENCE_S * 10):
        if process.poll() is not None:
            break
        found = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        url = next((f"http://127.0.0.1:{line['port']}" for line in found if line["event"] == "listening"), None)
        if url is not None and httpx.get(f"{url}/ready", timeout=PATIENCE_S, trust_env=False).status_code == 200:
            return url
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))
