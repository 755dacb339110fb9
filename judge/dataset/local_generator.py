"""The generator of kind `huggingface`: a model that runs here."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from judge.dataset.asking import Asking
from judge.models.language_models import ModelSettings
from judge.models.local_llm import Completion, DecodingSettings, LocalLLM
from judge.settings import Option


class HuggingFace(Option):
    """A Hugging Face model that runs here."""

    kind: Literal["huggingface"]
    model: ModelSettings
    is_chat: bool = Field(description="whether the prompt is sent as a user's message, in the model's own chat format")
    prompt: str = Field(min_length=1, description="the prompt; {context} and {question} are filled in, and {context} may be left out")
    decoding: DecodingSettings

    def complete(self, prompts: Sequence[str], asking: Asking) -> list[Completion]:
        """What the model writes after each prompt, in order.

        Raises:
            PinError, ModelError: the model cannot be loaded, or a single prompt does not fit into memory.
        """
        llm = LocalLLM(self.model, self.decoding, is_chat=self.is_chat, seed=asking.seed)
        return [Completion(text, None) for text in llm.complete(prompts, "answer")]
