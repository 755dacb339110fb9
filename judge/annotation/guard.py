"""Who may talk to the page's server, and what a browser may do with what it gets.

The server is for the people who were given its address, which holds a token that nobody can guess.
Other pages that are open in the same browser can send requests to it as well, and a name in the network can be pointed at it
(DNS rebinding): both are refused. A browser runs nothing but the page's own script, whatever stands in the texts that models wrote.
"""

import ipaddress
import secrets
import socket

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER = "x-judge-token"  # noqa: S105 -- the name of a header
API = "/api/"
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Wraps an application: refuses strangers with 403, and gives every response the headers above."""

    def __init__(self, app: ASGIApp, token: str, host: str) -> None:
        self._app = app
        self._token = token
        # A network address cannot be pointed elsewhere; a name can, so only the names of this machine are taken.
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
        if not self._is_here(headers.get("host", "")):
            return "Refused: this server is not known by that name.\n"
        given = headers.get(TOKEN_HEADER, "") if path.startswith(API) else path.removeprefix("/").partition("/")[0]
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            return "Refused: open the whole address that `judge annotate` printed when it was last started.\n"
        return None

    def _is_here(self, host: str) -> bool:
        """Whether a Host header names this machine: by an address, or by a name that is its own."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        name = name.removeprefix("[").removesuffix("]").lower()
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True
