"""llama-index's OpenAIFinetuneEngine, mended where it fails in earnest use.

The engine asks again for ever, a minute apart, whatever HTTP 400 says; it takes no hyperparameters, validation file or suffix;
it does not wait for its job; it knows one key and one address; and its check of the file only prints, and wants the network.

Import this module only where a model is fine-tuned: it loads llama-index and all that its package brings along.
"""

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from judge.errors import ModelError, StudentError
from judge.models.endpoints import Endpoint
from judge.models.retries import call
from judge.models.wires import blocking_openai_client

try:
    with warnings.catch_warnings():
        # The package is marked as no longer maintained; the extra pins the version that works.
        warnings.simplefilter("ignore")
        from llama_index.finetuning import OpenAIFinetuneEngine
except ImportError as error:
    raise StudentError(
        f"Fine-tuning at OpenAI needs a package that is not installed or does not load: {error}\n"
        "Next: pip install -e '.[openai-finetune]' (llama-index-finetuning with mistralai below 2), or choose another student.",
    ) from error

import openai
from openai.types.fine_tuning import FineTuningJob
from tqdm import tqdm

_ENDED = ("succeeded", "failed", "cancelled")
# A file is checked by the server for a moment before a job may use it.
_MOST_NOT_READY = 30


class Plan(NamedTuple):
    """A fine-tuning job as it is ordered: texts of the files, and what the server is told besides."""

    model: str
    training: str
    validation: str | None
    hyperparameters: dict[str, int | float]
    suffix: str
    seed: int
    name: str


class FinetuneEngine(OpenAIFinetuneEngine):  # type: ignore[misc]  # llama-index has no types for it
    """An OpenAIFinetuneEngine for any address and key, that can be told how to train, and waits; to be closed after use.

    `get_current_job` is the parent's.
    """

    def __init__(self, plan: Plan, endpoint: Endpoint, poll_seconds: float) -> None:
        # The parent's own would make a client from OPENAI_API_KEY alone, and fail without it.
        self.base_model = plan.model
        self.url = endpoint.url
        self._plan = plan
        self._endpoint = endpoint
        self._poll_seconds = poll_seconds
        self._start_job: FineTuningJob | None = None
        self._client = blocking_openai_client(endpoint)

    @property
    def job_id(self) -> str:
        """The id of the job that was started or gone on with."""
        if self._start_job is None:
            message = "finetune() or resume() comes first"
            raise ValueError(message)
        return str(self._start_job.id)

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    def resume(self, job_id: str) -> bool:
        """Go on with a job that was started before; False where the server does not know it, or no longer has its model."""

        def look() -> FineTuningJob:
            job = self._client.fine_tuning.jobs.retrieve(job_id)
            if job.status == "succeeded" and job.fine_tuned_model is not None:
                self._client.models.retrieve(job.fine_tuned_model)
            return job

        try:
            self._start_job = self._do(look, expected=(openai.NotFoundError,))
        except openai.NotFoundError:
            return False
        return True

    def find(self) -> str | None:
        """The id of a job of this plan's name at the server that has not failed: one whose id could not be kept."""

        def look() -> str | None:
            for job in self._client.fine_tuning.jobs.list(limit=100):
                if (job.metadata or {}).get("judge") == self._plan.name and job.status not in ("failed", "cancelled"):
                    return job.id
            return None

        job_id: str | None = self._do(look)
        return job_id

    def finetune(self) -> None:
        """Upload the files and start the job; it is not waited for.

        Raises:
            StudentError: the server refuses the file or the settings.
            ModelError: the key or the model is refused, or nobody answers.
        """
        files = {"training_file": self._upload("train.jsonl", self._plan.training)}
        if self._plan.validation is not None:
            files["validation_file"] = self._upload("validation.jsonl", self._plan.validation)
        for _ in range(_MOST_NOT_READY):
            try:
                # Asked once: were the reply lost, a second job would be paid for; `find` looks for the first.
                self._start_job = self._do(lambda: self._create(files), expected=(_NotReadyError,), retries=0)
            except _NotReadyError:
                time.sleep(self._poll_seconds)
            else:
                return
        raise ModelError(f"{self._endpoint.url} did not make the uploaded file ready.\nNext: run the same command again later.")

    def wait(self) -> FineTuningJob:
        """Look at the job until it has ended, however it did, and show its progress.

        Raises:
            ModelError: the server cannot be asked any more; the job goes on there.
        """
        with tqdm(desc="fine-tuning", unit="step", disable=None, file=sys.stderr) as bar:
            while True:
                job = self._do(self.get_current_job)
                bar.set_postfix_str(job.status, refresh=False)
                if job.status in _ENDED:
                    return job  # type: ignore[no-any-return]
                latest = max(self._metrics(limit=10), key=lambda data: int(data["step"]), default={"step": 0})
                bar.total = latest.get("total_steps")
                bar.update(int(latest["step"]) - bar.n)
                bar.refresh()
                time.sleep(self._poll_seconds)

    def curve(self) -> list[tuple[int, dict[str, float]]]:
        """What the server said of the loss, by step: `train_loss`, and `validation_loss` where there was a validation file."""
        points: dict[int, dict[str, float]] = {}
        for data in self._metrics():
            names = {"train_loss": "train_loss", "valid_loss": "validation_loss"}
            point = {ours: float(data[theirs]) for theirs, ours in names.items() if isinstance(data.get(theirs), int | float)}
            if point:
                points.setdefault(int(data["step"]), {}).update(point)
        return sorted(points.items())

    def get_finetuned_model(self, **model_kwargs: Any) -> Any:
        """The fine-tuned model as llama-index's OpenAI, at this address rather than at the default one."""
        return super().get_finetuned_model(api_key=self._endpoint.key() or "none", api_base=self._endpoint.url, **model_kwargs)

    def _upload(self, name: str, text: str) -> str:
        file = self._do(lambda: self._client.files.create(file=(name, text.encode()), purpose="fine-tune"))
        return str(file.id)

    def _create(self, files: dict[str, str]) -> FineTuningJob:
        jobs: Any = self._client.fine_tuning.jobs
        try:
            job: FineTuningJob = jobs.create(
                model=self.base_model,
                **files,
                method={"type": "supervised", "supervised": {"hyperparameters": self._plan.hyperparameters}},
                suffix=self._plan.suffix,
                seed=self._plan.seed,
                metadata={"judge": self._plan.name},
            )
        except openai.BadRequestError as error:
            if "not ready" in str(error):
                raise _NotReadyError from None
            raise
        return job

    def _metrics(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The metrics among the job's events: the newest `limit` events, or all of them."""
        page = self._do(lambda: self._client.fine_tuning.jobs.list_events(self.job_id, limit=limit or 100))
        events = page.data if limit else self._do(lambda: list(page))
        return [event.data for event in events if event.type == "metrics" and isinstance(event.data, dict) and "step" in event.data]

    def _do(self, work: Callable[[], Any], expected: tuple[type[Exception], ...] = (), retries: int | None = None) -> Any:
        """Ask, again where a fault passes, and turn what the caller does not expect into an error for the user."""
        try:
            return call(work, self._endpoint.retries if retries is None else retries)
        except expected:
            raise
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise ModelError(
                f"{self._endpoint.url} refuses the key in {self._endpoint.api_key_env}: {self._say(error)}\n"
                "Next: check the key, and whether its organisation may still fine-tune: since May 2026 OpenAI lets no new one begin.",
            ) from None
        except (openai.BadRequestError, openai.NotFoundError, openai.UnprocessableEntityError) as error:
            raise StudentError(
                f"{self._endpoint.url} refuses to fine-tune {self.base_model}: {self._say(error)}\n"
                "Next: mend what it names in the option file of conf/student, or choose another student.",
            ) from None
        except openai.OpenAIError as error:
            raise ModelError(
                f"Fine-tuning at {self._endpoint.url} broke off: {self._say(error)}\n"
                "Next: run the same command again; a job that was started goes on at the server and is picked up.",
            ) from None

    def _say(self, error: Exception) -> str:
        return self._endpoint.redact(" ".join(str(error.__cause__ or error).split()))[:500]


class _NotReadyError(Exception):
    """The one HTTP 400 that passes by itself: the server has not looked through the file yet."""
