"""What every wire format has to tell the queue of hosted requests, and what comes back."""

import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from judge.models.endpoints import Endpoint
from judge.tables.levels import Reason
from judge.tables.usage import Usage

if TYPE_CHECKING:
    import httpx
    from openai import AsyncOpenAI, OpenAI


Body = dict[str, Any]
Send = Callable[[Body], Awaitable[Body]]


@dataclass(frozen=True)
class HostedReply:
    """A complete reply: its JSON body, and what it cost when it was given."""

    body: Body
    usage: Usage


@dataclass(frozen=True)
class Failure:
    """Why there is no reply: the server declined (`refused`), or the request failed for good (`error`).

    `status` is that of HTTP, where there was one; `param` is what the server says was wrong with the request.
    """

    reason: Reason
    detail: str
    status: int | None = None
    param: str | None = None
    usage: Usage = field(default_factory=Usage)


class StatusError(Exception):
    """A wire's client got a status that says no; `headers` are those of the reply, with names in lower case."""

    def __init__(self, status: int, said: str, headers: Mapping[str, str]) -> None:
        super().__init__(said)
        self.status_code = status
        self.headers = headers


class Unconnected(Exception):  # noqa: N818 - named for what happened
    """A wire's client got no reply at all."""


class Wire(Protocol):
    """One wire format: how a body becomes a request, and what its reply says of tokens and refusal."""

    name: str

    def connect(self, endpoint: Endpoint, client: "httpx.AsyncClient", closing: AsyncExitStack) -> Send:
        """What sends a body once and returns the reply's; it raises an error of the openai client, StatusError or Unconnected.

        `client` is the HTTP client to send with. A wire whose library brings its own gives that one the `event_hooks` of
        `client`, which keep every attempt to the rate limits.

        `closing` is unwound when all is answered: there a wire that opens a client of its own has it closed.
        """
        ...

    def tokens(self, reply: Body) -> tuple[int, int]:
        """Tokens of the prompt and of the completion, as the server counted them."""
        ...

    def refusal(self, reply: Body) -> str | None:
        """What the model said in refusal; None where it did not refuse."""
        ...

    def most_tokens(self, body: Body) -> tuple[int, int]:
        """About how many tokens a request sends, and how many it can get back at most."""
        ...


def openai_client(endpoint: Endpoint, client: "httpx.AsyncClient") -> "AsyncOpenAI":
    """The official client for an endpoint, over an HTTP client that keeps to the rate limits; `retries` asks again, not the client."""
    from openai import AsyncOpenAI

    return AsyncOpenAI(
        api_key=endpoint.key() or "none",
        base_url=endpoint.url,
        max_retries=0,
        timeout=endpoint.timeout_s,
        http_client=client,
    )


def blocking_openai_client(endpoint: Endpoint) -> "OpenAI":
    """The official client for calls one after the other, as of files and jobs; `retries` asks again, not the client."""
    from openai import DefaultHttpxClient, OpenAI

    return OpenAI(
        api_key=endpoint.key() or "none",
        base_url=endpoint.url,
        max_retries=0,
        timeout=endpoint.timeout_s,
        # A proxy of the environment does not reach the servers of this machine.
        http_client=DefaultHttpxClient(timeout=endpoint.timeout_s, trust_env=not endpoint.is_loopback),
    )


_encoding_lock = threading.Lock()


def count_tokens(text: str) -> int:
    """About how many tokens a text has: those of cl100k, whose table llama-index carries, so no network is needed."""
    from llama_index.core.utils import get_tokenizer

    with _encoding_lock:
        return len(get_tokenizer()(text))
