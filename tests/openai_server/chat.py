"""POST /v1/chat/completions."""

from typing import ClassVar

from tests.openai_server.messages import Json, Request, Response, WireError, json_body
from tests.openai_server.scripted import choice_of, spoil
from tests.openai_server.state import CHAT, Model, Route, State
from tests.openai_server.stored import NOW
from tests.openai_server.texts import digest, split_tokens, text_of


class Chat(State):
    """Chat completions: what the scripted model says, in the shape that was asked for."""

    ROUTES: ClassVar[list[Route]] = [
        ("POST", CHAT, "_post_chat"),
    ]

    def _post_chat(self, request: Request) -> Response:
        return self._chat(json_body(request), request.fault)

    def _chat(self, body: Json, fault: str | None = None) -> Response:
        _check(body, self._model(body.get("model")))
        scripted = spoil(self.respond(body), fault)
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        choices = [choice_of(index, scripted, limit, body) for index in range(body.get("n") or 1)]
        spoken = sum(count for _, count in choices)
        asked = sum(3 + len(split_tokens(text_of(message.get("content")))) for message in body["messages"])
        self._token_bucket.spend(asked + spoken)
        payload = {
            "id": f"chatcmpl-{digest(body)}",
            "object": "chat.completion",
            "created": NOW,
            "model": body["model"],
            "choices": [choice for choice, _ in choices],
            "usage": {
                "prompt_tokens": asked,
                "completion_tokens": spoken,
                "total_tokens": asked + spoken,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_loopback",
        }
        return Response(payload, delay_s=scripted.delay_s)


def _check(body: Json, model: Model) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) and "role" in one for one in messages):
        raise WireError(400, "Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter")
    if body.get("stream"):
        raise WireError(400, "This server does not stream.", param="stream", code="unsupported_parameter")
    for key, least, most in (("n", 1, 128), ("top_logprobs", 0, 20), ("temperature", 0, 2)):
        value = body.get(key)
        if value is not None and not isinstance(value, int | float):
            raise WireError(400, f"Invalid type for '{key}': expected a number.", param=key, code="invalid_type")
        if value is not None and not least <= value <= most:
            side, limit = ("above_max", f"<= {most}") if value > most else ("below_min", f">= {least}")
            raise WireError(
                400, f"Invalid '{key}': expected a value {limit}, but got {value} instead.", param=key, code=f"integer_{side}_value"
            )
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise WireError(400, "The 'logprobs' parameter must be true when 'top_logprobs' is set.", param="top_logprobs")
    if body.get("logprobs") and not model.logprobs:
        message = "Unsupported parameter: 'logprobs' is not supported with this model."
        raise WireError(400, message, param="logprobs", code="unsupported_parameter")
    if (body.get("n") or 1) > 1 and not model.several:
        message = "Unsupported value: 'n' does not support a value above 1 with this model. Only the default (1) value is supported."
        raise WireError(400, message, param="n", code="unsupported_value")
    if body.get("max_tokens") is not None and not model.max_tokens:
        message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        raise WireError(400, message, param="max_tokens", code="unsupported_parameter")
