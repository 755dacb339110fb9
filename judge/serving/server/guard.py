"""What stands before the routes: who may ask, how much and how long, what is counted and logged, and what a browser may do."""

import asyncio
import json
import secrets
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from judge.serving.server import logs
from judge.serving.server.limits import Access, Limits
from judge.serving.server.metrics import Metrics
from judge.web import addresses
from judge.web.headers import HEADERS

OPEN = ("/", "/page.css", "/page.js", "/health", "/ready", "/openapi.json")
"""What needs no token: the page, which holds nothing, and what an orchestrator asks."""

ROUTES = (*OPEN, "/metrics", "/v1/judge", "/v1/systemone", "/v1/decisions")
"""What is counted by name; all else is `other`, so that no stranger makes up names."""

# Bodies of all requests together that are held at a time, in bodies of the largest kind.
_BODIES = 32
# A body that is too large is read to its end and dropped up to so many times the limit: who is cut off in sending hears no answer.
_DROPPED = 8


class _RefusedError(Exception):
    """A request is answered here, with a status and a sentence."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status = status
        self.headers = headers


class _GoneError(Exception):
    """Whoever asked has hung up."""


class _Reply:
    """Sends a reply with the headers of all, and knows how far it is; `status` is 0 before it began."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self.is_complete = False
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message).update(HEADERS)
        await self._send(message)
        self.is_complete = message["type"] == "http.response.body" and not message.get("more_body", False)

    async def refuse(self, status: int, said: str, headers: dict[str, str] | None = None) -> None:
        """Answer with a sentence, unless the application has begun to answer."""
        if self.status:
            return
        body = json.dumps({"error": said}).encode()
        sent = {"content-type": "application/json", "content-length": str(len(body))} | (headers or {})
        encoded = [(name.encode(), value.encode()) for name, value in sent.items()]
        await self({"type": "http.response.start", "status": status, "headers": encoded})
        await self({"type": "http.response.body", "body": body})


class Guard:
    """Wraps an application.

    Attributes:
        is_stopping: refuses what comes from now on; what has come is finished.
        judged: how many requests were answered with judgments, to the last byte that the server had to send.
    """

    def __init__(self, app: ASGIApp, access: Access, limits: Limits, metrics: Metrics) -> None:
        self.is_stopping = False
        self.judged = 0
        self._app = app
        self._access = access
        self._limits = limits
        self._metrics = metrics
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, reply = time.monotonic(), _Reply(send)
        route = scope["path"] if scope["path"] in ROUTES else "other"
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                self._admit(scope)
                await self._hand_on(scope, receive, reply)
        except _GoneError:
            reply.status = 499
        except _RefusedError as error:
            await reply.refuse(error.status, str(error), error.headers)
        except TimeoutError:
            await reply.refuse(504, f"There was no answer within {self._limits.timeout_s:g} s. Next: ask for fewer rows, or later.")
        except Exception as error:  # noqa: BLE001 - a fault of ours: its message may quote a text, so its name and place are logged
            logs.write("failure", route=route, error=type(error).__name__, where=_place(error))
            await reply.refuse(500, "The server failed; its log says where.")
        finally:
            seconds = time.monotonic() - began
            rows = scope.get("state", {}).get("rows", 0)
            self.judged += bool(rows and reply.is_complete and reply.status == 200)
            self._metrics.request(route, reply.status, seconds)
            logs.write("request", route=route, status=reply.status, rows=rows, seconds=round(seconds, 4))

    async def _hand_on(self, scope: Scope, receive: Receive, reply: "_Reply") -> None:
        """Let the application answer, once the whole body is there."""
        body = await self._body(Headers(scope=scope), receive)
        self._held_bytes += len(body)
        try:
            await self._app(scope, _replayed(body, receive), reply)
        finally:
            self._held_bytes -= len(body)

    def _admit(self, scope: Scope) -> None:
        """Refuse by what stands in the head of a request.

        Raises:
            _RefusedError: it is none for this server, comes too late, or bears no token.
        """
        headers = Headers(scope=scope)
        if self._access.names is not None and not addresses.is_named(headers.get("host", ""), self._access.names):
            raise _RefusedError(403, "This server is not known by that name.")
        if self.is_stopping and scope["path"] != "/health":
            raise _RefusedError(503, "The server is stopping.", connection="close")
        if self._access.token is None or scope["path"] in OPEN:
            return
        kind, _, given = headers.get("authorization", "").partition(" ")
        # In constant time, so that nobody learns a token letter by letter.
        if kind.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), self._access.token.encode()):
            raise _RefusedError(401, "This server wants its token: Authorization: Bearer TOKEN.", **{"www-authenticate": "Bearer"})

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        """The whole body.

        Raises:
            _RefusedError: it is too large, or too many others are held.
            _GoneError: it broke off.
        """
        most, said = self._limits.max_bytes, headers.get("content-length", "0")
        announced = int(said) if said.isdecimal() and len(said) < 16 else most + 1
        if announced > _DROPPED * most:
            raise _too_large(most)
        body, size, more = bytearray(), 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size > _DROPPED * most:
                raise _too_large(most)
            if size <= most:
                body += piece
        if size > most:
            raise _too_large(most)
        if self._held_bytes + size > _BODIES * most:
            raise _RefusedError(429, "Too many large requests are under way. Next: ask again.", **{"retry-after": "1"})
        return bytes(body)


def _too_large(most: int) -> _RefusedError:
    return _RefusedError(413, f"A body may have {most:,} bytes at most. Next: send fewer rows at a time.", connection="close")


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What gives an application the body that was read, and then what comes after it."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _place(error: Exception) -> str:
    """The file and line where an error was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno}"
