"""The routes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from judge.serving.server import decisions, metrics, rows, system_one
from judge.serving.server.batches import Batches, ClosedError, Judged, QueueFullError
from judge.serving.server.decisions import DecisionsReply, DecisionsRequest
from judge.serving.server.guard import Guard
from judge.serving.server.limits import Access, Limits
from judge.serving.server.metrics import Metrics
from judge.serving.server.rows import JudgeReply, JudgeRequest, UnfitError
from judge.serving.server.system_one import SystemOneReply, SystemOneRequest
from judge.students.student import Student
from judge.tables.items import Item

_PAGE = Path(__file__).parent
_FILES = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js"}
# A list of faults says enough with its first ones.
_MOST_FAULTS = 20
# A message may quote what was sent.
_LONGEST_FAULT = 500


class Fault(BaseModel):
    """What is wrong, in a sentence."""

    error: str


class Faults(BaseModel):
    """What is wrong with a request, each fault with where it is: `loc`, `msg`, `type`."""

    detail: list[dict[str, Any]]


_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Faults, "description": "what the student cannot answer, or a body that is no JSON"},
    401: {"model": Fault, "description": "the token is missing or another"},
    403: {"model": Fault, "description": "the server is not known by that name"},
    413: {"model": Fault, "description": "the body is too large"},
    422: {"model": Faults, "description": "rows or fields that cannot be read or judged, or too many rows"},
    429: {"model": Fault, "description": "no room in the queue; Retry-After says when to ask again"},
    503: {"model": Fault, "description": "the student is being loaded, or the server stops"},
    504: {"model": Fault, "description": "no answer in time"},
}


def application(batches: Batches, limits: Limits, access: Access, counted: Metrics) -> Guard:
    """The whole application, with its guard."""
    app = FastAPI(title="judge", summary="A judge of answers that was distilled.", docs_url=None, redoc_url=None)
    guard = Guard(app, access, limits, counted)
    _add_questions(app, batches, limits)
    _add_state(app, batches, counted, guard)
    for path, name in _FILES.items():
        app.add_api_route(path, _file(name), include_in_schema=False)
    handlers: dict[Any, Any] = {
        RequestValidationError: _invalid,
        UnfitError: _unfit,
        HTTPException: _refused,
        QueueFullError: _full,
        ClosedError: _closed,
        Exception: _failed,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)
    return guard


def _add_questions(app: FastAPI, batches: Batches, limits: Limits) -> None:
    """Add what a judgment is asked of."""

    @app.post("/v1/judge", response_model=JudgeReply, responses=_REFUSALS)
    async def judge(asked: JudgeRequest, request: Request) -> Response:
        """Judge rows."""
        student = _student(batches)
        if len(asked.rows) > limits.max_rows:
            raise UnfitError([rows.fault(f"at most {limits.max_rows} rows in a request, got {len(asked.rows)}", "rows")])
        if asked.explain:
            rows.require_explaining(student)
        given = [row.model_dump(exclude_unset=True) for row in asked.rows]
        items = rows.items(given, student, [("rows", index) for index in range(len(given))])
        judged = await _judged(batches, items, request, explain=asked.explain)
        return JSONResponse(rows.reply(asked.rows, judged, student.threshold))

    @app.post("/v1/systemone", response_model=SystemOneReply, responses=_REFUSALS)
    async def systemone(asked: SystemOneRequest, request: Request) -> Response:
        """Answer typed questions about one answer, in System One's form."""
        student = _student(batches)
        row = system_one.row(asked)
        (judged,) = await _judged(batches, rows.items([row], student, [("state",)]), request)
        return JSONResponse(system_one.reply(asked, row, judged.judgment, student.threshold))

    @app.post("/v1/decisions", response_model=DecisionsReply, responses=_REFUSALS)
    async def decide(asked: DecisionsRequest, request: Request) -> Response:
        """Answer typed questions about one answer, in the form of OpenAI's Decisions."""
        student = _student(batches)
        row = decisions.row(asked)
        (judged,) = await _judged(batches, rows.items([row], student, [("input",)]), request)
        return JSONResponse(decisions.reply(asked, row, judged.judgment, student.threshold))


def _add_state(app: FastAPI, batches: Batches, counted: Metrics, guard: Guard) -> None:
    """Add what an orchestrator asks."""

    @app.get("/health", responses={403: _REFUSALS[403]})
    async def health() -> dict[str, str]:
        """The process runs."""
        return {"status": "up"}

    @app.get("/ready", responses={code: _REFUSALS[code] for code in (403, 503)})
    async def ready() -> dict[str, Any]:
        """The student is loaded and has judged once."""
        student = _student(batches)
        return {
            "status": "ready",
            "kind": student.option.kind,
            "evidence": student.option.evidence,
            "explains": student.EXPLAINS,
            "threshold": student.threshold,
        }

    @app.get("/metrics", response_class=PlainTextResponse, responses={code: _REFUSALS[code] for code in (401, 403, 503)})
    async def shown_metrics() -> Response:
        """Counters in Prometheus' text format."""
        text = counted.text(lambda: batches.waiting, is_ready=batches.student is not None and not guard.is_stopping)
        return PlainTextResponse(text, media_type=metrics.CONTENT_TYPE)


def _student(batches: Batches) -> Student:
    if batches.student is None:
        raise ClosedError
    return batches.student


async def _judged(batches: Batches, items: Sequence[Item], request: Request, *, explain: bool = False) -> list[Judged]:
    """The judgments of items; where nobody waits any more those that no batch has yet are not judged."""
    future = asyncio.wrap_future(batches.submit(items, explain=explain))
    request.state.rows = len(items)
    return await future


def _file(name: str) -> Any:
    async def file() -> Response:
        return FileResponse(_PAGE / name)

    return file


async def _invalid(_: Request, error: Any) -> Response:
    # Without what was sent, which may be no text that can be written.
    found = error.errors()
    faults = [{"loc": [_place(part) for part in each["loc"]], "msg": each["msg"], "type": each["type"]} for each in found[:_MOST_FAULTS]]
    return JSONResponse({"detail": faults}, 422)


def _place(part: Any) -> str | int:
    return part if isinstance(part, int) else str(part).encode(errors="replace").decode()[:80]


async def _unfit(_: Request, error: Any) -> Response:
    return JSONResponse({"detail": [_written(each) for each in error.faults[:_MOST_FAULTS]]}, error.status)


def _written(fault: dict[str, Any]) -> dict[str, Any]:
    message = fault["msg"].encode(errors="replace").decode()[:_LONGEST_FAULT]
    return {**fault, "loc": [_place(part) for part in fault["loc"]], "msg": message}


async def _refused(_: Request, error: Any) -> Response:
    said = {"loc": [], "msg": str(error.detail), "type": "http_error"}
    return JSONResponse({"detail": [said]}, error.status_code, headers=error.headers)


async def _full(_: Request, error: Any) -> Response:
    said = f"No room in the queue. Next: ask again in {error.retry_after_s} s."
    return JSONResponse({"error": said}, 429, headers={"retry-after": str(error.retry_after_s)})


async def _closed(_: Request, __: Any) -> Response:
    return JSONResponse({"error": "The student is being loaded, or the server stops. Next: see /ready."}, 503, headers={"retry-after": "2"})


async def _failed(_: Request, __: Any) -> Response:
    return JSONResponse({"error": "The server failed; its log says where."}, 500)
