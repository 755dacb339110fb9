"""The server of the page on which people label: which answer is shown, and a label that is on the disk before the next one is.

It keeps nothing in memory that the files do not say. Who is shown what is decided by the annotator's own file at each request.
"""

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from judge.annotation.guard import API, Guard
from judge.annotation.progress import progress
from judge.errors import TableError
from judge.people import labels
from judge.people.labels import Label
from judge.tables.levels import LEVELS
from judge.tables.schema import Row

CLASSES = (0.0, 1.0)
# A comment is a remark; what is longer was pasted by mistake.
LONGEST_COMMENT = 10_000
_PAGE = Path(__file__).parent
_FILES = ("page.html", "page.css", "page.js")
# Of a row nothing else leaves the server: neither who wrote the answer, nor what any judge or person says of it.
_SHOWN = ("question", "context", "reference", "answer")


@dataclass(frozen=True)
class Asked:
    """What people are asked: the rows by answer_id in the order of the queue, its name, and how they may answer.

    `levels`: by the eleven levels instead of the two classes. `annotator`: the only one, None where the page asks for a name.
    """

    rows: Mapping[str, Row]
    queue: str
    threshold: float
    levels: bool = False
    annotator: str | None = None
    folder: Path = labels.FOLDER

    @property
    def allowed(self) -> tuple[float, ...]:
        """The labels that may be given."""
        return LEVELS if self.levels else CLASSES


def application(asked: Asked, token: str, host: str = "127.0.0.1") -> Guard:
    """The whole application, with its guard.

    Args:
        asked: what is shown.
        token: the secret in the address of the page, /TOKEN/.
        host: the name or address that the server is bound to.
    """

    async def start(_: Request) -> Response:
        return JSONResponse(_start(asked))

    async def row(request: Request) -> Response:
        back = request.query_params.get("back", "0")
        if not back.isdecimal():
            raise HTTPException(400, f"back has to be a whole number from 0, got {back[:20]!r}.")
        name = _annotator(request.query_params.get("annotator"), asked)
        return JSONResponse(await run_in_threadpool(_shown, name, int(back), asked))

    async def label(request: Request) -> Response:
        given = _parsed(await request.body(), asked)
        # The thread waits for the disk, not the server: another annotator is answered meanwhile.
        return JSONResponse(await run_in_threadpool(_written, given, asked))

    routes = [
        Route(f"{API}start", start),
        Route(f"{API}row", row),
        Route(f"{API}label", label, methods=["POST"]),
        *(Route(f"/{{token}}/{'' if name == 'page.html' else name}", _file(name)) for name in _FILES),
    ]
    handlers: Any = {HTTPException: _refused, TableError: _unreadable, OSError: _unwritten}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), token, host)


class _Announced(uvicorn.Server):
    """A server that says when it can be stopped: an address that is printed earlier can be answered by Ctrl-C too early."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then say so."""
        await super().startup(sockets)
        self._announce()


def serve(app: Guard, listening: socket.socket, announce: Callable[[], None]) -> None:
    """Answer what comes in at a socket until Ctrl-C; `announce` is called once it is answered.

    Raises:
        KeyboardInterrupt: it was stopped by Ctrl-C, in order.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        # A browser keeps its connection open; it has nothing left to wait for.
        timeout_graceful_shutdown=1,
    )
    _Announced(config, announce).run(sockets=[listening])


def _start(asked: Asked) -> dict[str, Any]:
    """What the page needs to know before it shows a row."""
    known = sorted(path.stem for path in asked.folder.glob("*.jsonl"))
    return {
        "annotator": asked.annotator,
        "annotators": known if asked.annotator is None else [asked.annotator],
        "levels": asked.levels,
        "threshold": asked.threshold,
        "folder": asked.folder.as_posix(),
    }


def _shown(annotator: str, back: int, asked: Asked) -> dict[str, Any]:
    """The answer that an annotator sees, so many steps back, with what the annotator said of it before, and how far it is."""
    path = labels.path_of(annotator, asked.folder)
    done = progress(list(asked.rows), labels.read_file(path) if path.exists() else [])
    item, back = done.shown(back)
    said = done.said.get(item) if item is not None else None
    return {
        "row": None if item is None else {"item_id": item} | {name: asked.rows[item][name] for name in _SHOWN},
        "label": said.label if said else None,
        "skipped_before": said is not None and said.label is None,
        "comment": said.comment if said else None,
        "back": back,
        "can_go_back": done.shown(back + 1)[1] > back,
        "labelled": done.labelled,
        "skipped": done.skipped,
        "rows": len(asked.rows),
    }


def _written(given: Label, asked: Asked) -> dict[str, Any]:
    """The answer after the one that a label is of, once the label is on the disk."""
    labels.append(given, asked.folder)
    return _shown(given.annotator, 0, asked)


def _annotator(name: Any, asked: Asked) -> str:
    if not isinstance(name, str):
        raise HTTPException(400, "The name of the annotator is missing.")
    try:
        labels.path_of(name, asked.folder)
    except TableError as error:
        raise HTTPException(400, str(error).replace("\nNext: use", " Use")) from None
    # On some systems both would be one file; and who is Anna today and anna tomorrow would begin again.
    others = [path.stem for path in asked.folder.glob("*.jsonl") if path.stem != name and path.stem.casefold() == name.casefold()]
    if others:
        raise HTTPException(400, f"There is an annotator {others[0]}: names have to differ in more than their capitals, got {name}.")
    if asked.annotator not in (None, name):
        raise HTTPException(400, f"This server was started for {asked.annotator} alone, got {name}.")
    return name


def _parsed(body: bytes, asked: Asked) -> Label:
    """The label in the body of a request.

    Raises:
        HTTPException: 400 where it is none; 410 where its answer is none of the queue, as after another `dvc repro`.
    """
    try:
        values = json.loads(body)
    except ValueError as error:
        raise HTTPException(400, f"A label has to be JSON: {error}. Nothing was written.") from None
    if not isinstance(values, dict):
        raise HTTPException(400, f"A label has to be a JSON object, got {type(values).__name__}. Nothing was written.")
    name, label, comment = _annotator(values.get("annotator"), asked), values.get("label"), values.get("comment")
    if "label" not in values or isinstance(label, bool) or not (label is None or label in asked.allowed):
        allowed = ", ".join(map(str, asked.allowed))
        raise HTTPException(400, f"A label has to be one of {allowed}, or null to skip, got {str(label)[:40]!r}. Nothing was written.")
    if comment is not None and not (isinstance(comment, str) and len(comment) <= LONGEST_COMMENT):
        raise HTTPException(400, f"A comment has to be a text of at most {LONGEST_COMMENT} characters. Nothing was written.")
    item = values.get("item_id")
    if not isinstance(item, str) or item not in asked.rows:
        raise HTTPException(410, "This answer is no longer among those that are asked about. Nothing was written.")
    # Half a character, which JSON can hold and a file cannot, becomes a question mark.
    text = (comment or "").encode(errors="replace").decode().strip()
    return Label(item, name, None if label is None else float(label), text or None, asked.queue)


def _file(name: str) -> Any:
    async def file(_: Request) -> Response:
        return FileResponse(_PAGE / name)

    return file


async def _refused(_: Request, error: Any) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code)


async def _unreadable(_: Request, error: Any) -> Response:
    return JSONResponse({"error": str(error)}, 500)


async def _unwritten(_: Request, error: Any) -> Response:
    what = error.strerror or str(error)
    return JSONResponse({"error": f"The label could not be written: {what}. This answer stays here until it can be."}, 507)
