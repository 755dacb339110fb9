"""llama-index's HuggingFaceLLM, with a padded batch of prompts at a time instead of one.

Import this module only where a local model runs: it loads torch and transformers.
"""

from collections.abc import Sequence
from typing import Any

import torch
from llama_index.llms.huggingface import HuggingFaceLLM
from transformers import StoppingCriteria, StoppingCriteriaList


class BatchedHuggingFaceLLM(HuggingFaceLLM):  # type: ignore[misc]  # llama-index has no types for it
    """A HuggingFaceLLM that completes several prompts in one padded batch.

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

    def complete_batch(self, prompts: Sequence[str], stop: Sequence[str] = (), seed: int = 0) -> list[str]:
        """Complete formatted prompts together, in order.

        Args:
            prompts: texts as the model shall see them, special tokens of a chat format included.
            stop: texts at which a completion ends; what follows the first of them is cut off, and so is it.
            seed: of the random numbers, where `generate_kwargs` asks for sampling.
        """
        tokenizer = self._tokenizer
        # Generation goes on at the right end, so shorter prompts are filled up on the left.
        tokenizer.padding_side = "left"
        # A chat format brings its own first token; a plain prompt needs the tokenizer's.
        starts_itself = bool(tokenizer.bos_token) and all(prompt.startswith(tokenizer.bos_token) for prompt in prompts)
        inputs = tokenizer(list(prompts), return_tensors="pt", padding=True, add_special_tokens=not starts_itself)
        inputs = inputs.to(self._model.device)
        for key in ["token_type_ids", *self.tokenizer_outputs_to_remove]:
            inputs.pop(key, None)
        prompt_length = inputs["input_ids"].shape[1]
        torch.manual_seed(seed)
        with torch.inference_mode():
            outputs = self._model.generate(
                **inputs,
                max_new_tokens=self.max_new_tokens,
                pad_token_id=tokenizer.pad_token_id,
                stopping_criteria=StoppingCriteriaList([_StopAtText(tokenizer, stop, prompt_length)]) if stop else None,
                **self.generate_kwargs,
            )
        texts = tokenizer.batch_decode(outputs[:, prompt_length:], skip_special_tokens=True)
        return [_until(text, stop) for text in texts]


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
