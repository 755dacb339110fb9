"""`judge serve` over HTTP: rows, limits, who may ask, what is counted and what is logged."""

import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from judge import load
from judge.__main__ import main
from judge.serving.server import running
from tests.conftest import ROOT
from tests.serving import hostile_bodies
from tests.serving.served import ROW, Served, rows, served

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - of a server that a test starts


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small student, served with small limits for all tests of this file."""
    with served(folder, tmp_path_factory.mktemp("http"), "--max-rows", "20", "--max-bytes", "20000") as found:
        yield found


def test_rows_are_judged_as_by_the_student_itself(server: Served, folder: Path) -> None:
    """In order, with their ids, spans where they were asked for, and no verdict for an answer without words."""
    asked = [{**ROW, "id": "first"}, *rows(3), {**ROW, "answer": "..."}]
    reply = server.post("/v1/judge", {"rows": asked, "explain": True})
    student = load(folder)
    judged = reply.json()["judgments"]
    assert ["first", 1, 2, 3, 4] == [each["id"] for each in judged]
    assert [None] * 4 + ["no_verdict"] == [each["reason"] for each in judged]
    for row, mine, theirs in zip(asked[:4], student.judge(asked), judged[:4], strict=False):
        assert mine.levels == pytest.approx(theirs["levels"], abs=0.02)
        assert mine.acceptable == pytest.approx(theirs["acceptable"], abs=0.05)
        assert ("acceptable" if theirs["score"] > student.threshold else "unacceptable") == theirs["class"]
        assert all(row["answer"][span["start"] : span["end"]] == span["text"] for span in theirs["spans"])
    assert "spans" not in server.post("/v1/judge", {"rows": [ROW]}).json()["judgments"][0]


@pytest.mark.parametrize(
    ("body", "said", "where"),
    [
        ({"rows": [ROW, {**ROW, "context": None}]}, "the context is missing", ["body", "rows", 1]),
        ({"rows": [{**ROW, "question": " "}]}, "there is no question", ["body", "rows", 0]),
        ({"rows": [{"question": "Why?"}]}, "Field required", ["body", "rows", 0, "answer"]),
        ({"rows": [{**ROW, "id": True}]}, "valid integer", ["body", "rows", 0, "id", "int"]),
        ({"rows": [ROW] * 21}, "at most 20 rows", ["body", "rows"]),
        ({"rows": [], "explain": False}, "at least 1 item", ["body", "rows"]),
        ({"rows": [ROW], "explian": True}, "Extra inputs", ["body", "explian"]),
        ({"rows": [{**ROW, "answer": "\ud800 a"}]}, "cannot be written as UTF-8", ["body", "rows", 0]),
    ],
)
def test_a_request_that_cannot_be_judged_is_refused_with_its_place(server: Served, body: Any, said: str, where: list[Any]) -> None:
    """As a whole: nobody takes a part for all of it."""
    reply = server.post("/v1/judge", body)
    assert 422 == reply.status_code
    assert [where] == [fault["loc"] for fault in reply.json()["detail"] if said in fault["msg"]]


def test_a_body_that_is_too_large_is_refused(server: Served) -> None:
    """Announced or not, and the server goes on."""
    large = json.dumps({"rows": [{**ROW, "context": "x" * 30_000}]}).encode()
    pieces = (large[start : start + 1000] for start in range(0, len(large), 1000))
    assert [413, 413] == [server.post("/v1/judge", body).status_code for body in (large, b"[" * 100_000)]
    assert 413 == server.client.post("/v1/judge", content=pieces).status_code
    assert 200 == server.post("/v1/judge", {"rows": [ROW]}).status_code


def test_hostile_bodies_are_refused_and_nothing_breaks(server: Served) -> None:
    """Random bytes, cut off JSON, deep nests, wrong types, no UTF-8: never a 5xx, and the next row is judged."""
    generator = random.Random(7)
    good = json.dumps({"rows": [ROW], "explain": True}).encode()
    statuses = set()
    for number in range(300):
        body = hostile_bodies.body(generator, good)
        path = ("/v1/judge", "/v1/systemone", "/v1/decisions")[number % 3]
        statuses.add(server.post(path, body).status_code)
    assert {422} <= statuses <= {200, 400, 413, 422}
    assert 200 == server.post("/v1/judge", good).status_code


def test_what_an_orchestrator_asks(server: Served) -> None:
    """Up, ready, counted; and what the routes take is described."""
    server.post("/v1/judge", {"rows": rows(5)})
    server.client.get("/none/such")
    assert {"status": "up"} == server.client.get("/health").json()
    ready = server.client.get("/ready").json()
    assert ("ready", "late-interaction", True) == (ready["status"], ready["kind"], ready["explains"])
    counted = server.client.get("/metrics")
    assert "text/plain; version=0.0.4; charset=utf-8" == counted.headers["content-type"]
    lines = dict(line.rsplit(" ", 1) for line in counted.text.splitlines() if not line.startswith("#"))
    assert 1 <= int(lines['judge_requests_total{route="/v1/judge",status="200"}'])
    assert 1 <= int(lines['judge_requests_total{route="other",status="404"}'])
    assert lines['judge_request_seconds_bucket{route="/v1/judge",le="+Inf"}'] == lines['judge_request_seconds_count{route="/v1/judge"}']
    assert 5 <= int(lines["judge_rows_total"]) == int(float(lines["judge_batch_rows_sum"]))
    assert ("0", "1") == (lines["judge_queue_rows"], lines["judge_ready"])
    described = server.client.get("/openapi.json").json()["paths"]
    assert {"/v1/judge", "/v1/systemone", "/v1/decisions", "/health", "/ready", "/metrics"} == set(described)


def test_another_page_of_a_browser_gets_nothing(server: Served) -> None:
    """A name that somebody points at this machine is refused, and so is a body that a form can send."""
    assert 403 == server.client.get("/ready", headers={"host": "evil.example"}).status_code
    sent = server.client.post("/v1/judge", content=json.dumps({"rows": [ROW]}), headers={"content-type": "text/plain"})
    assert 422 == sent.status_code
    assert 405 == server.client.options("/v1/judge").status_code
    assert "default-src 'none'" in server.client.get("/").headers["content-security-policy"]


def test_a_request_that_stops_half_way_is_answered_in_time(folder: Path, tmp_path: Path) -> None:
    """A body that never ends gets a 504 after the time-out; it holds up nobody."""
    with (
        served(folder, tmp_path, "--timeout-s", "0.5") as server,
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as half,
    ):
        half.sendall(b"POST /v1/judge HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")
        assert 200 == server.post("/v1/judge", {"rows": [ROW]}).status_code
        half.settimeout(60)
        assert b"504" in half.recv(1000).split(b"\r\n")[0]


def test_a_token_is_wanted_where_there_is_one(folder: Path, tmp_path: Path) -> None:
    """By all routes but the page and what an orchestrator asks; it stands in no log, and no text does."""
    with served(folder, tmp_path, "--token-env", "JUDGE_TOKEN", JUDGE_TOKEN=TOKEN) as server:
        for header in ({}, {"authorization": "Bearer no"}, {"authorization": TOKEN}, {"authorization": f"Bearer {TOKEN}x"}):
            assert [401] * 4 == [
                server.post(f"/v1/{path}", {}, **header).status_code for path in ("judge", "systemone", "decisions", "none")
            ]
            assert 401 == server.client.get("/metrics", headers=header).status_code
        assert [200] * 5 == [server.client.get(path).status_code for path in ("/", "/page.js", "/page.css", "/health", "/ready")]
        bearing = {"authorization": f"bearer {TOKEN}", "host": "judge.example"}
        assert 200 == server.post("/v1/judge", {"rows": [ROW]}, **bearing).status_code
        assert 422 == server.post("/v1/judge", {"rows": [{**ROW, "context": None}]}, **bearing).status_code
        assert 0 == server.stop()
        said = server.log.read_text(encoding="utf-8")
        assert [] == [text for text in (TOKEN, *ROW.values(), "viola") if text in said]
        assert {"time", "event", "route", "status", "rows", "seconds"} == set(server.lines()[-2])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "there is no token"),  # noqa: S104 - what is refused
        (("--token-env", "JUDGE_NO_TOKEN"), "JUDGE_NO_TOKEN holds no token"),
        (("--token-env", "A", "--no-token"), "contradict each other"),
        (("--port", "70000"), "--port: got 70000"),
        (("--host", "192.0.2.1"), "Cannot listen"),
        (("--max-rows", "0"), "--max-rows: got 0"),
        (("--max-rows", "50", "--queue", "20"), "has no room"),
        (("--timeout-s", "nan"), "--timeout-s: got nan"),
        (("--student", "./none", "--port", "0"), "none"),
    ],
)
def test_bad_arguments_are_told(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    """In words, with exit code 2."""
    assert 2 == main(["serve", *arguments])
    error = capsys.readouterr().err
    assert said in error.partition("error: ")[2]


def test_torch_keeps_little_for_each_shape_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its caches would take hundreds of megabytes for rows of all lengths; what the user has set stands."""
    monkeypatch.delenv("LRU_CACHE_CAPACITY", raising=False)
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "7")
    found: dict[str, str] = {}
    monkeypatch.setattr(running, "serve", lambda *_: found.update(os.environ))
    assert 0 == main(["serve", "--port", "0"])
    assert ("32", "7") == (found["LRU_CACHE_CAPACITY"], found["ONEDNN_PRIMITIVE_CACHE_CAPACITY"])


def test_the_command_line_loads_no_server() -> None:
    """Whoever asks for help waits for none of it."""
    program = "import sys, judge.__main__; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "judge.serving.serve_command" in loaded
    assert set() == {"fastapi", "starlette", "uvicorn", "asyncio", "torch"} & set(loaded)


def test_a_client_of_httpx_may_leave_early(server: Served) -> None:
    """Whoever hangs up before the answer leaves the server as it was."""
    with pytest.raises(httpx.ReadTimeout):
        server.client.post("/v1/judge", json={"rows": rows(20), "explain": True}, timeout=httpx.Timeout(60, read=0.001))
    assert 200 == server.post("/v1/judge", {"rows": [ROW]}).status_code
