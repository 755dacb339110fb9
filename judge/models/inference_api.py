"""Hugging Face's Inference API, or an Inference Endpoint of your own, through llama-index's HuggingFaceInferenceAPI."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from judge.models.chat_wire import ChatWire
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Send, StatusError, Unconnected

if TYPE_CHECKING:
    import httpx
    from llama_index.llms.huggingface_api import HuggingFaceInferenceAPI


class InferenceWire(ChatWire):
    """Chat completions by provider `auto`, or at `base_url` where the option names an endpoint."""

    name = "huggingface-api"

    def connect(self, endpoint: Endpoint, client: "httpx.AsyncClient", closing: AsyncExitStack) -> Send:
        """Send by llama-index's HuggingFaceInferenceAPI, whose HTTP client keeps to the same rate limits."""
        sender = _Sender(endpoint, client.event_hooks)
        closing.push_async_callback(sender.aclose)
        return sender


class _Sender:
    """Sends bodies; a client for each model, closed at the end."""

    def __init__(self, endpoint: Endpoint, hooks: dict[str, list[Any]]) -> None:
        self._endpoint = endpoint
        self._hooks = hooks
        # Without any, huggingface_hub would send the token that this machine's user has stored.
        self._key = endpoint.key() or "none"
        self._clients: dict[str, HuggingFaceInferenceAPI] = {}
        self._opening = asyncio.Lock()

    async def __call__(self, body: Body) -> Body:
        # HTTPError is that of the HTTP package which huggingface_hub is built on: httpx before version 2, httpx2 since.
        from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined]
        from llama_index.core.llms import ChatMessage

        client = await self._client(self._endpoint.base_url or body["model"])
        messages = [ChatMessage(role=message["role"], content=message["content"]) for message in body["messages"]]
        fields = {field: value for field, value in body.items() if field not in ("model", "messages")}
        try:
            output = (await client.achat(messages, **fields)).raw
        except HfHubHTTPError as error:
            raise StatusError(error.response.status_code, str(error), error.response.headers) from error
        except (HTTPError, OSError) as error:
            raise Unconnected(str(error)) from error
        choice, usage = output.choices[0], output.usage
        return {
            "model": output.model,
            "choices": [{"message": {"content": choice.message.content}, "finish_reason": choice.finish_reason}],
            "usage": {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens} if usage else None,
        }

    async def aclose(self) -> None:
        for client in self._clients.values():
            # llama-index keeps its client to itself and never closes it.
            await client._async_client.close()  # noqa: SLF001

    async def _client(self, name: str) -> "HuggingFaceInferenceAPI":
        from llama_index.llms.huggingface_api import HuggingFaceInferenceAPI

        async with self._opening:
            if name not in self._clients:
                client = HuggingFaceInferenceAPI(model_name=name, token=self._key, timeout=self._endpoint.timeout_s)
                # huggingface_hub makes its own HTTP client, of another package than the openai client's, and lends it to nobody;
                # its public factory is one for the whole process, while limits belong to an endpoint.
                session = await client._async_client._get_async_client()  # noqa: SLF001
                session.event_hooks = {event: [*session.event_hooks[event], *hooks] for event, hooks in self._hooks.items()}
                self._clients[name] = client
        return self._clients[name]


WIRE = InferenceWire()
