"""Generate text with a local model: prompts in, completions out, in order, each computed once and kept."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from judge.models import chat_format, cluster, language_models, local
from judge.models.language_models import ModelSettings
from judge.models.replies import Json
from judge.settings import Settings
from judge.tables.identity import digest
from judge.tables.usage import Usage

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from judge.models.batched_llm import BatchedHuggingFaceLLM


# Part of every cache key; to be raised when the same settings would give other completions.
_VERSION = 3


class Completion(NamedTuple):
    """What a model wrote after a prompt, and what it took where the model is hosted; no text where there is no reply."""

    text: str | None
    usage: Usage | None


class DecodingSettings(Settings):
    """How a completion is drawn."""

    max_new_tokens: int = Field(ge=1, le=4096, description="tokens of a completion, at most")
    temperature: float = Field(ge=0.0, le=2.0, description="0 takes the likeliest token each time")
    top_p: float = Field(gt=0.0, le=1.0, description="nucleus of the sampling; 1 is all of the distribution")
    stop: list[str] = Field(description="texts at which a completion ends")
    batch_size: int = Field(ge=1, le=1024, description="prompts in a batch; halved where memory runs out")


class LocalLLM:
    """A local model that completes prompts; loaded only when there is something that the cache does not know."""

    def __init__(self, model: ModelSettings, decoding: DecodingSettings, *, is_chat: bool, seed: int) -> None:
        self._model = model
        self._decoding = decoding
        self._is_chat = is_chat
        self._seed = seed
        self._llm: BatchedHuggingFaceLLM | None = None
        self._words: PreTrainedTokenizerBase | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without model and tokenizer: a process on another node loads its own."""
        return {**vars(self), "_llm": None, "_words": None}

    def complete(self, prompts: Sequence[str], what: str) -> list[str]:
        """Complete each prompt; a chat model gets it as the user's message.

        Args:
            prompts: the texts.
            what: the unit, for the progress bar.

        Raises:
            PinError, ModelError: the model cannot be loaded, or a single prompt does not fit into memory.
        """
        identity = {
            "version": _VERSION,
            "model": self._model.identity,
            "is_chat": self._is_chat,
            "decoding": self._decoding.model_dump(exclude={"batch_size"}),
            # Greedy decoding draws nothing, so another seed gives the same reply.
            "seed": self._seed if self._decoding.temperature > 0 else None,
        }
        return local.ask(
            [{"prompt": prompt} for prompt in prompts],
            self._run,
            identity=identity,
            length=self._length,
            batch_size=self._decoding.batch_size,
            what=what,
        )

    def llm(self) -> "BatchedHuggingFaceLLM":
        """The llama-index LLM behind it."""
        if self._llm is None:
            from judge.models.batched_llm import BatchedHuggingFaceLLM

            loaded = language_models.load(self._model)
            temperature = self._decoding.temperature
            sampling = {"temperature": temperature, "top_p": self._decoding.top_p, "top_k": 0} if temperature > 0 else {}
            with warnings.catch_warnings():
                # pydantic warns about llama-index's own field names.
                warnings.simplefilter("ignore")
                self._llm = BatchedHuggingFaceLLM(
                    model=loaded.model,
                    tokenizer=loaded.tokenizer,
                    model_name=self._model.identity,
                    tokenizer_name=self._model.identity,
                    context_window=int(getattr(loaded.model.config, "max_position_embeddings", 2048)),
                    max_new_tokens=self._decoding.max_new_tokens,
                    generate_kwargs={"do_sample": temperature > 0, **sampling},
                    is_chat_model=self._is_chat,
                )
        return self._llm

    def _run(self, batch: list[local.Request]) -> list[Json]:
        prompts = [self.formatted(request) for request in batch]
        # A seed for each prompt, so that it draws the same whatever shares its batch.
        seeds = [int(digest(self._seed, prompt)[:8], 16) for prompt in prompts]
        return self.llm().complete_batch(prompts, self._decoding.stop, seeds)

    def _length(self, request: local.Request) -> int:
        from judge.models.batched_llm import padded_length

        return padded_length(self._tokenizer(), self.formatted(request))

    def _tokenizer(self) -> "PreTrainedTokenizerBase":
        """The tokenizer; where a cluster is asked, without the model, which may not even fit into the memory of who asks."""
        if cluster.RUNTIME.get() is None:
            tokenizer: PreTrainedTokenizerBase = self.llm().tokenizer
            return tokenizer
        if self._words is None:
            self._words = language_models.load_tokenizer(self._model)
        return self._words

    def formatted(self, request: local.Request) -> str:
        """The prompt as the model sees it."""
        prompt: str = request["prompt"]
        return chat_format.message(self._tokenizer(), prompt) if self._is_chat else prompt
