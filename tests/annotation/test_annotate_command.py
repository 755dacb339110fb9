"""The command `judge annotate`: what it shows, and what it refuses before anybody has labelled."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from judge import tables
from judge.__main__ import main
from judge.annotation import queues, server
from judge.annotation.queues import Opinion
from judge.people import inclusion
from judge.tables.schema import TRAIN, Row
from tests.annotation.made_up_project import row, served, write
from tests.conftest import ROOT

NAMES = [f"answer-{number}" for number in range(6)]


@pytest.fixture
def project(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with six answers in test and two in train; what is served in this process ends at once."""
    monkeypatch.setattr(server, "serve", lambda _app, _listening, announce: announce())
    write([row(name) for name in NAMES], workspace)
    tables.write(TRAIN, [row("trained-0"), row("trained-1")])
    return workspace


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the command would have served."""
    seen: list[Any] = []
    monkeypatch.setattr(server, "application", lambda what, *_: seen.append(what))
    return seen


def _opinions(rows: Sequence[Row]) -> dict[str, Opinion]:
    return {row["answer_id"]: Opinion(0.5 if row["answer_id"] == NAMES[3] else 1.0, (1.0,)) for row in rows}


def test_the_command_line_loads_no_server() -> None:
    """In a fresh interpreter, `judge --help` waits neither for starlette nor for uvicorn."""
    program = "import sys, judge.__main__; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    loaded = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert "judge.annotation.annotate_command" in loaded
    assert set() == {"starlette", "uvicorn", "asyncio", "playwright"} & set(loaded)


def test_test_in_a_random_order_is_what_is_asked(project: Path, asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The queue is called like the split, the seed is that of params.yaml, the address stands on a line of its own."""
    assert 0 == main(["annotate"])
    assert ("test", inclusion.random_order(NAMES, 17), False) == (asked[0].queue, list(asked[0].rows), asked[0].levels)
    said = capsys.readouterr()
    assert ["6 answers of test in the queue test.", "Open http://127.0.0.1:"] == [line[: len(start)] for line, start in _starts(said.out)]
    assert ("", False) == (said.err, (project / "data/labels").exists())


def _starts(out: str) -> list[tuple[str, str]]:
    return list(zip(out.splitlines(), ("6 answers of test in the queue test.", "Open http://127.0.0.1:"), strict=False))


@pytest.mark.usefixtures("project")
def test_rows_of_train_are_their_own_queue(asked: list[Any]) -> None:
    """Also by the eleven levels, and for one annotator."""
    assert 0 == main(["annotate", "--rows", "train", "--levels", "--annotator", "anna"])
    assert ("train", {"trained-0", "trained-1"}, True, "anna") == (
        asked[0].queue,
        set(asked[0].rows),
        asked[0].levels,
        asked[0].annotator,
    )


@pytest.mark.usefixtures("project")
def test_a_chosen_queue_is_drawn_once(asked: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Afterwards it is read: other judges, fewer and more answers change neither order nor chances, and are said."""
    monkeypatch.setattr(queues, "opinions", _opinions)
    assert 0 == main(["annotate", "--choose", "uncertain", "--random-share", "0.25"])
    path = inclusion.QUEUES / "uncertain.jsonl"
    drawn, chances = path.read_bytes(), {one["item_id"]: one["chance"] for one in map(json.loads, path.read_text().splitlines())}
    assert {name: pytest.approx(0.25 / 6 + 0.75 * (name == NAMES[3])) for name in NAMES} == chances
    monkeypatch.setattr(queues, "opinions", None)
    tables.write(tables.TEST, [row(name) for name in [*NAMES[1:], "new"]])
    capsys.readouterr()
    assert 0 == main(["annotate", "--queue", "uncertain"])
    assert drawn == path.read_bytes()
    assert [item for item in asked[0].rows if item != NAMES[0]] == list(asked[1].rows)
    said = capsys.readouterr().err
    assert "1 answers of the queue uncertain are not among those of test" in said
    assert "1 answers of test are not in the queue uncertain" in said


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--annotator", "../x"], "is no name for an annotator"),
        (["--queue", "x"], "There is no queue x.\nNext: add `--choose uncertain`"),
        (["--queue", "a b", "--choose", "uncertain"], "'a b' is no name for a queue"),
        (["--queue", "test", "--choose", "uncertain"], "is random and has no file"),
        (["--queue", "x", "--choose", "random"], "belong to --choose uncertain, got random"),
        (["--random-share", "0.5"], "--random-share cannot be used here: it belongs to --choose uncertain"),
        (["--choose", "uncertain", "--random-share", "0"], "--random-share: got 0.0, allowed is a number above 0 and at most 1"),
        (["--choose", "uncertain", "--random-share", "nan"], "--random-share: got nan"),
        (["--choose", "uncertain"], "data/baselines.json is missing.\nNext: `dvc repro fit`"),
        (["--rows", "all"], "data/dataset.jsonl is missing.\nNext: `dvc repro` makes it"),
        (["--port", "65536"], "--port: got 65536, allowed is a whole number from 0 to 65535"),
        (["--host", "192.0.2.1"], "Cannot listen at 192.0.2.1, port 0"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, what is wrong and what to do, and nothing is written."""
    assert 2 == main(["annotate", *arguments])
    assert what in capsys.readouterr().err
    assert not Path("data/labels").exists()


@pytest.mark.usefixtures("project")
def test_a_port_in_use_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Most likely by another `judge annotate`."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert 2 == main(["annotate", "--port", str(port)])
    assert f"Cannot listen at 127.0.0.1, port {port}: Address already in use.\nNext: another --port" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_a_queue_that_was_drawn_takes_no_other_share(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It would have no effect, and the user would not know."""
    monkeypatch.setattr(queues, "opinions", _opinions)
    queues.write("uncertain", dict.fromkeys(NAMES, 1 / 6), 17)
    assert 2 == main(["annotate", "--choose", "uncertain", "--random-share", "0.3"])
    assert "the queue uncertain was drawn already" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_broken_labels_and_no_rows_are_said_before_anybody_labels(capsys: pytest.CaptureFixture[str]) -> None:
    """A label behind a broken line would not be read."""
    Path("data/labels").mkdir()
    broken = Path("data/labels/anna.jsonl")
    broken.write_text("{}\n")
    assert 2 == main(["annotate"])
    assert "anna.jsonl, line 1" in capsys.readouterr().err
    broken.unlink()
    tables.write(tables.TEST, [])
    assert 2 == main(["annotate"])
    assert "There is no answer to label in data/test.jsonl.\nNext: `dvc repro`" in capsys.readouterr().err


def test_ctrl_c_stops_it_in_order(project: Path) -> None:
    """Exit code 0 with a connection still open, nothing on stderr, and a last line that says how to go on."""
    with served(project) as server, httpx.Client(base_url=server.api, headers=server.headers) as client:
        shown = client.get("row", params={"annotator": "anna"}).json()["row"]
        label = {"annotator": "anna", "item_id": shown["item_id"], "label": 1, "comment": None}
        assert 1 == client.post("label", json=label).json()["labelled"]
        server.process.send_signal(signal.SIGINT)
        assert 0 == server.process.wait(20)
        assert "goes on where it was" in (server.process.stdout or iter(())).read()  # type: ignore[union-attr] # it is a pipe
    assert "" == (project / "stderr.txt").read_text()


def test_ctrl_c_in_the_first_moment_stops_it_in_order(project: Path) -> None:
    """As soon as the address is printed, before anything is served."""
    with served(project) as server:
        server.process.send_signal(signal.SIGINT)
        assert 0 == server.process.wait(20)
    assert "" == (project / "stderr.txt").read_text()


def test_who_opens_it_to_the_network_is_warned(project: Path) -> None:
    """On stderr; the address that is printed is one that another machine can use."""
    with served(project, "--host", "0.0.0.0") as server:  # noqa: S104 -- that is what is tested
        port = int(server.page.split(":")[2].split("/")[0])
        assert 200 == httpx.get(f"http://127.0.0.1:{port}/api/start", headers=server.headers).status_code
        assert f"http://{socket.gethostname()}:{port}/" == server.page.rsplit("/", 2)[0] + "/"
    assert "warning: whoever reaches port" in (project / "stderr.txt").read_text()
