"""Answers to questions, as a generator writes them from the passage or without it: rows of the answers table."""

import re
from collections.abc import Sequence

from pydantic import Field

from judge.dataset.asking import Asking, prompt_of
from judge.dataset.generators import Generator
from judge.settings import Settings
from judge.tables.identity import content_id
from judge.tables.items import has_words
from judge.tables.rows import calls
from judge.tables.schema import Row


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
    if not has_words(answer):
        return None
    if answer[-1] not in ".!?\"')”’":
        whole = re.match(r"^.*[.!?](?=\s+[A-Z0-9\"“])", answer)
        if whole:
            answer = whole[0]
    return answer


def write(
    questions: Sequence[Row],
    chunks: Sequence[Row],
    generator: Generator,
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
    prompts = [prompt_of(generator.prompt, context=passages[row["chunk_id"]], question=row["question"]) for row in questions]
    if not prompts:
        return []
    completions = generator.complete(prompts, Asking(seed, budget_usd, max_failed_share))
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
