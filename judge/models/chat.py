"""Chat completions: the settings of a chat model, what is asked of it, and what comes back.

Importing this module loads no HTTP client: what asks is imported by `ask`, `kept` and `plan`.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pydantic import Field

from judge.models.choices import Choice, choice_of
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Failure, HostedReply
from judge.settings import Settings
from judge.tables.dry_run import Planned
from judge.tables.usage import Usage

Message = dict[str, str]
"""`role` (system, user or assistant) and `content`."""


class ChatModel(Settings):
    """A chat model at a server, and how it draws its replies."""

    model: str = Field(min_length=1, description="the model's name at the server")
    temperature: float | None = Field(ge=0.0, le=2.0, description="0 takes the likeliest token; null leaves it to the server")
    max_tokens: int = Field(ge=1, description="tokens of a reply, at most")
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = Field(
        description="what the server calls that limit: newer OpenAI models want max_completion_tokens, most other servers max_tokens",
    )
    extra: dict[str, Any] = Field(description="further fields of the request, such as reasoning_effort; {} for none")
    endpoint: Endpoint


class ChatReply(NamedTuple):
    """What came back for one conversation: a choice for each of the `n` asked for."""

    choices: list[Choice]
    usage: Usage


def body_of(model: ChatModel, messages: Sequence[Message], **fields: Any) -> Body:
    """The JSON body of a request: the conversation, the model's settings, and further fields such as `logprobs` or `n`."""
    body: Body = {"model": model.model, "messages": [dict(message) for message in messages], model.max_tokens_name: model.max_tokens}
    if model.temperature is not None:
        body["temperature"] = model.temperature
    return {**body, **model.extra, **fields}


def ask(model: ChatModel, bodies: Sequence[Body], *, budget_usd: float | None, what: str) -> list[ChatReply | Failure]:
    """Ask for completions, in order; raises as `hosted.ask` does."""
    from judge.models import hosted
    from judge.models.chat_wire import WIRE

    return [
        outcome if isinstance(outcome, Failure) else read(outcome)
        for outcome in hosted.ask(bodies, WIRE, model.endpoint, budget_usd=budget_usd, what=what)
    ]


def kept(model: ChatModel, bodies: Sequence[Body]) -> list[ChatReply | None]:
    """The replies that the cache has, in order; None where it has none."""
    from judge.models import hosted
    from judge.models.chat_wire import WIRE

    return [None if reply is None else read(reply) for reply in hosted.kept(bodies, WIRE, model.endpoint)]


def plan(model: ChatModel, waiting: Sequence[Body], *, what: str, cached: int, batch: bool = False) -> Planned:
    """What it would take to ask for completions: the requests `waiting`, beside those that are `cached`; `batch`, at half the price."""
    from judge.models import hosted
    from judge.models.chat_wire import WIRE

    factor = hosted.BATCH_PRICE_FACTOR if batch else 1.0
    return hosted.plan(waiting, WIRE, model.endpoint, what=what, cached=cached, price_factor=factor)


def read(reply: HostedReply) -> ChatReply:
    """A reply's choices."""
    return ChatReply([choice_of(choice) for choice in reply.body["choices"]], reply.usage)
