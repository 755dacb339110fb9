"""Hugging Face's Inference API, or an Inference Endpoint of your own, through llama-index's HuggingFaceInferenceAPI."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from judge.models.chat_wire import ChatWire
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Send, StatusError, Unconnected

if TYPE_CHECKING:
    import httpx
    from llama_index.llms.huggingface_api import HuggingFaceInferenceAPI


# Statuses that pass with time: too many requests, a model that is being loaded, a gateway that stumbled.
_PASSING = (429, 500, 502, 503, 504)


class InferenceWire(ChatWire):
    """Chat completions by provider `auto`, or at `base_url` where the option names an endpoint."""

    name = "huggingface-api"

    def connect(self, endpoint: Endpoint, client: "httpx.AsyncClient", closing: AsyncExitStack) -> Send:  # noqa: ARG002 - it has its own
        """Send by llama-index's HuggingFaceInferenceAPI."""
        sender = _Sender(endpoint)
        closing.push_async_callback(sender.aclose)
        return sender


class _Sender:
    """Sends bodies; a client for each model, closed at the end."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._key = endpoint.key()
        self._clients: dict[str, HuggingFaceInferenceAPI] = {}

    async def __call__(self, body: Body) -> Body:
        # Hugging Face's client never asks again by itself, so these are the only retries.
        for attempt in range(self._endpoint.retries):
            try:
                return await self._once(body)
            except StatusError as error:
                if error.status_code not in _PASSING:
                    raise
            except Unconnected:
                pass
            await asyncio.sleep(min(0.5 * 2**attempt, 8.0))
        return await self._once(body)

    async def aclose(self) -> None:
        for client in self._clients.values():
            # llama-index keeps its client to itself and never closes it.
            await client._async_client.close()  # noqa: SLF001

    async def _once(self, body: Body) -> Body:
        from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.huggingface_api import HuggingFaceInferenceAPI

        name = self._endpoint.base_url or body["model"]
        if name not in self._clients:
            self._clients[name] = HuggingFaceInferenceAPI(model_name=name, token=self._key or False, timeout=self._endpoint.timeout_s)
        messages = [ChatMessage(role=message["role"], content=message["content"]) for message in body["messages"]]
        fields = {field: value for field, value in body.items() if field not in ("model", "messages")}
        try:
            output = (await self._clients[name].achat(messages, **fields)).raw
        except HfHubHTTPError as error:
            raise StatusError(error.response.status_code, str(error)) from error
        except (InferenceTimeoutError, OSError) as error:
            raise Unconnected(str(error)) from error
        choice, usage = output.choices[0], output.usage
        return {
            "model": output.model,
            "choices": [{"message": {"content": choice.message.content}, "finish_reason": choice.finish_reason}],
            "usage": {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens} if usage else None,
        }


WIRE = InferenceWire()
