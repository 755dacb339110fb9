"""The questioners of kind `exam` and `chat-exam`, the tutorial's way: llama-index's DatasetGenerator with a model here or at a server."""

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from judge.dataset.asking import Asking
from judge.dataset.candidates import Attempt, candidate_of
from judge.models.chat import ChatModel
from judge.models.language_models import ModelSettings
from judge.models.local_llm import Completion, DecodingSettings, LocalLLM
from judge.settings import Option


class Exam(Option):
    """A chat model sets an exam, by llama-index's DatasetGenerator and its prompts: the tutorial's way."""

    kind: Literal["exam"]
    model: ModelSettings
    decoding: DecodingSettings

    def attempts(self, passages: Sequence[str], count: int, asking: Asking) -> list[list[Attempt]]:
        """What became of the questions about each passage: as many as the model wrote.

        Raises:
            PinError, ModelError: the model cannot be loaded, or a single prompt does not fit into memory.
        """
        llm = LocalLLM(self.model, self.decoding, is_chat=True, seed=asking.seed)
        return _attempts(passages, count, lambda prompts: [Completion(text, None) for text in llm.complete(prompts, "prompt")])


class ChatExam(Option):
    """The same exam, set by a chat model at a server."""

    kind: Literal["chat-exam"]
    chat: ChatModel
    system: str | None = Field(description="the system's message; null for none")

    def attempts(self, passages: Sequence[str], count: int, asking: Asking) -> list[list[Attempt]]:
        """What became of the questions about each passage: as many as the model wrote.

        Raises:
            ModelError: too many requests failed.
            BudgetError: the next request could pass the budget.
        """
        from judge.models.hosted_llm import complete

        def write(prompts: list[str]) -> list[Completion]:
            return complete(
                self.chat,
                self.system,
                prompts,
                wire="chat",
                budget_usd=asking.budget_usd,
                max_failed_share=asking.max_failed_share,
                what="prompt",
            )

        return _attempts(passages, count, write)


def _attempts(passages: Sequence[str], count: int, complete: Callable[[list[str]], list[Completion]]) -> list[list[Attempt]]:
    from judge.dataset.dataset_generator import set_exams

    exams = set_exams(passages, count, complete)
    return [
        [Attempt(candidate_of(pair.question, pair.answer), pair.usage) for pair in exam] or [Attempt("no_question", None)] for exam in exams
    ]
