"""Complete prompts with a hosted chat model, each prompt as a user's message: what generators and questioners need."""

from collections.abc import Sequence
from typing import Literal

from judge.errors import ModelError
from judge.models import chat, chat_replies, chat_wire, hosted, inference_api
from judge.models.chat import ChatModel
from judge.models.local_llm import Completion
from judge.models.wires import Failure

WireName = Literal["chat", "huggingface-api"]


def complete(
    model: ChatModel,
    system: str | None,
    prompts: Sequence[str],
    *,
    wire: WireName,
    budget_usd: float | None,
    max_failed_share: float,
    what: str,
) -> list[Completion]:
    """Complete each prompt, in order; one that the model refuses, or that fails for good, has no text.

    Raises:
        ModelError: more than `max_failed_share` of the requests failed; the others are kept, and asked no second time.
        BudgetError, ModelError, Planned: as `hosted.ask` raises them.
    """
    opening = [] if system is None else [{"role": "system", "content": system}]
    bodies = [chat.body_of(model, [*opening, {"role": "user", "content": prompt}]) for prompt in prompts]
    outcomes = hosted.ask(
        bodies, chat_wire.WIRE if wire == "chat" else inference_api.WIRE, model.endpoint, budget_usd=budget_usd, what=what
    )
    errors = [reply for reply in outcomes if isinstance(reply, Failure) and reply.reason == "error"]
    if len(errors) > max_failed_share * len(outcomes):
        raise ModelError(
            f"{len(errors)} of {len(outcomes)} requests to {model.model} at {model.endpoint.url} failed; "
            f"answer.max_failed_share allows {max_failed_share:.0%}. The first: {errors[0].detail}\n"
            "Next: run the same command again; what came is kept, and only what failed is asked again.",
        )
    return [
        Completion(None, reply.usage) if isinstance(reply, Failure) else Completion(chat_replies.read(reply).choices[0].text, reply.usage)
        for reply in outcomes
    ]
