"""`judge score` on a Ray cluster: the bytes of a run here, though a node is killed, and after a kill of the run itself."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from judge.__main__ import main
from judge.models.cluster import RaySettings
from judge.serving import chunks, cluster_scoring, journal
from judge.serving.asked import Asked
from judge.serving.errors import ScoreError
from judge.students import saved
from judge.students.hosted_student import HostedStudent
from tests.ray_nodes import Nodes, nodes, wait_for
from tests.serving.fakes import Batchwise, row, score, write_jsonl
from tests.students.examples import openai

CHUNKS = 16
ROWS = CHUNKS * 256 - 50
# Whoever asks, in a process of its own: Ray takes over signals and standard streams.
SCORE = """\
import sys
from pathlib import Path
from judge.models import cluster
from tests.serving.test_cluster_scoring import score_there

score_there(cluster.RaySettings.model_validate_json(sys.argv[1]), *map(Path, sys.argv[2:]))
"""


class Telling:
    """A student whose judgments depend on its chunk; it notes in a file what it begins and what it has judged."""

    def __init__(self, log: str) -> None:
        self._log = log

    def __call__(self, chunk: Sequence[Asked]) -> list[dict[str, Any]]:
        """The rows of the output."""
        self._note(f"begun {chunk[0].line}")
        time.sleep(0.3)
        judged = list(chunks.rows(Batchwise(), chunk, spans=False))
        self._note(f"judged {chunk[0].line}")
        return judged

    def _note(self, what: str) -> None:
        with Path(self._log).open("a", encoding="utf-8") as log:
            log.write(f"{os.getppid()} {what}\n")


def score_there(settings: RaySettings, source: Path, target: Path, log: Path) -> None:
    """Score a file on a cluster, in more than one go."""
    cluster_scoring.CHUNKS_A_PROCESS = CHUNKS // 4
    score(source, target, judging=partial(cluster_scoring.judged_there, Telling(str(log)), settings), keep="all")


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Nodes]:
    """Two nodes that compute; the test that kills one stands last."""
    with nodes() as there:
        yield there


def test_the_command_gives_the_bytes_of_a_run_here(two_nodes: Nodes, folder: Path, tmp_path: Path) -> None:
    """With a real student, whose folder the nodes do not read, from standard input to standard output; a bad row is named."""
    source = write_jsonl(tmp_path / "in.jsonl", [*(row(number) for number in range(300)), "bad"])
    score(source, tmp_path / "here.jsonl", saved.load(folder), spans=True)
    command = [sys.executable, "-m", "judge", "score", "-", "-", "--student", str(folder), "--format", "jsonl", "--output-format", "jsonl"]
    there = ["--spans", "--runtime", "ray", "--ray-address", two_nodes.address]

    with source.open(encoding="utf-8") as given:
        result = subprocess.run([*command, *there], env=two_nodes.environment, stdin=given, capture_output=True, text=True, check=False)

    assert (0, (tmp_path / "here.jsonl").read_text(encoding="utf-8")) == (result.returncode, result.stdout), result.stderr
    assert "line 301: no JSON" in result.stderr
    assert "300 rows judged, 1 row kept out that cannot be." in result.stderr


def test_a_lost_node_and_a_killed_run_lose_nothing(two_nodes: Nodes, tmp_path: Path) -> None:
    """A run is killed, and then, while it goes on, a node: the bytes are those of a run here.

    Nothing is judged again but what was under way at a kill, or had not come back yet in its turn.
    """
    source = write_jsonl(tmp_path / "in.jsonl", (row(number, more=number) for number in range(ROWS)))
    target, log, whole = tmp_path / "out.jsonl", tmp_path / "log", tmp_path / "whole.jsonl"
    score(source, whole, keep="all")
    command = [sys.executable, "-c", SCORE, two_nodes.settings.model_dump_json(), str(source), str(target), str(log)]

    with subprocess.Popen(command, env=two_nodes.environment, text=True) as process:
        while not journal.path_of(target).exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    done = json.loads(journal.path_of(target).read_text(encoding="utf-8"))["rows"]
    log.unlink()
    with subprocess.Popen(command, env=two_nodes.environment, stderr=subprocess.PIPE, text=True) as process:
        wait_for(log, 7, process)
        killed = two_nodes.raylets[1]
        two_nodes.kill(killed)
        said = process.communicate()[1]

    assert 0 == process.returncode, said
    assert whole.read_bytes() == target.read_bytes()
    lines = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    judged = Counter(int(line) for _, what, line in lines if what == "judged")
    assert 0 < done < ROWS
    assert list(range(done + 1, ROWS, 256)) == sorted(judged)
    # What was judged there is here before it can be lost, apart from what was on its way in the very moment of the kill.
    assert judged.total() <= len(judged) + 1


def test_a_hosted_student_is_refused(tmp_path: Path) -> None:
    """It judges at its server, and a cluster would be paid for waiting."""
    settings = RaySettings(address="local", workers=None, cpus=1, gpus=0.0)
    with pytest.raises(ScoreError, match="at its server"):
        cluster_scoring.judging(tmp_path, HostedStudent(openai(), 0.8, {}, "ft:judge", ""), settings, spans=False)


def test_options_of_a_cluster_without_one_are_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They would be passed over in silence."""
    source = write_jsonl(tmp_path / "in.jsonl", [row(1)])
    options = ["--student", str(folder), "--ray-address", "auto", "--ray-cpus", "2"]
    assert 2 == main(["score", str(source), str(tmp_path / "out.jsonl"), *options])
    assert "--ray-address, --ray-cpus: nothing runs on a cluster." in capsys.readouterr().err
