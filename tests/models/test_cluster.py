"""Local models on a Ray cluster: the replies and the store of a run here, though a node is killed; and what is said where none is."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.dataset import answers
from judge.dataset.local_generator import HuggingFace
from judge.errors import ClusterError, ModelError
from judge.models import cluster, local
from judge.models.cluster import RaySettings
from judge.models.folders import cache_folder
from judge.models.replies import Json, ReplyStore
from judge.teachers import likelihood
from tests.conftest import option
from tests.ray_nodes import Nodes, nodes, wait_for

BATCHES = 24
# Whoever asks, in a process of its own: Ray takes over signals and standard streams.
ASK = """\
import json, sys
from judge.models import cluster
from tests.models.test_cluster import asked_there

print(json.dumps(asked_there(cluster.RaySettings.model_validate_json(sys.argv[1]), sys.argv[2])))
"""
ANSWER_AND_SCORE = """\
import sys
from transformers import AutoModelForCausalLM
from judge.models import cluster
from tests.models.test_cluster import answered_and_scored

# Whoever asks may have no room for the model.
AutoModelForCausalLM.from_pretrained = None
with cluster.chosen("ray", cluster.RaySettings.model_validate_json(sys.argv[1])):
    print(repr(answered_and_scored()))
"""


class Telling:
    """A model whose replies depend on how many rows its batches have; it notes in a file what it begins and what it has answered."""

    def __init__(self, log: str, seconds: float) -> None:
        self._log = log
        self._seconds = seconds

    def __call__(self, batch: list[local.Request]) -> list[Json]:
        """The texts of the batch, in capitals, each with the number of rows."""
        together = "".join(request["prompt"] for request in batch)
        self._note(f"begun {together}")
        time.sleep(self._seconds)
        self._note(f"answered {together}")
        return [f"{request['prompt'].upper()} of {len(batch)}" for request in batch]

    def _note(self, what: str) -> None:
        with Path(self._log).open("a", encoding="utf-8") as log:
            log.write(f"{os.getppid()} {what}\n")


def asked(log: str, seconds: float = 0.0) -> list[Json]:
    """Replies to pairs of prompts."""
    requests = [{"prompt": f"p{number:02}"} for number in range(2 * BATCHES)]
    return local.ask(requests, Telling(log, seconds), identity={"model": "m"}, length=lambda _: 1, batch_size=2, what="prompt")


def asked_there(settings: RaySettings, log: str) -> list[Json]:
    """The same on a cluster."""
    with cluster.chosen("ray", settings):
        return asked(log, seconds=0.25)


def answered_and_scored() -> list[object]:
    """What a small model that runs here answers, drawn by chance, and how likely it holds these answers to be: generator and teacher."""
    generator = option("generator", "smollm2-closed-book", HuggingFace)
    decoding = generator.decoding.model_copy(update={"max_new_tokens": 8, "batch_size": 2})
    passages = [f"Lima, the capital of Peru, has {number} squares." for number in range(4)]
    questions = [{"question_id": passage, "chunk_id": passage, "question": "What is Lima?"} for passage in passages]
    chunks = [{"chunk_id": passage, "text": passage} for passage in passages]
    rows = answers.write(questions, chunks, generator.model_copy(update={"decoding": decoding}), seed=1)
    texts = [(row["question_id"], row["answer"] or "none") for row in rows]
    return [*texts, *likelihood.measure(generator.model, texts)]


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Nodes]:
    """Two nodes that compute; the test that kills one stands last."""
    with nodes() as there:
        yield there


def _settings(address: str, **changes: object) -> RaySettings:
    return RaySettings.model_validate({"address": address, "workers": None, "cpus": 1, "gpus": 0.0} | changes)


def test_too_much_for_every_node_is_refused(two_nodes: Nodes, workspace: Path) -> None:
    """A process that no node has room for would be waited for without end."""
    result = _ask(two_nodes, two_nodes.settings.model_copy(update={"cpus": 3}), workspace / "log")
    assert "None of the 3 nodes of the cluster has 3 CPU for a process." in result.communicate()[1]


def test_a_generator_and_a_teacher_give_what_they_give_here(two_nodes: Nodes, workspace: Path) -> None:
    """Both with a real model, which is loaded on a node and not by the process that asks."""
    command = [sys.executable, "-c", ANSWER_AND_SCORE, two_nodes.settings.model_copy(update={"workers": 1}).model_dump_json()]
    there = subprocess.run(command, env=two_nodes.environment, capture_output=True, text=True, check=False)
    assert 0 == there.returncode, there.stderr
    (workspace / ".cache" / "replies.sqlite").unlink()
    assert repr(answered_and_scored()) == there.stdout.splitlines()[-1]


def test_a_lost_node_loses_nothing(two_nodes: Nodes, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node is killed when a third is answered.

    The replies and the store are those of a run here, and only what was under way on that node ran again.
    """
    log = workspace / "log"
    process = _ask(two_nodes, two_nodes.settings, log)
    answered = [line for line in wait_for(log, BATCHES * 2 // 3, process) if " answered " in line]
    killed = two_nodes.raylets[1]
    assert {str(raylet) for raylet in two_nodes.raylets} == {line.split()[0] for line in answered}
    two_nodes.kill(killed)
    output, said = process.communicate()

    assert 0 == process.returncode, said
    there, kept_there = json.loads(output.splitlines()[-1]), _stored()
    monkeypatch.setenv("JUDGE_CACHE", "another")
    here = asked(str(workspace / "here"))
    assert (here, _stored()) == (there, kept_there)
    lines = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    answered_times = Counter(batch for _, what, batch in lines if what == "answered")
    under_way = {batch for node, what, batch in lines if (node, what) == (str(killed), "begun")} - {
        batch for node, what, batch in lines if (node, what) == (str(killed), "answered")
    }
    assert BATCHES == len(answered_times)
    # What the node had answered is here before it can be lost, apart from an answer in the very moment of the kill.
    assert BATCHES <= answered_times.total() <= BATCHES + 1
    assert {batch for batch, times in Counter(batch for _, what, batch in lines if what == "begun").items() if times > 1} <= under_way | {
        batch for batch, times in answered_times.items() if times > 1
    }


def test_a_batch_that_does_not_fit_goes_in_halves() -> None:
    """Each of them filled up to one size, which is part of the key of their replies."""
    sizes = []

    def run(batch: list[local.Request]) -> list[Json]:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise MemoryError
        return [request["prompt"] for request in batch]

    assert (2, ["a", "b", "c", "d", "e"]) == local._run_halving(run, [{"prompt": letter} for letter in "abcde"])
    assert [5, 2, 2, 2] == sizes


def test_a_fault_of_the_model_comes_back() -> None:
    """What a process on a node raises for the user is raised here; a package that it lacks is named with its node."""

    def refuse(_: object) -> None:
        raise ModelError("too large")

    def lack(_: object) -> None:
        raise ModuleNotFoundError(name="peft")

    assert "too large" == str(cluster._Process(refuse)({"item": cluster._Piece(0, [])})["outcome"].fault)
    assert "lacks the package peft" in str(cluster._Process(lack)({"item": cluster._Piece(0, [])})["outcome"].fault)


def test_a_run_that_finds_everything_in_the_store_needs_no_cluster(workspace: Path) -> None:
    """It does not even connect."""
    here = asked(str(workspace / "log"))
    with cluster.chosen("ray", _settings("127.0.0.1:1")):
        assert here == asked(str(workspace / "log"))


@pytest.mark.parametrize(("address", "why"), [("127.0.0.1:1", "refused"), ("nowhere", "is no address"), ("127.0.0.1:70000", "70000")])
def test_an_address_without_a_cluster_is_said(workspace: Path, address: str, why: str) -> None:
    """Before Ray waits for it."""
    with cluster.chosen("ray", _settings(address)), pytest.raises(ClusterError, match=why):
        asked(str(workspace / "log"))


def test_something_else_at_the_address_is_said() -> None:
    """What speaks another protocol is known by its first words; Ray would wait for it for minutes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(100)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ClusterError, match="something else"):
            cluster._require_answer(f"127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def test_what_is_silent_at_the_address_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that is stated it is given up."""
    monkeypatch.setattr(cluster, "ADDRESS_PATIENCE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ClusterError, match="timed out"):
        cluster._require_answer(f"127.0.0.1:{server.getsockname()[1]}")


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package judges without it."""
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ClusterError, match=r"the-judge-you-own\[ray\]"), cluster.connected(_settings("local")):
        pass


def _ask(there: Nodes, settings: RaySettings, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ASK, settings.model_dump_json(), str(log)]
    return subprocess.Popen(command, env=there.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _stored() -> list[tuple[str, str]]:
    """All keys and replies of the store."""
    store = ReplyStore(cache_folder() / "replies.sqlite")
    try:
        return sorted(store._execute("SELECT key, reply FROM replies"))
    finally:
        store.close()
