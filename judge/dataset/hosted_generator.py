"""The generators of kind `chat` and `huggingface-api`: a model at a server."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from judge.dataset.asking import Asking
from judge.models.chat import ChatModel
from judge.models.local_llm import Completion
from judge.settings import Option


class Hosted(Option):
    """A model at a server.

    `chat` is any that speaks OpenAI's wire (OpenAI's own, vLLM, Ollama, Together, Fireworks); `huggingface-api` is a model of
    the hub that Hugging Face runs, by llama-index's HuggingFaceInferenceAPI.
    """

    kind: Literal["chat", "huggingface-api"]
    chat: ChatModel
    system: str | None = Field(description="the system's message; null for none")
    prompt: str = Field(
        min_length=1, description="the user's message; {context} and {question} are filled in, and {context} may be left out"
    )

    def complete(self, prompts: Sequence[str], asking: Asking) -> list[Completion]:
        """What the model writes after each prompt, in order; no text where it refuses or a request fails for good.

        Raises:
            ModelError: too many requests failed.
            BudgetError: the next request could pass the budget.
        """
        from judge.models.hosted_llm import complete

        return complete(
            self.chat,
            self.system,
            prompts,
            wire=self.kind,
            budget_usd=asking.budget_usd,
            max_failed_share=asking.max_failed_share,
            what="answer",
        )
