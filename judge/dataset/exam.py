"""The questioners of kind `exam` and `chat-exam`, the tutorial's way: llama-index's DatasetGenerator with a model here or at a server."""

import re
from collections.abc import Callable, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from judge.dataset.asking import Asking
from judge.dataset.candidates import Attempt, Candidate, Dropped, candidate_of
from judge.dataset.unfit import unfit
from judge.models.chat import ChatModel
from judge.models.language_models import ModelSettings
from judge.models.local_llm import Completion, DecodingSettings, LocalLLM
from judge.settings import Option
from judge.tables.identity import shuffled

# How a model may begin an answer that only repeats what the passage says.
_TOLD = re.compile(r"^\s*the (?:passage|text|context) (?:states|says|mentions|describes) that ", re.IGNORECASE)

Complete = Callable[[list[str]], list[Completion]]


class _Examiner(Option):
    """What exams have in common, whoever sets them: what DatasetGenerator is told to ask its model."""

    exam: str | None = Field(
        description="the task: DatasetGenerator's question_gen_query, with {word} where there are `words`, and {count}; null: its own"
    )
    answer: str | None = Field(
        description="how the answer is asked for: its text_qa_template, with {context_str} and {query_str}; a reply of `Yes: ...` is "
        "the reference, `No` that the passage does not tell; null: its own, whose reply is the reference as it stands"
    )
    words: dict[str, str] = Field(
        description="question words, each with a regular expression that a passage has to match for the word to fit; {}: none is drawn"
    )

    @model_validator(mode="after")
    def _fields_are_there(self) -> Self:
        if self.answer is not None and not {"{context_str}", "{query_str}"} <= set(re.findall(r"\{\w+\}", self.answer)):
            message = "{context_str} and {query_str} in `answer`"
            raise ValueError(message)
        if bool(self.words) != ("{word}" in (self.exam or "")):
            message = "`words` and an `exam` with {word}, or neither"
            raise ValueError(message)
        for word, pattern in self.words.items():
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"a regular expression under words.{word} ({error})"
                raise ValueError(message) from error
        return self

    def _set(self, passages: Sequence[str], count: int, seed: int, complete: Complete) -> list[list[Attempt]]:
        from judge.dataset.dataset_generator import Paper, set_exams

        papers = [self._papers(passage, count, seed) for passage in passages]
        exams = iter(set_exams([Paper(*paper) for own in papers for paper in own], self.answer, complete))
        attempts = [[pair for _ in own for pair in next(exams)] for own in papers]
        return [
            [Attempt(self._outcome(pair.question, pair.answer, passage), pair.usage) for pair in pairs] or [Attempt("no_question", None)]
            for passage, pairs in zip(passages, attempts, strict=True)
        ]

    def _papers(self, passage: str, count: int, seed: int) -> list[tuple[str, int, str | None]]:
        """The exams about a passage: one of all questions, or one for each question word."""
        if self.exam is None or not self.words:
            return [(passage, count, self.exam and self.exam.replace("{count}", str(count)))]
        return [
            (passage, 1, self.exam.replace("{count}", "1").replace("{word}", word)) for word in draw_words(self.words, passage, count, seed)
        ]

    def _outcome(self, question: str, answer: str, passage: str) -> Candidate | Dropped:
        # DatasetGenerator's own prompts are the tutorial's, and what they yield is taken as it comes.
        if self.answer is None:
            return candidate_of(question, answer)
        verdict = re.match(r"\W*(yes|no)\b[\s:,.*-]*", answer, re.IGNORECASE)
        if verdict and verdict[1].casefold() == "no":
            return "unanswerable"
        told = _TOLD.sub("", answer[verdict.end() :] if verdict else answer)
        candidate = candidate_of(question, f"{told[:1].upper()}{told[1:]}")
        return (unfit(candidate, passage) or candidate) if isinstance(candidate, Candidate) else candidate


def draw_words(words: dict[str, str], passage: str, count: int, seed: int) -> list[str]:
    """Question words for `count` questions about a passage, of those that fit it: by a hash, so that no other passage changes a draw.

    Those that fit any passage come last: they ask for less.
    """
    fitting = shuffled([word for word, pattern in words.items() if pattern and re.search(pattern, passage)], seed, passage)
    fitting += shuffled([word for word, pattern in words.items() if not pattern], seed, passage)
    return [fitting[number % len(fitting)] for number in range(count)] if fitting else []


class Exam(_Examiner):
    """A chat model sets an exam, by llama-index's DatasetGenerator: the tutorial's way."""

    kind: Literal["exam"]
    model: ModelSettings
    decoding: DecodingSettings

    def attempts(self, passages: Sequence[str], count: int, asking: Asking) -> list[list[Attempt]]:
        """What became of the questions about each passage: as many as the model wrote.

        Raises:
            PinError, ModelError: the model cannot be loaded, or a single prompt does not fit into memory.
        """
        llm = LocalLLM(self.model, self.decoding, is_chat=True, seed=asking.seed)
        return self._set(passages, count, asking.seed, lambda prompts: [Completion(text, None) for text in llm.complete(prompts, "prompt")])


class ChatExam(_Examiner):
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

        return self._set(passages, count, asking.seed, write)
