"""The engine that orders a fine-tuning job, against a server on this machine: what it mends, and what it tells."""

import os
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest

from judge.distillation import finetune_job
from judge.distillation.finetune_engine import FinetuneEngine, Plan
from judge.errors import ModelError, StudentError
from tests.conftest import ROOT
from tests.openai_server import OpenAIServer, WireError
from tests.students.examples import SETTINGS
from tests.students.hosted_examples import BASE, HOSTED_RUN, chosen, rows, started, train


def test_the_engine_is_llama_indexes_own_at_any_address(server: OpenAIServer) -> None:
    """What is mended is a subclass, and its model is asked where it was tuned."""
    from llama_index.finetuning import OpenAIFinetuneEngine

    student = train(server)
    plan = Plan(BASE, "", None, {}, "judge", 17, "name")
    with closing(FinetuneEngine(plan, chosen(server).chat.endpoint, 0.01)) as engine:
        assert isinstance(engine, OpenAIFinetuneEngine)
        assert engine.resume(student.training["job"])
        llm = engine.get_finetuned_model()
    assert (student.describe()["fine_tuned_model"], server.base_url) == (llm.model, llm.api_base)


def test_a_refused_order_is_told_at_once(server: OpenAIServer) -> None:
    """An HTTP 400 that cannot pass is not asked again for ever."""
    example = '{"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "7"}]}\n'
    plan = Plan(BASE, 3 * example, None, {"n_epochs": 1}, "judge", 17, "name")
    with (
        closing(FinetuneEngine(plan, chosen(server).chat.endpoint, 0.01)) as engine,
        pytest.raises(StudentError, match=r"refuses to fine-tune gpt-4\.1-mini: .*at least 10 examples"),
    ):
        engine.finetune()
    assert (1, 1) == started(server)


def test_a_file_that_is_not_ready_is_waited_for(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one 400 that passes."""
    post, refusals = server._post_job, [True, True]

    def not_yet(request: Any) -> Any:
        if refusals:
            refusals.pop()
            raise WireError(400, "File 'file-00000001' is still being processed and is not ready to be used for fine-tuning.")
        return post(request)

    monkeypatch.setattr(server, "_post_job", not_yet)
    train(server)
    assert (2, 3) == started(server)


def test_a_model_that_cannot_be_fine_tuned_is_told(server: OpenAIServer) -> None:
    """A 404 at the order is the model's, and no job is waited for."""
    server.models[BASE].retired = True
    with pytest.raises(StudentError, match=r"refuses to fine-tune gpt-4\.1-mini"):
        train(server)


def test_a_wrong_key_is_told_without_it(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server quotes what it got; the message does not."""
    monkeypatch.setenv("LOOPBACK_KEY", "sk-wrong-9876543210")
    with pytest.raises(ModelError, match="refuses the key in LOOPBACK_KEY") as caught:
        train(server)
    assert "9876543210" not in str(caught.value)


def test_a_missing_key_is_told(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable's name."""
    monkeypatch.delenv("LOOPBACK_KEY")
    with pytest.raises(ModelError, match="LOOPBACK_KEY is not set"):
        train(server)


def test_a_server_that_is_away_is_told(server: OpenAIServer) -> None:
    """The job may have been started, so the next step is the same command."""
    here = chosen(server)
    endpoint = here.chat.endpoint.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    away = here.model_copy(update={"chat": here.chat.model_copy(update={"endpoint": endpoint})})
    with pytest.raises(ModelError, match="broke off"):
        finetune_job.distil(rows(), away, SETTINGS, HOSTED_RUN)


def test_without_its_package_the_error_says_what_to_install(server: OpenAIServer) -> None:
    """In an interpreter that cannot import it; nothing was sent before."""
    code = (
        "import sys\n"
        "sys.modules['llama_index.finetuning'] = None\n"
        "from judge.errors import JudgeError\n"
        "try:\n"
        "    import judge.distillation.finetune_engine\n"
        "except JudgeError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert "pip install -e '.[openai-finetune]'" in done.stdout
    assert [] == server.requests
