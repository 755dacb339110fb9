"""llama-index's HuggingFaceLLM, with a batch of prompts at a time instead of one.

A completion is the same whatever shares its batch, to the last bit: a prompt is padded to a length that is its own, a batch has the
rows that it is given, and each row draws its own random numbers. So only the shapes of the products decide over last digits.

Import this module only where a local model runs: it loads torch and transformers.
"""

from collections.abc import Sequence
from typing import Any

import torch
from llama_index.llms.huggingface import HuggingFaceLLM
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from judge.models import prompt_cache

# Prompts are padded to a multiple of so many tokens: fewer makes more lengths, each with a batch that is not full, and more makes more
# padding, which is never read on a processor and costs 2% of a step of 32 rows.
_STEP = 256


class BatchedHuggingFaceLLM(HuggingFaceLLM):  # type: ignore[misc]  # llama-index has no types for it
    """A HuggingFaceLLM that completes several prompts in one batch.

    Everything else (query wrapper, system prompt, chat format, `complete`, `chat`) is the parent's.
    """

    @classmethod
    def class_name(cls) -> str:
        """The name under which llama-index serialises this class."""
        return "BatchedHuggingFaceLLM"

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, which the parent keeps to itself."""
        return self._tokenizer

    def complete_batch(self, prompts: Sequence[str], stop: Sequence[str] = (), seeds: Sequence[int] | None = None) -> list[str]:
        """Complete formatted prompts together, in order.

        Args:
            prompts: texts as the model shall see them, special tokens of a chat format included. Completions do not depend on what
                they share the batch with where all have the same `padded_length`.
            stop: texts at which a completion ends; what follows the first of them is cut off, and so is it.
            seeds: of each prompt's random numbers, where `generate_kwargs` asks for sampling.
        """
        tokenizer, device = self._tokenizer, self._model.device
        rows = [_ids(tokenizer, prompt) for prompt in prompts]
        length = max(padded_length(tokenizer, prompt) for prompt in prompts)
        # Generation goes on at the right end, so prompts are filled up on the left.
        padding = [length - len(ids) for ids in rows]
        inputs = torch.tensor([[tokenizer.pad_token_id] * short + ids for short, ids in zip(padding, rows, strict=True)], device=device)
        mask = torch.tensor([[0] * short + [1] * len(ids) for short, ids in zip(padding, rows, strict=True)], device=device)
        with torch.inference_mode():
            outputs = self._model.generate(
                input_ids=inputs,
                attention_mask=mask,
                past_key_values=prompt_cache.read(self._model, rows, length) if device.type == "cpu" else None,
                max_new_tokens=self.max_new_tokens,
                # Drawing is done by a processor, after which the highest score is the one that was drawn.
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
                logits_processor=self._drawing(seeds or [0] * len(rows)),
                stopping_criteria=StoppingCriteriaList([_StopAtText(tokenizer, stop, length)]) if stop else None,
            )
        texts = tokenizer.batch_decode(outputs[:, length:], skip_special_tokens=True)
        return [_until(text, stop) for text in texts]

    def _drawing(self, seeds: Sequence[int]) -> LogitsProcessorList:
        processors = LogitsProcessorList()
        if self.generate_kwargs.get("do_sample"):
            processors.append(TemperatureLogitsWarper(self.generate_kwargs["temperature"]))
            if self.generate_kwargs["top_p"] < 1.0:
                processors.append(TopPLogitsWarper(self.generate_kwargs["top_p"]))
            processors.append(_Drawn(seeds))
        return processors


def padded_length(tokenizer: Any, prompt: str) -> int:
    """Tokens of a formatted prompt in its batch, with the padding."""
    return -(-len(_ids(tokenizer, prompt)) // _STEP) * _STEP


def _ids(tokenizer: Any, prompt: str) -> list[int]:
    # A chat format brings its own first token; a plain prompt needs the tokenizer's.
    starts_itself = bool(tokenizer.bos_token) and prompt.startswith(tokenizer.bos_token)
    ids: list[int] = tokenizer(prompt, add_special_tokens=not starts_itself)["input_ids"]
    return ids


class _Drawn(LogitsProcessor):
    """Draws a token for each row: adds Gumbel noise, after which the highest score falls on a token with its probability.

    Each row has a generator of its own, so what it draws does not depend on the rows beside it (Gumbel 1954; Maddison et al. 2014).
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - the signature is that of transformers
        """The scores, (rows, vocabulary), with noise."""
        exponential = torch.stack([torch.empty(scores.shape[1]).exponential_(generator=one) for one in self._generators])
        return scores.float() - exponential.log().to(scores.device)


class _StopAtText(StoppingCriteria):
    """Ends each row of a batch for itself, when one of the texts shows in what it has written."""

    def __init__(self, tokenizer: Any, stop: Sequence[str], prompt_length: int) -> None:
        self._tokenizer = tokenizer
        self._stop = tuple(stop)
        self._prompt_length = prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: Any) -> torch.Tensor:  # noqa: ARG002 - the signature is that of transformers
        """True for each row that is done, as transformers asks."""
        # The last few tokens are enough: a stop text is short, and an earlier one would have ended the row.
        first = max(self._prompt_length, input_ids.shape[1] - 8)
        tails = self._tokenizer.batch_decode(input_ids[:, first:], skip_special_tokens=True)
        done = [bool(tail.lstrip()) and any(text in tail.lstrip() for text in self._stop) for tail in tails]
        return torch.tensor(done, device=input_ids.device)


def _until(text: str, stop: Sequence[str]) -> str:
    text = text.lstrip()
    return text[: min((text.find(mark) for mark in stop if mark in text), default=len(text))]
