"""The wire of chat completions, by llama-index's OpenAI client: any server that speaks OpenAI's wire."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from judge.models import wires
from judge.models.choices import choice_of
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Send

if TYPE_CHECKING:
    import httpx
    from openai.types.chat import ChatCompletion


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
                # OpenAILike is llama-index's OpenAI without the list of known models; `retries` alone asks again.
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
        choice_of(choice)
    return {"model": reply.get("model"), "choices": choices, "usage": reply.get("usage")}


WIRE = ChatWire()
