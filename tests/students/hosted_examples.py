"""What the tests of the student at a server share: a server on this machine, rows, and a student that was fine-tuned there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from judge.distillation import finetune_job
from judge.models.replies import ReplyStore
from judge.students.hosted_student import HostedStudent
from judge.students.options import OpenAI
from judge.tables.items import Item
from judge.tables.levels import interpolate
from tests.conftest import ROOT
from tests.openai_server import Json, OpenAIServer, Scripted
from tests.students.examples import RUN, SETTINGS, openai

KEY = "sk-loopback-0123456789"
BASE = "gpt-4.1-mini"
FINE_TUNING = "/v1/fine_tuning/jobs"
ITEMS = [Item("What is 3?", "A number.", "3 is a number."), Item("What is 4?", "...", "4 is a number.")]
HOSTED_RUN = RUN._replace(seed=17)


def verdict(body: Json) -> Scripted:
    """The base model says 3, a fine-tuned one 7 or its neighbours."""
    if body["model"] == BASE:
        return Scripted(tokens=[("3", {"3": 0.9, "4": 0.1})])
    return Scripted(tokens=[("7", {"7": 0.5, "8": 0.3, "10": 0.1, " 6": 0.1})])


@pytest.fixture
def server(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A server that demands the key."""
    assert workspace.is_dir()
    monkeypatch.setenv("LOOPBACK_KEY", KEY)
    with OpenAIServer(respond=verdict) as running:
        running.key = KEY
        running.job_polls = 3
        yield running


def chosen(server: OpenAIServer, **changes: Any) -> OpenAI:
    """The option of conf/, at this server, which does not rest between two looks."""
    values = yaml.safe_load((ROOT / "conf/student/openai.yaml").read_text(encoding="utf-8"))
    chat = values["chat"]
    chat["model"] = BASE
    chat["endpoint"] |= {"base_url": server.base_url, "api_key_env": "LOOPBACK_KEY", "retries": 0}
    return openai(**{"chat": chat, "poll_seconds": 0.01, "validation_fraction": 0.25, **changes})


def rows(count: int = 16) -> list[dict[str, Any]]:
    """Rows of the dataset, two a document; the last one was not judged."""
    made = [
        {
            "answer_id": f"a{number:02}",
            "question_id": f"q{number:02}",
            "document_id": f"d{number // 2}",
            "generator": "someone",
            "question": f"What is {number}?",
            "context": f"{number} is a number.",
            "reference": None,
            "answer": f"Number {number}.",
            "human_class": None,
            "teacher_levels": list(interpolate(number / count)),
            "teacher_score": number / count,
            "teacher_class": "acceptable" if number / count > 0.8 else "unacceptable",
            "reason": None,
        }
        for number in range(count)
    ]
    made[-1] |= {"teacher_levels": None, "teacher_score": None, "teacher_class": None, "reason": "refused"}
    return made


def train(server: OpenAIServer, budget_usd: float | None = None, **changes: Any) -> HostedStudent:
    """The student of these rows."""
    return finetune_job.distil(rows(), chosen(server, **changes), SETTINGS, HOSTED_RUN._replace(budget_usd=budget_usd))


def seen(server: OpenAIServer, method: str, path: str) -> list[Any]:
    """The bodies of the requests to a path."""
    return [request.body for request in server.requests if (request.method, request.path) == (method, path)]


def started(server: OpenAIServer) -> tuple[int, int]:
    """Files uploaded and jobs started."""
    return len(seen(server, "POST", "/v1/files")), len(seen(server, "POST", FINE_TUNING))


def spent() -> float:
    """Dollars in the ledger."""
    store = ReplyStore()
    try:
        return store.spent()
    finally:
        store.close()
