"""Who may talk to the page's server, and what a browser may do with what it gets.

The server is for the people who were given its address, which holds a token that nobody can guess.
Other pages that are open in the same browser can send requests to it as well, and a name in the network can be pointed at it
(DNS rebinding): both are refused.
"""

import secrets
import socket

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from judge.web import addresses
from judge.web.headers import HEADERS

TOKEN_HEADER = "x-judge-token"  # noqa: S105 -- the name of a header
API = "/api/"


class Guard:
    """Wraps an application: refuses strangers with 403, and gives every response its headers."""

    def __init__(self, app: ASGIApp, token: str, host: str) -> None:
        self._app = app
        self._token = token
        self._names = {"localhost", host.lower(), socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an ASGI application."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        why_not = self._refusal(scope["path"], Headers(scope=scope))
        if why_not:
            await PlainTextResponse(why_not, 403)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _refusal(self, path: str, headers: Headers) -> str | None:
        """Why a request is refused; None where it is not. The data wants the token in a header, the page in its path."""
        if not addresses.is_named(headers.get("host", ""), self._names):
            return "Refused: this server is not known by that name.\n"
        given = headers.get(TOKEN_HEADER, "") if path.startswith(API) else path.removeprefix("/").partition("/")[0]
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            return "Refused: open the whole address that `judge annotate` printed when it was last started.\n"
        return None
