"""Growth: one document more asks the models only for what is new. The default choices, with models that are stood in for."""

import contextlib
import hashlib
import importlib
import io
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import stages
from judge.models import local, local_chat
from judge.models.local_llm import LocalLLM
from judge.models.replies import Json
from tests.conftest import ROOT

_GENERATORS = ("qwen2.5-1.5b-own-words", "gemma-passage", "qwen2.5-1.5b-closed-book")
# The stages that ask a model or make what the models are asked about, in their order.
_FLOW = (
    "ingest",
    "chunk",
    "question",
    *(f"answer generator={name}" for name in _GENERATORS),
    "gather",
    "calibrate",
    "score",
    "label",
    "split",
    "probe",
    "perturb",
)


def _number(*texts: object) -> int:
    return int(hashlib.sha256(repr(texts).encode()).hexdigest()[:8], 16)


def _said(prompt: str) -> str:
    """What the model would write: a question about a passage's subject, its first sentence, or that of another subject."""
    passage = max(prompt.split("\n"), key=len)
    sentence = re.split(r"(?<=[.!?]) ", passage.removeprefix("Passage: "))[0]
    if "generate only questions" in prompt:
        return f"What is it that {' '.join(sentence.split()[:4])} is known for?"
    if "Does the passage state" in prompt:
        return f"Yes: {sentence}"
    return sentence if _number(prompt) % 3 else "A long river of another continent."


def _verdicts(batch: list[local.Request]) -> list[Json]:
    """The readings of each row: Yes to what the passage has the words of."""
    return [[_read(item, request["shared"]["material"]) for item in request["items"]] for request in batch]


def _read(item: dict[str, Any], passage: str) -> Json:
    words = re.sub(r"<\S+>", " ", item["own"]).split()
    is_supported = sum(word in passage for word in words) > 0.9 * len(words)
    likely, unlikely = -0.1, -3.0 + _number(item, passage) % 200 / 100
    said = {"yes": likely, "no": unlikely} if is_supported else {"yes": unlikely, "no": likely}
    return {"readings": [said for _ in item["asked"]], "is_cut": False, "margins": [0.0 for _ in item["contests"]]}


@pytest.fixture
def asked(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many rows a model had to compute, by stage; "now" is the stage that runs."""
    shutil.copytree(ROOT / "conf", workspace / "conf")
    shutil.copy(ROOT / "params.yaml", workspace / "params.yaml")
    counted: Counter[str] = Counter()
    real = local.ask

    def ask(requests: list[local.Request], _: Any, **options: Any) -> list[Json]:
        def counting(batch: list[local.Request]) -> list[Json]:
            counted["now"] += len({local._canonical(request) for request in batch})
            return [_said(request["prompt"]) for request in batch] if "prompt" in batch[0] else _verdicts(batch)

        return real(requests, counting, **(options | {"length": lambda request: len(repr(request)) // 64}))

    monkeypatch.setattr(local, "ask", ask)
    monkeypatch.setattr(LocalLLM, "llm", None)
    monkeypatch.setattr(local_chat, "load", None)
    return counted


def _run(articles: int, counted: Counter[str]) -> dict[str, int]:
    """Rows that each stage asked for in a run of so many articles."""
    rows: dict[str, int] = {}
    for line in _FLOW:
        name, *overrides = line.split()
        stage = importlib.import_module(f"stages.{name}")
        chosen = [f"corpus.articles={articles}"] if name == "ingest" else []
        counted["now"] = 0
        with contextlib.redirect_stdout(io.StringIO()):
            stage.main(stages.settings(stage.Config, [*overrides, *chosen]))
        if counted["now"]:
            rows[line] = counted["now"]
    return rows


def test_one_document_added_to_a_hundred_asks_at_most_a_twentieth_of_a_full_run(asked: Counter[str]) -> None:
    """Counted row by row over all stages that ask: questions, answers, calibration, judging, probing, perturbing."""
    full, more, again = (_run(articles, asked) for articles in (100, 101, 101))
    assert {"question", *(line for line in _FLOW if line.startswith("answer")), "calibrate", "probe"} <= set(full)
    assert 0 < sum(more.values()) <= 0.05 * sum(full.values())
    assert {} == again
