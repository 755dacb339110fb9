"""Questions against passages, each with a reference answer: rows of the questions table."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from judge.dataset.asking import Asking
from judge.dataset.candidates import Candidate
from judge.dataset.questioners import Questioner
from judge.errors import ModelError
from judge.settings import Settings
from judge.tables.identity import content_id
from judge.tables.rows import calls
from judge.tables.schema import Row
from judge.tables.usage import Usage, total


class QuestionSettings(Settings):
    """How many questions are asked."""

    per_chunk: int = Field(ge=1, le=20, description="questions asked for each passage")


class Questions(NamedTuple):
    """Rows of the questions table, what became of all that was asked for, and what all of it took of a hosted model."""

    rows: list[Row]
    asked: int
    dropped: dict[str, int]
    usage: Usage | None


def ask(
    chunks: Sequence[Row],
    questioner: Questioner,
    settings: QuestionSettings,
    seed: int,
    budget_usd: float | None = None,
    max_failed_share: float = 0.0,
) -> Questions:
    """Ask questions of the passages.

    Duplicates (the same words, whatever their case and punctuation) are dropped across all passages.

    Raises:
        ModelError: not one usable question came back, or too many requests to a hosted model failed.
        BudgetError: the next request could pass the budget.
    """
    ordered = sorted(chunks, key=lambda chunk: str(chunk["chunk_id"]))
    asking = Asking(seed, budget_usd, max_failed_share)
    attempts_by_chunk = questioner.attempts([chunk["text"] for chunk in ordered], settings.per_chunk, asking)
    dropped: Counter[str] = Counter()
    rows: list[Row] = []
    seen: set[str] = set()
    for chunk, attempts in zip(ordered, attempts_by_chunk, strict=True):
        kept = 0
        for candidate, usage in attempts:
            if not isinstance(candidate, Candidate):
                dropped[candidate] += 1
                continue
            words = " ".join(re.findall(r"\w+", candidate.question.casefold()))
            if words in seen or kept == settings.per_chunk:
                dropped["duplicate" if words in seen else "surplus"] += 1
                continue
            seen.add(words)
            kept += 1
            rows.append(
                {
                    "question_id": content_id(chunk["chunk_id"], candidate.question),
                    "chunk_id": chunk["chunk_id"],
                    "question": candidate.question,
                    "reference": None if candidate.reference is None else [candidate.reference],
                    **calls(usage),
                },
            )
    if not rows:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(dropped.items())) or "the model returned nothing"
        raise ModelError(
            f"The questioner {questioner.name} gave no usable question: {reasons}.\nNext: choose another `questioner` in params.yaml."
        )
    taken = total(attempt.usage for attempts in attempts_by_chunk for attempt in attempts)
    return Questions(rows, len(chunks) * settings.per_chunk, dict(sorted(dropped.items())), taken)
