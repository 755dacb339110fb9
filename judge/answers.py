"""Answers to questions, as a generator writes them from the passage or without it."""

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from judge.generation import DecodingSettings, Generator
from judge.identity import content_id
from judge.language_models import ModelSettings
from judge.questions import fill
from judge.settings import Option
from judge.tables import Row


class HuggingFace(Option):
    """A Hugging Face model that runs here."""

    kind: Literal["huggingface"]
    model: ModelSettings
    is_chat: bool = Field(description="whether the prompt is sent as a user's message, in the model's own chat format")
    prompt: str = Field(min_length=1, description="the prompt; {context} and {question} are filled in, and {context} may be left out")
    decoding: DecodingSettings


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


def write(questions: Sequence[Row], chunks: Sequence[Row], generator: HuggingFace, seed: int) -> list[Row]:
    """One row of the answers table for each row of the questions table.

    Raises:
        PinError, ModelError: the model cannot be loaded, or a single prompt does not fit into memory.
    """
    passages = {chunk["chunk_id"]: chunk["text"] for chunk in chunks}
    model = Generator(generator.model, generator.decoding, is_chat=generator.is_chat, seed=seed)
    prompts = [fill(generator.prompt, context=passages[row["chunk_id"]], question=row["question"]) for row in questions]
    answers = [clean_answer(text) for text in model.complete(prompts, "answer")]
    return [
        {
            "answer_id": content_id(row["question_id"], generator.name, answer),
            "question_id": row["question_id"],
            "generator": generator.name,
            "answer": answer,
        }
        for row, answer in zip(questions, answers, strict=True)
    ]
