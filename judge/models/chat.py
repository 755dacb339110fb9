"""Chat completions through llama-index's OpenAI client: any server that speaks OpenAI's wire."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from judge.models import hosted, wires
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Failure, Send
from judge.settings import Settings
from judge.tables.usage import Usage

if TYPE_CHECKING:
    import httpx
    from openai.types.chat import ChatCompletion


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


class Token(NamedTuple):
    """A token of a reply, its natural-log probability, and those of the alternatives that the server lists, itself among them."""

    text: str
    logprob: float
    alternatives: dict[str, float]


class Choice(NamedTuple):
    """One reply's text, None where it is empty; its tokens where log-probabilities were asked for and given."""

    text: str | None
    tokens: list[Token] | None


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
    return [
        outcome if isinstance(outcome, Failure) else read(outcome)
        for outcome in hosted.ask(bodies, WIRE, model.endpoint, budget_usd=budget_usd, what=what)
    ]


def kept(model: ChatModel, bodies: Sequence[Body]) -> list[ChatReply | None]:
    """The replies that the cache has, in order."""
    return [None if reply is None else read(reply) for reply in hosted.kept(bodies, WIRE, model.endpoint)]


def read(reply: wires.HostedReply) -> ChatReply:
    """A reply's choices."""
    return ChatReply([_choice(choice) for choice in reply.body["choices"]], reply.usage)


def _choice(choice: Any) -> Choice:
    content = ((choice.get("logprobs") or {}).get("content")) or None
    tokens = content and [
        Token(
            token["token"],
            token["logprob"],
            {other["token"]: other["logprob"] for other in token.get("top_logprobs") or []} | {token["token"]: token["logprob"]},
        )
        for token in content
    ]
    text = choice["message"].get("content")
    return Choice(text if text and text.strip() else None, tokens or None)


class ChatWire:
    """POST /chat/completions."""

    name = "chat"

    def connect(self, endpoint: Endpoint, client: "httpx.AsyncClient", closing: AsyncExitStack) -> Send:  # noqa: ARG002 - it opens none
        """Send by llama-index's OpenAILike, whose client is the official one."""
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.openai_like import OpenAILike
        from openai import omit

        asker = wires.openai_client(endpoint, client)
        models: dict[str, OpenAILike] = {}

        async def send(body: Body) -> Body:
            name = body["model"]
            if name not in models:
                # OpenAILike is llama-index's OpenAI without the list of known models. The retries are those of the client alone.
                models[name] = OpenAILike(
                    model=name, api_key=asker.api_key, api_base=endpoint.url, is_chat_model=True, max_retries=0, async_openai_client=asker
                )
            messages = [ChatMessage(role=message["role"], content=message["content"]) for message in body["messages"]]
            # As extra_body the fields go out as they are, those that only another server knows as well;
            # omit keeps llama-index from sending a temperature of its own.
            fields = {field: value for field, value in body.items() if field not in ("model", "messages")}
            response = await models[name].achat(messages, temperature=omit, extra_body=fields)
            return essence(response.raw)

        return send

    def tokens(self, reply: Body) -> tuple[int, int]:
        """As `usage` says; 0 where the server does not count."""
        usage = reply.get("usage") or {}
        return int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0))

    def refusal(self, reply: Body) -> str | None:
        """The model's own words, or that the server's filter stopped it."""
        first = reply["choices"][0]
        said = first["message"].get("refusal")
        if said:
            return str(said)
        return "the server's content filter stopped the reply" if first.get("finish_reason") == "content_filter" else None

    def most_tokens(self, body: Body) -> tuple[int, int]:
        """The messages as counted with cl100k, and the limit of the reply times `n`."""
        # Three tokens a message for its frame, as OpenAI counts them.
        sent = sum(wires.count_tokens(message["content"]) + 3 for message in body["messages"])
        returned = int(body.get("max_tokens") or body.get("max_completion_tokens") or 0)
        return sent, returned * int(body.get("n", 1))


def essence(completion: "ChatCompletion") -> Body:
    """What of a completion is kept: no ids and no times, which differ from run to run.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: it is no chat completion that can be read.
    """
    reply = completion.model_dump(exclude_none=True, warnings=False)
    choices = [
        {name: choice[name] for name in ("message", "finish_reason", "logprobs") if choice.get(name) is not None}
        for choice in sorted(reply["choices"], key=lambda choice: choice.get("index", 0))
    ]
    if not choices:
        message = "the reply has no choices"
        raise ValueError(message)
    for choice in choices:
        choice["message"] = {name: choice["message"][name] for name in ("content", "refusal") if choice["message"].get(name) is not None}
        for token in (choice.get("logprobs") or {}).get("content") or []:
            token.pop("bytes", None)
            for other in token.get("top_logprobs") or []:
                other.pop("bytes", None)
        # What cannot be read is not to be kept: it would fail at every run.
        _choice(choice)
    return {"model": reply.get("model"), "choices": choices, "usage": reply.get("usage")}


WIRE = ChatWire()
