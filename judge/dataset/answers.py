"""Answers to questions, as a generator writes them from the passage or without it."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from judge.models.chat import ChatModel
from judge.models.language_models import ModelSettings
from judge.models.local_llm import Completion, DecodingSettings, Generator
from judge.models.prompts import fill
from judge.settings import Option, Settings
from judge.tables.identity import content_id
from judge.tables.rows import calls
from judge.tables.schema import Row


class HuggingFace(Option):
    """A Hugging Face model that runs here."""

    kind: Literal["huggingface"]
    model: ModelSettings
    is_chat: bool = Field(description="whether the prompt is sent as a user's message, in the model's own chat format")
    prompt: str = Field(min_length=1, description="the prompt; {context} and {question} are filled in, and {context} may be left out")
    decoding: DecodingSettings


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


GeneratorOption = Annotated[HuggingFace | Hosted, Field(discriminator="kind")]


class AnswerSettings(Settings):
    """What is done with requests that fail."""

    max_failed_share: float = Field(
        ge=0.0, le=1.0, description="asking a hosted model stops when a larger share of the requests failed for good"
    )


_PREFIX = re.compile(r"^(?:(?:the )?answer\s*[:-]\s*|a:\s+|assistant\s*:\s*|[-*•]\s+)+", re.IGNORECASE)


def clean_answer(text: str) -> str | None:
    """An answer without prefix and line breaks; None where no word is left.

    A last sentence that the token limit cut off is dropped where a whole one stands before it.
    """
    answer = re.sub(r"\s+", " ", _PREFIX.sub("", text.strip())).strip()
    if not re.search(r"\w", answer):
        return None
    if answer[-1] not in ".!?\"')”’":
        whole = re.match(r"^.*[.!?](?=\s+[A-Z0-9\"“])", answer)
        if whole:
            answer = whole[0]
    return answer


def write(
    questions: Sequence[Row],
    chunks: Sequence[Row],
    generator: HuggingFace | Hosted,
    seed: int,
    budget_usd: float | None = None,
    max_failed_share: float = 0.0,
) -> list[Row]:
    """One row of the answers table for each row of the questions table.

    Raises:
        PinError, ModelError: the model cannot be loaded or asked, or a single prompt does not fit into memory.
        BudgetError: the next request could pass the budget.
    """
    passages = {chunk["chunk_id"]: chunk["text"] for chunk in chunks}
    prompts = [
        # A base model goes on best where the prompt ends without a space.
        fill(generator.prompt, {"context": passages[row["chunk_id"]], "question": row["question"]}, "lines").rstrip(" \n")
        for row in questions
    ]
    if not prompts:
        return []
    if isinstance(generator, HuggingFace):
        model = Generator(generator.model, generator.decoding, is_chat=generator.is_chat, seed=seed)
        completions = [Completion(text, None) for text in model.complete(prompts, "answer")]
    else:
        from judge.models.hosted_llm import complete

        completions = complete(
            generator.chat,
            generator.system,
            prompts,
            wire=generator.kind,
            budget_usd=budget_usd,
            max_failed_share=max_failed_share,
            what="answer",
        )
    rows = []
    for row, completion in zip(questions, completions, strict=True):
        answer = clean_answer(completion.text or "")
        rows.append(
            {
                "answer_id": content_id(row["question_id"], generator.name, answer),
                "question_id": row["question_id"],
                "generator": generator.name,
                "answer": answer,
                **calls(completion.usage),
            },
        )
    return rows
