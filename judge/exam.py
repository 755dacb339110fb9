"""The tutorial's way to questions: llama-index's DatasetGenerator, whose LLM goes through the one door.

Import this module only where an exam is set: it loads llama-index.
"""

import warnings
from typing import Any

from llama_index.core.callbacks import CallbackManager
from llama_index.core.evaluation import DatasetGenerator
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from llama_index.core.schema import TextNode

from judge.generation import Generator


class _DoorLLM(CustomLLM):
    """An LLM whose completions are a generator's, so that they are cached and a killed exam goes on where it stopped."""

    generator: Any

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=2048, num_output=256, model_name="generator")

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:  # noqa: ARG002
        return CompletionResponse(text=self.generator.complete([prompt], "prompt")[0])

    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:
        yield self.complete(prompt, formatted)


def set_exam(passage: str, count: int, generator: Generator) -> list[tuple[str, str]]:
    """Ask for `count` questions about a passage, and for the answer to each: as many as the model writes, as it writes them."""
    # DatasetGenerator is marked as deprecated in favour of a class that llama-index has dropped meanwhile.
    # Its mark overrules every warning filter, so the warning is recorded and let go.
    with warnings.catch_warnings(record=True):
        dataset = DatasetGenerator(
            [TextNode(text=passage)],
            llm=_DoorLLM(generator=generator),
            num_questions_per_chunk=count,
            callback_manager=CallbackManager([]),
        ).generate_dataset_from_nodes()
    return [(question, dataset.responses[key]) for key, question in dataset.queries.items()]
