"""/v1/batches."""

import json
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from tests.openai_server.chat import Chat
from tests.openai_server.messages import Json, Request, Response, WireError, found_in, json_body, json_lines, page_of
from tests.openai_server.state import CHAT, Route
from tests.openai_server.stored import NOW
from tests.openai_server.texts import canonical, digest, unit

Fate = Literal["ok", "fail", "missing", "expired"]


class Batches(Chat):
    """Batches of chat completions, whose replies come as a file."""

    ROUTES: ClassVar[list[Route]] = [
        ("POST", "/v1/batches", "_post_batch"),
        ("GET", "/v1/batches", "_get_batches"),
        ("GET", "/v1/batches/([^/]+)", "_get_batch"),
        ("POST", "/v1/batches/([^/]+)/cancel", "_cancel_batch"),
    ]

    batch_polls = 2
    batch_end: Literal["completed", "failed", "expired"] = "completed"

    def __init__(self) -> None:
        super().__init__()
        self.batch_fate: Callable[[str], Fate] = lambda _: "ok"

    def _post_batch(self, request: Request) -> Response:
        body = json_body(request)
        if body.get("endpoint") != CHAT or body.get("completion_window") != "24h":
            raise WireError(400, f"Expected the endpoint {CHAT} and the completion window 24h.", param="endpoint")
        file = self._stored.files.get(str(body.get("input_file_id")))
        if file is None or file[0]["purpose"] != "batch":
            raise WireError(400, "Invalid input_file_id: no file with the purpose batch.", param="input_file_id")
        return Response(self._stored.batch(body))

    def _get_batches(self, request: Request) -> Response:
        return Response(page_of(list(self._stored.batches.values())[::-1], request.query))

    def _get_batch(self, _request: Request, batch_id: str) -> Response:
        batch = found_in(self._stored.batches, batch_id, "batch")
        if batch["status"] == "cancelling":
            batch |= {"status": "cancelled", "cancelled_at": NOW}
        elif batch["status"] in {"validating", "in_progress"}:
            if self._stored.poll(batch_id) < self.batch_polls:
                batch |= {"status": "in_progress", "in_progress_at": NOW}
            else:
                self._end_batch(batch)
        return Response(batch)

    def _cancel_batch(self, _request: Request, batch_id: str) -> Response:
        batch = found_in(self._stored.batches, batch_id, "batch")
        if batch["status"] not in {"validating", "in_progress"}:
            raise WireError(409, f"Cannot cancel a batch with the status '{batch['status']}'.")
        batch |= {"status": "cancelling", "cancelling_at": NOW}
        return Response(batch)

    def _end_batch(self, batch: Json) -> None:
        lines = json_lines(found_in(self._stored.files, batch["input_file_id"], "File")[1], "input_file_id")
        fault = _batch_fault(lines)
        if fault is None and self.batch_end == "failed":
            fault = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached.", "param": None, "line": None}
        if fault is not None:
            batch |= {"status": "failed", "failed_at": NOW, "errors": {"object": "list", "data": [fault]}}
            return
        done: list[Json] = []
        failed: list[Json] = []
        for number, line in enumerate(lines):
            late = self.batch_end == "expired" and number >= len(lines) // 2
            fate = "expired" if late else self.batch_fate(line["custom_id"])
            if fate != "missing":
                row = self._batch_row(batch["id"], line, fate)
                answered = row["response"] is not None and row["response"]["status_code"] == 200
                (done if answered else failed).append(row)
        for key, rows in (("output_file_id", done), ("error_file_id", failed)):
            # The documented order is none: lines are shuffled by their ids.
            text = "".join(json.dumps(row) + "\n" for row in sorted(rows, key=lambda row: unit(row["custom_id"])))
            batch[key] = self._stored.file(text.encode(), f"{batch['id']}_{key}.jsonl", "batch_output")["id"] if rows else None
        tokens = [row["response"]["body"]["usage"] for row in done]
        read, written = sum(usage["prompt_tokens"] for usage in tokens), sum(usage["completion_tokens"] for usage in tokens)
        batch |= {
            "status": self.batch_end,
            f"{self.batch_end}_at": NOW,
            "request_counts": {"total": len(lines), "completed": len(done), "failed": len(failed)},
            "usage": {
                "input_tokens": read,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": written,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": read + written,
            },
        }

    def _batch_row(self, batch_id: str, line: Json, fate: str) -> Json:
        its_digest = digest([batch_id, line["custom_id"]])
        row: Json = {"id": f"batch_req_{its_digest}", "custom_id": line["custom_id"], "response": None, "error": None}
        if fate == "expired":
            message = "This request could not be executed before the completion window expired."
            return row | {"error": {"code": "batch_expired", "message": message}}
        try:
            reply = self._status_fault("500") if fate == "fail" else self._chat(line["body"])
        except WireError as error:
            reply = error.reply
        if reply.status == 200:
            self.paid[canonical(line["body"])] += 1
        return row | {"response": {"status_code": reply.status, "request_id": f"req_{its_digest}", "body": reply.payload}}


def _batch_fault(lines: Sequence[Json]) -> Json | None:
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        custom_id = line.get("custom_id")
        if not isinstance(custom_id, str) or not isinstance(line.get("body"), dict):
            return {
                "code": "missing_required_parameter",
                "message": "A custom_id and a body are required.",
                "param": "custom_id",
                "line": number,
            }
        if line.get("method") != "POST" or line.get("url") != CHAT:
            return {"code": "invalid_url", "message": f"The url has to be {CHAT}, with POST.", "param": "url", "line": number}
        if custom_id in seen:
            return {
                "code": "duplicate_custom_id",
                "message": f"The custom_id '{custom_id}' is used before.",
                "param": "custom_id",
                "line": number,
            }
        seen.add(custom_id)
    return None
