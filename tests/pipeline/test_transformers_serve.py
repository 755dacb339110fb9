"""The hosted teachers against a real model behind a real server: `transformers serve` with SmolLM2-135M, on this machine.

So small a model judges at chance, so only shapes, sums, sources and usage are asserted.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from judge import tables
from judge.models import chat, language_models
from judge.models.chat_replies import ChatReply
from judge.tables.items import Item
from judge.teachers.decisions import Decisions
from judge.teachers.grading import Grading
from tests import tiny_project
from tests.conftest import change_yaml, option

pytestmark = pytest.mark.usefixtures("workspace")

ITEMS = [
    Item("Where does the Danube rise?", answer, "The Danube rises in the Black Forest.")
    for answer in ("In the Black Forest.", "In the Alps.", "It is 2,850 km long.")
]


class Served(NamedTuple):
    """A server: its address, and the name of its model."""

    base_url: str
    model: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server, started once for this file and stopped at its end."""
    model = str(language_models._converted("smollm2-135m-instruct"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log.txt"
    program = str(Path(sys.executable).with_name("transformers"))
    command = [program, "serve", model, "--device", "cpu", "--dtype", "bfloat16", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    try:
        for _ in range(600):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.2)
        else:
            pytest.fail(log.read_text(encoding="utf-8"))
        yield Served(f"http://127.0.0.1:{port}/v1", model)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def teacher(served: Served, **changes: Any) -> Grading:
    """The option for servers of OpenAI's wire, with a prompt that the model understands, asking this server."""
    prompt = "<question>{question}</question>\n<answer>{answer}</answer>\nGrade the answer from 0 to 1."
    found: Grading = option("teacher", "openai-compatible", Grading, prompt=prompt, system=None, **changes)
    endpoint = found.chat.endpoint.model_copy(update={"base_url": served.base_url, "concurrency": 2})
    asked = found.chat.model_copy(update={"model": served.model, "max_tokens": 16, "endpoint": endpoint})
    return found.model_copy(update={"chat": asked})


def test_a_chat_is_answered(served: Served) -> None:
    """Text, and the tokens that the server counts."""
    model = teacher(served).chat
    body = chat.body_of(model, [{"role": "user", "content": "Name a river of Europe."}])
    (reply,) = chat.ask(model, [body], budget_usd=None, what="answer")
    assert isinstance(reply, ChatReply)
    assert reply.choices[0].text
    assert reply.usage.prompt_tokens > 0
    assert 0 < reply.usage.completion_tokens <= 16


def test_that_log_probabilities_are_ignored_is_noticed(served: Served) -> None:
    """It answers 200 without them, and with one choice of several: every judgment is a single verdict, and says so."""
    judged = teacher(served).judge(ITEMS)
    assert ["verdict"] * 3 == [judgment.source for judgment in judged]
    for judgment in judged:
        assert (judgment.levels is None) == (judgment.reason in ("no_verdict", "out_of_range"))
        assert judgment.levels is None or sum(judgment.levels) == pytest.approx(1.0)
        assert judgment.usage is not None
        assert judgment.usage.prompt_tokens > 0
    assert judged == teacher(served).judge(ITEMS)


def test_decisions_have_a_probability_for_each_level(served: Served) -> None:
    """Eleven levels, as the option has them, from the server's System One path; the answers do not get the same."""
    found: Decisions = option("teacher", "transformers-serve", Decisions, model=served.model)
    one = found.model_copy(update={"endpoint": found.endpoint.model_copy(update={"base_url": served.base_url})})
    judged = one.judge(ITEMS)
    assert ["decision"] * 3 == [judgment.source for judgment in judged]
    for judgment in judged:
        assert judgment.levels is not None
        assert sum(judgment.levels) == pytest.approx(1.0)
        assert all(mass > 0.0 for mass in judgment.levels)
        assert judgment.usage is not None
        assert (1, 0) == (judgment.usage.calls, judgment.usage.completion_tokens)
        assert judgment.usage.prompt_tokens > 0
    assert len({judgment.levels for judgment in judged}) == 3


def test_the_pipeline_runs_against_it(served: Served, tmp_path: Path) -> None:
    """`dvc repro` with a generator that asks the server for chats and a teacher that asks it for decisions, up to the labelled rows."""
    folder = tiny_project.unbuilt(tmp_path)
    change_yaml(
        folder / "conf/generator/openai-compatible.yaml",
        chat__model=served.model,
        chat__max_tokens=24,
        chat__endpoint__base_url=served.base_url,
        chat__endpoint__concurrency=2,
    )
    change_yaml(folder / "conf/teacher/transformers-serve.yaml", model=served.model, endpoint__base_url=served.base_url)
    change_yaml(folder / "conf/corpus/wikipedia-summaries.yaml", titles=["Tokyo"], articles=2, background=0)
    change_yaml(folder / "params.yaml", generators=["openai-compatible"], teacher="transformers-serve", label__threshold=0.5)
    tiny_project.run(folder, "dvc", "repro", "label")
    rows = [json.loads(line) for line in (folder / tables.DATASET.path).read_text(encoding="utf-8").splitlines()]
    scores = [json.loads(line) for line in (folder / tables.TEACHER_SCORES.path).read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(scores) > 0
    assert {"decision"} == {score["source"] for score in scores}
    assert all(row["answer"] and row["teacher_class"] for row in rows)
