"""Files, fine-tuning jobs and batches, as the server keeps them."""

from collections import Counter

from tests.openai_server.messages import Json
from tests.openai_server.texts import digest, split_tokens

# A clock that stands still: the same request gets the same reply.
NOW = 1_790_000_000


class Stored:
    """Files, fine-tuning jobs and batches, by id."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[Json, bytes]] = {}
        self.jobs: dict[str, Json] = {}
        self.batches: dict[str, Json] = {}
        self.events: dict[str, list[Json]] = {}
        self._suffixes: dict[str, str] = {}
        self._polls: Counter[str] = Counter()
        self._made: Counter[str] = Counter()

    def _new_id(self, kind: str) -> str:
        self._made[kind] += 1
        return f"{kind}{self._made[kind]:08d}"

    def poll(self, what: str) -> int:
        """Count a look at a job or a batch."""
        self._polls[what] += 1
        return self._polls[what]

    def file(self, content: bytes, name: str, purpose: str) -> Json:
        """Keep a file."""
        file: Json = {"id": self._new_id("file-"), "object": "file", "bytes": len(content), "created_at": NOW, "filename": name}
        self.files[file["id"]] = (file | {"purpose": purpose, "status": "processed"}, content)
        return self.files[file["id"]][0]

    def job(self, asked: Json, *, suffix: str) -> Json:
        """Begin a fine-tuning job."""
        job: Json = {
            "id": self._new_id("ftjob-"),
            "object": "fine_tuning.job",
            "created_at": NOW,
            "organization_id": "org-loopback",
            "status": "validating_files",
            "fine_tuned_model": None,
            "finished_at": None,
            "estimated_finish": None,
            "error": None,
            "result_files": [],
            "trained_tokens": None,
            **asked,
        }
        self.jobs[job["id"]], self._suffixes[job["id"]] = job, suffix
        self.events[job["id"]] = []
        self._event(job["id"], f"Created fine-tuning job: {job['id']}")
        return job

    def advance(self, job: Json, status: str) -> None:
        """Take a job to its next state, with an event."""
        if job["status"] != status:
            job["status"] = status
            self._event(job["id"], f"The job is {status}.", level="error" if status == "failed" else "info")
        if status in {"succeeded", "failed", "cancelled"}:
            job["finished_at"] = NOW

    def succeed(self, job: Json) -> str:
        """Finish a job; the name of its model."""
        tokens = len(split_tokens(self.files[job["training_file"]][1].decode()))
        job["trained_tokens"] = tokens * job["hyperparameters"]["n_epochs"]
        job["fine_tuned_model"] = f"ft:{job['model']}:loopback:{self._suffixes[job['id']]}:{digest(job['id'])[:8]}"
        for checkpoint in checkpoints(job):
            step, metrics = checkpoint["step_number"], checkpoint["metrics"]
            message = f"Step {step}: training loss={metrics['train_loss']:.2f}"
            self._event(job["id"], message, kind="metrics", data={"step": step, "train_loss": metrics["train_loss"]})
        self.advance(job, "succeeded")
        return str(job["fine_tuned_model"])

    def _event(self, job_id: str, message: str, *, level: str = "info", kind: str = "message", data: Json | None = None) -> None:
        event = {"id": self._new_id("ftevent-"), "object": "fine_tuning.job.event", "created_at": NOW, "level": level}
        self.events[job_id].append(event | {"message": message, "type": kind, "data": data or {}})

    def batch(self, asked: Json) -> Json:
        """Begin a batch."""
        batch: Json = {
            "id": self._new_id("batch_"),
            "object": "batch",
            "endpoint": asked["endpoint"],
            "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"],
            "metadata": asked.get("metadata"),
            "status": "validating",
            "created_at": NOW,
            "expires_at": NOW + 86_400,
            "output_file_id": None,
            "error_file_id": None,
            "errors": None,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        self.batches[batch["id"]] = batch
        return batch


def checkpoints(job: Json) -> list[Json]:
    """One checkpoint an epoch, the last being the model itself, oldest first."""
    if job["fine_tuned_model"] is None:
        return []
    epochs = job["hyperparameters"]["n_epochs"]
    names = [f"{job['fine_tuned_model']}:ckpt-step-{epoch * 10}" for epoch in range(1, epochs)] + [job["fine_tuned_model"]]
    return [
        {
            "id": f"ftckpt_{job['id']}_{epoch}",
            "object": "fine_tuning.job.checkpoint",
            "created_at": NOW,
            "fine_tuned_model_checkpoint": name,
            "fine_tuning_job_id": job["id"],
            "step_number": epoch * 10,
            "metrics": {"step": epoch * 10, "train_loss": 1 / epoch, "train_mean_token_accuracy": 1 - 0.5 / epoch},
        }
        for epoch, name in enumerate(names, 1)
    ]
