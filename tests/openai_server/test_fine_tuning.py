"""Files and fine-tuning jobs, as the official client sees them."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.openai_server import OpenAIServer
from tests.openai_server.asking import MODEL, ask, examples_file, jsonl

if TYPE_CHECKING:
    from openai import OpenAI


def test_a_file_is_kept_byte_by_byte(client: "OpenAI") -> None:
    """Upload, look, read, list, delete."""
    from openai import NotFoundError

    content = '{"text": "naïve\\r\\n--"}\n{"text": "b"}\n'.encode()
    file = client.files.create(file=("rows.jsonl", content), purpose="fine-tune")
    assert ("rows.jsonl", len(content), "fine-tune", "processed") == (file.filename, file.bytes, file.purpose, file.status)
    assert file == client.files.retrieve(file.id)
    assert content == client.files.content(file.id).content
    assert [file.id] == [one.id for one in client.files.list()]
    assert client.files.delete(file.id).deleted
    with pytest.raises(NotFoundError, match="No such File object"):
        client.files.content(file.id)


def test_a_file_that_is_no_jsonl_is_refused(client: "OpenAI") -> None:
    """The error names the line."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError, match="Line 2"):
        client.files.create(file=("rows.jsonl", b'{"a": 1}\nb\n'), purpose="batch")


def test_a_job_advances_one_state_a_look(server: OpenAIServer, client: "OpenAI") -> None:
    """It ends with a model that answers, and with what was trained."""
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=examples_file(client, 10), suffix="judge", seed=7)
    states = [job.status] + [client.fine_tuning.jobs.retrieve(job.id).status for _ in range(5)]
    assert ["validating_files", "queued", "running", "running", "succeeded", "succeeded"] == states
    done = client.fine_tuning.jobs.retrieve(job.id)
    assert (7, 3, None) == (done.seed, done.hyperparameters.n_epochs, done.error)
    assert done.fine_tuned_model is not None
    assert done.fine_tuned_model.startswith(f"ft:{MODEL}:loopback:judge:")
    assert (done.trained_tokens or 0) > 0
    assert done.finished_at is not None
    assert done.fine_tuned_model == ask(client, model=done.fine_tuned_model).model
    assert done.fine_tuned_model in server.models


def test_a_job_takes_its_method_and_its_hyperparameters(client: "OpenAI") -> None:
    """What is left to `auto` is resolved."""
    asked: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": "auto"}}}
    validation = examples_file(client, 1)
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=examples_file(client, 12), validation_file=validation, method=asked)
    assert (2, 1, validation) == (job.hyperparameters.n_epochs, job.hyperparameters.batch_size, job.validation_file)
    assert [job.id] == [one.id for one in client.fine_tuning.jobs.list()]


def test_a_job_reports_events_and_checkpoints(server: OpenAIServer, client: "OpenAI") -> None:
    """Both lists come in pages, the newest first."""
    server.job_polls = 1
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=examples_file(client, 10))
    assert [] == client.fine_tuning.jobs.checkpoints.list(job.id).data
    done = client.fine_tuning.jobs.retrieve(job.id)
    page = client.fine_tuning.jobs.list_events(job.id, limit=2)
    assert page.has_more
    events = list(page)
    assert 5 == len(events)
    assert ("The job is succeeded.", f"Created fine-tuning job: {job.id}") == (events[0].message, events[-1].message)
    assert {"metrics", "message"} == {event.type for event in events}
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=1))
    assert [30, 20, 10] == [checkpoint.step_number for checkpoint in checkpoints]
    assert done.fine_tuned_model == checkpoints[0].fine_tuned_model_checkpoint


def test_a_job_fails_on_order(server: OpenAIServer, client: "OpenAI") -> None:
    """With the error that the test gives it."""
    server.job_polls, server.job_error = 1, {"code": "exceeded_quota", "message": "No credit is left.", "param": "training_file"}
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=examples_file(client, 10))
    failed = client.fine_tuning.jobs.retrieve(job.id)
    assert ("failed", None) == (failed.status, failed.fine_tuned_model)
    assert failed.error is not None
    assert server.job_error == failed.error.model_dump()


def test_a_job_is_cancelled_once(client: "OpenAI") -> None:
    """It stays cancelled, and a second cancel is refused."""
    from openai import BadRequestError

    job = client.fine_tuning.jobs.create(model=MODEL, training_file=examples_file(client, 10))
    assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    assert client.fine_tuning.jobs.retrieve(job.id).status == "cancelled"
    with pytest.raises(BadRequestError):
        client.fine_tuning.jobs.cancel(job.id)


def test_a_job_needs_ten_good_examples(client: "OpenAI") -> None:
    """Too few, a file that does not exist, and examples of another form are refused."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError, match=r"has 9 example\(s\), but must have at least 10") as caught:
        client.fine_tuning.jobs.create(model=MODEL, training_file=examples_file(client, 9))
    assert ("training_file", "invalid_n_examples") == (caught.value.param, caught.value.code)
    with pytest.raises(BadRequestError, match="invalid training_file"):
        client.fine_tuning.jobs.create(model=MODEL, training_file="file-0")
    bad = client.files.create(file=jsonl([{"prompt": "x"}] * 10), purpose="fine-tune")
    with pytest.raises(BadRequestError, match="Example 1"):
        client.fine_tuning.jobs.create(model=MODEL, training_file=bad.id)
