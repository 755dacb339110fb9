"""A tiny run of each work goes through where its peer is installed."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from bench import works
from bench.effort import Effort, empty_cache, loaded_once, option
from bench.works import commands
from judge.models import folders, language_models, local_chat, pinned
from judge.teachers import likelihood
from tests.bench.conftest import SMALL

needs_small_model = pytest.mark.skipif(not pinned.is_installed(str(SMALL.embedded)), reason="the pinned model is not installed")


@pytest.fixture(autouse=True)
def _no_event_loop() -> None:
    """Without a current loop llama-index runs one that it closes; left to itself it makes one and leaves it open."""
    asyncio.set_event_loop(None)


def test_the_student_is_held_against_a_cross_encoder(effort: Effort) -> None:
    """Cold, warm and just loaded, against both precisions; ours reads fewer tokens, as a passage is read once."""
    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    found = works.measure("student", effort)
    assert [(ours, dtype) for ours in ("cold", "warm", "loaded") for dtype in ("float32", "bfloat16")] == [
        (line.ours.split()[-1], str(line.peer).split()[-1]) for line in found
    ]
    assert all((line.ours_tokens or 0) < (line.peer_tokens or 0) for line in found)
    assert all(line.ratio and line.peer_share and bool(line.ours_share) == (line.ours.endswith("cold")) for line in found)


@needs_small_model
def test_the_student_is_held_against_teachers(effort: Effort) -> None:
    """With the length of a hosted teacher's prompt, by which docs/scale.md counts."""
    from bench.works import teachers

    with empty_cache():
        line, tokens = teachers.measure(effort, ["likelihood"])
    assert ("teacher=likelihood", 40.0) == (line.peer, line.to_reach)
    assert line.peer_share
    assert ("tokens", True) == (tokens.unit, tokens.ours_median > 300)


@needs_small_model
def test_answers_are_held_against_one_at_a_time(effort: Effort, monkeypatch: pytest.MonkeyPatch) -> None:
    """The peer writes the first of the same prompts, two tokens each."""
    from bench.works import answers

    def short(name: str) -> dict[str, Any]:
        values = option(name)
        values["decoding"]["max_new_tokens"] = 2
        return values

    monkeypatch.setattr(answers, "option", short)
    with empty_cache():
        (line,) = answers.measure(effort, ["smollm2-passage"])
    assert ("HuggingFaceLLM one at a time, bfloat16", 1) == (line.peer, line.peer_n)
    assert line.ratio


@needs_small_model
def test_verdicts_are_held_against_three_judges(effort: Effort, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a small model in the place of the chat model, which writes two tokens."""
    from bench.works import verdicts

    monkeypatch.setattr(verdicts, "_REASON_TOKENS", 2)
    monkeypatch.setattr(verdicts, "_VERDICT_TOKENS", 2)
    with empty_cache():
        found = verdicts.measure(effort, SMALL)
    assert ["FaithfulnessEvaluator", "CorrectnessEvaluator", "DecisionPipeline"] == [str(one.peer).split()[1].rstrip(",") for one in found]


@needs_small_model
def test_llama_cpp_judges_and_writes(effort: Effort) -> None:
    """From the pinned file of weights."""
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed: it has to be compiled")
    from bench.works import llama_cpp

    with empty_cache():
        verdict, answer = llama_cpp.measure(effort, SMALL)
    assert verdict.ratio
    assert answer.ratio


def test_the_stages_that_evaluate_have_seconds_and_memory(effort: Effort, monkeypatch: pytest.MonkeyPatch) -> None:
    """Medians of two turns; only the stage that makes the figures is aimed at."""
    from bench import compare, evaluate
    from bench.works import evaluation

    made: list[int] = []
    took = iter([(50.0, 0.0, 1.0), (9.0, 0.0, 0.5), (60.0, 0.0, 1.5), (11.0, 0.0, 0.5)])
    monkeypatch.setattr(evaluate, "make_project", lambda _, answers, others: made.extend((answers, others)))
    monkeypatch.setattr(compare, "measure", lambda *_: next(took))
    found = evaluation.measure(effort._replace(repeats=3))
    assert [1000, 200] == made
    assert [("s", 55.0, 60.0), ("GB", 1.25, 2.0), ("s", 10.0, None), ("GB", 0.5, None)] == [
        (line.unit, line.ours_median, line.to_reach) for line in found
    ]


def test_commands_are_those_that_help_names(effort: Effort) -> None:
    """And each is started."""
    assert ["score", "sweep-all"] == commands.of_help("usage: judge [-h] {score,sweep-all} ...")
    assert ["judge --help", "judge gate --help"] == [line.ours for line in commands.measure(effort, ["gate"])]


def test_a_work_finds_no_reply_of_an_earlier_run(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But the models that are there; afterwards all is as it was."""
    monkeypatch.setenv("JUDGE_CACHE", str(workspace / "own"))
    monkeypatch.delenv("JUDGE_MODELS")
    with empty_cache():
        assert folders.cache_folder() != workspace / "own"
        assert folders.models_folder() == workspace / "own" / "models"
    assert str(workspace / "own") == os.environ["JUDGE_CACHE"]
    assert "JUDGE_MODELS" not in os.environ


def test_a_model_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever module asks for it; afterwards each loads for itself again."""
    asked: list[object] = []

    def load(settings: object) -> object:
        asked.append(settings)
        return object()

    modules = (language_models, local_chat, likelihood)
    for module in modules:
        monkeypatch.setattr(module, "load", load)
    with loaded_once():
        assert len({id(vars(module)["load"](SMALL)) for module in modules}) == 1
    assert [SMALL] == asked
    assert all(vars(module)["load"] is load for module in modules)
