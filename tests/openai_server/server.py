"""The server: HTTP/1.1 on loopback, in a thread of its own."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.openai_server.batches import Batches
from tests.openai_server.chat import Chat
from tests.openai_server.decisions import Decisions
from tests.openai_server.faults import STATUS_FAULTS, WIRE_FAULTS
from tests.openai_server.files import Files
from tests.openai_server.fine_tuning import FineTuning
from tests.openai_server.messages import Json, Request, Response, WireError, encode, payload_of, read_request
from tests.openai_server.scripted import Scripted, grade
from tests.openai_server.state import ASKED, CHAT
from tests.openai_server.system_one import SystemOne
from tests.openai_server.texts import canonical


class OpenAIServer(Decisions, SystemOne, Files, FineTuning, Batches):
    """The server: a context manager that listens on 127.0.0.1, in a thread of its own.

    Attributes to set:
        latency_s: seconds that every answer of a model takes.
        respond: from the body of a chat request to what the model says; runs in the server's thread.
        decide: from a text (the evidence and the question) and the number of options to their probabilities, or None for a refusal.
        models: the known models by name, with what each allows; any other is a 404.
        key: the API key that is demanded; None takes any.
        faults: the faults of the next requests to `fault_paths`, in order of arrival; "ok" is none. See `FAULTS`.
        retry_after_s: what the fault 429 says; the official client passes over 0.
        hold_s: how long the fault timeout holds a request before it hangs up.
        requests_per_minute, tokens_per_minute: what the rate headers say; with `enforce_rate`, more is a 429.
        rate_headers: rate headers instead of the computed ones.
        job_polls, batch_polls: looks at a job or batch until it has ended.
        job_error: the error (code, message, param) that fine-tuning jobs end with; None lets them succeed.
        batch_end: how batches end: completed, failed, or expired with half of its requests answered.
        batch_fate: from a custom_id to what becomes of that request in a batch.
        system_one_levels: how many levels a score of System One may have: 10 at the hosted service, 26 in transformers.

    Attributes to read:
        requests: every request in order of arrival.
        paid: how often each chat request, by its canonical body, was answered in full with a well-formed 200.
        in_flight_peak: the most requests that were under way at once.
    """

    def __init__(self, *, port: int = 0, latency_s: float = 0.0, respond: Callable[[Json], Scripted] = grade) -> None:
        super().__init__()
        self.latency_s = latency_s
        self.respond = respond
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()

    @property
    def origin(self) -> str:
        """The address without a path, known once the server has started."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL."""
        return f"{self.origin}/v1"

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", self._port), backlog=1024)
        self._port = listener.getsockname()[1]
        self._ready.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(listener)), daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _serve(self, listener: socket.socket) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, sock=listener)
        self._ready.set()
        async with server:
            await self._stopped.wait()
        # The connections that are still open are cancelled by asyncio.run.

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has hung up
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; False ends the connection."""
        try:
            request = await read_request(reader)
        except (ValueError, asyncio.LimitOverrunError):
            writer.write(encode(WireError(400, "The request is no HTTP that this server understands.").reply))
            return False
        self.requests.append(request)
        number = len(self.requests)
        self._in_flight += 1
        self.in_flight_peak = max(self.in_flight_peak, self._in_flight)
        try:
            reply = await self._reply(request)
        finally:
            self._in_flight -= 1
        # A client that has hung up meanwhile got nothing, so nothing counts as paid.
        if reply is None or reader.at_eof() or writer.is_closing():
            return False
        reply.headers |= {"x-request-id": f"req_{number}", **self._rates()}
        data = encode(reply)
        if request.fault == "cut":
            writer.write(data[: data.index(b"\r\n\r\n") + 4 + len(payload_of(reply)) // 2])
            return False
        request.status = reply.status
        if request.path == CHAT and reply.status == 200 and request.fault not in WIRE_FAULTS:
            self.paid[canonical(request.body)] += 1
        writer.write(data)
        await writer.drain()
        return request.headers.get("connection") != "close"

    async def _reply(self, request: Request) -> Response | None:
        """The reply, once its latency is over; None hangs up."""
        try:
            self._authorise(request.headers.get("authorization", ""))
            if request.path in ASKED:
                self._limit()
            request.fault = self._next_fault(request)
            if request.fault == "timeout":
                await asyncio.sleep(self.hold_s)
                return None
            if request.fault in STATUS_FAULTS:
                return self._status_fault(request.fault)
            reply = self._route(request)
        except WireError as error:
            return error.reply
        if request.path in ASKED:
            await asyncio.sleep(self.latency_s + reply.delay_s)
        if request.fault == "truncated":
            whole = payload_of(reply)
            reply.payload = whole[: len(whole) // 2]
        if request.fault == "malformed":
            reply.payload = b'{"id": "chatcmpl-0", "choices": [}'
        return reply

    def _route(self, request: Request) -> Response:
        for method, pattern, handler in _ROUTES:
            match = pattern.fullmatch(request.path)
            if method == request.method and match:
                reply: Response = getattr(self, handler)(request, *match.groups())
                return reply
        raise WireError(404, f"Invalid URL ({request.method} {request.path})")


_ROUTES = [
    (method, re.compile(pattern), handler)
    for endpoint in (Chat, Decisions, SystemOne, Files, FineTuning, Batches)
    for method, pattern, handler in endpoint.ROUTES
]
