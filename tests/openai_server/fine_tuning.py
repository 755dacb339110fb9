"""/v1/fine_tuning/jobs."""

from dataclasses import replace
from typing import ClassVar

from tests.openai_server.messages import Json, Request, Response, WireError, found_in, json_body, json_lines, page_of
from tests.openai_server.state import Route, State
from tests.openai_server.stored import checkpoints


class FineTuning(State):
    """Fine-tuning jobs, which go one state on at each look."""

    ROUTES: ClassVar[list[Route]] = [
        ("POST", "/v1/fine_tuning/jobs", "_post_job"),
        ("GET", "/v1/fine_tuning/jobs", "_get_jobs"),
        ("GET", "/v1/fine_tuning/jobs/([^/]+)", "_get_job"),
        ("POST", "/v1/fine_tuning/jobs/([^/]+)/cancel", "_cancel_job"),
        ("GET", "/v1/fine_tuning/jobs/([^/]+)/events", "_get_events"),
        ("GET", "/v1/fine_tuning/jobs/([^/]+)/checkpoints", "_get_checkpoints"),
    ]

    job_polls = 4
    job_error: Json | None = None

    def _post_job(self, request: Request) -> Response:
        body = json_body(request)
        self._model(body.get("model"))
        for key in ("training_file", "validation_file"):
            if key == "training_file" or body.get(key) is not None:
                _check_examples(self._stored.files.get(str(body.get(key))), key, least=10 if key == "training_file" else 1)
        method = body.get("method") or {"type": "supervised", "supervised": {"hyperparameters": body.get("hyperparameters") or {}}}
        asked = (method.get(method.get("type")) or {}).get("hyperparameters") or {}
        resolved = {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": 2.0}
        chosen = {key: value for key, value in asked.items() if value != "auto"}
        job = self._stored.job(
            {
                "model": body["model"],
                "training_file": body["training_file"],
                "validation_file": body.get("validation_file"),
                "hyperparameters": resolved | chosen,
                "method": method,
                "seed": body.get("seed") if body.get("seed") is not None else 42,
                "metadata": body.get("metadata"),
            },
            suffix=body.get("suffix") or "",
        )
        return Response(job)

    def _get_jobs(self, request: Request) -> Response:
        return Response(page_of(list(self._stored.jobs.values())[::-1], request.query))

    def _get_job(self, _request: Request, job_id: str) -> Response:
        job = found_in(self._stored.jobs, job_id, "fine-tuning job")
        if job["status"] in {"validating_files", "queued", "running"}:
            polls = self._stored.poll(job_id)
            if polls < self.job_polls:
                self._stored.advance(job, "queued" if polls == 1 else "running")
            elif self.job_error is not None:
                job["error"] = {"param": None, **self.job_error}
                self._stored.advance(job, "failed")
            else:
                self.models[self._stored.succeed(job)] = replace(self.models[job["model"]])
        return Response(job)

    def _cancel_job(self, _request: Request, job_id: str) -> Response:
        job = found_in(self._stored.jobs, job_id, "fine-tuning job")
        if job["status"] in {"succeeded", "failed", "cancelled"}:
            raise WireError(400, f"Job has already completed: {job_id}", code="invalid_job_state")
        self._stored.advance(job, "cancelled")
        return Response(job)

    def _get_events(self, request: Request, job_id: str) -> Response:
        found_in(self._stored.jobs, job_id, "fine-tuning job")
        return Response(page_of(self._stored.events[job_id][::-1], request.query))

    def _get_checkpoints(self, request: Request, job_id: str) -> Response:
        job = found_in(self._stored.jobs, job_id, "fine-tuning job")
        return Response(page_of(checkpoints(job)[::-1], request.query))


def _check_examples(file: tuple[Json, bytes] | None, param: str, *, least: int) -> None:
    if file is None or file[0]["purpose"] != "fine-tune":
        raise WireError(400, f"invalid {param}: no file with the purpose fine-tune", param=param, code="invalid_file")
    rows = json_lines(file[1], param)
    if len(rows) < least:
        message = f"{file[0]['filename']} has {len(rows)} example(s), but must have at least {least} examples"
        raise WireError(400, message, param=param, code="invalid_n_examples")
    for number, row in enumerate(rows, 1):
        messages = row.get("messages")
        if not isinstance(messages, list) or not messages or messages[-1].get("role") != "assistant":
            message = f"Invalid file format. Example {number} has no messages that end with one of the assistant."
            raise WireError(400, message, param=param, code="invalid_training_file")
