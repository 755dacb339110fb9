"""Questions against passages, each with a reference answer, and the cleaning that small models' output needs."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from judge.errors import ModelError
from judge.models import prompts
from judge.models.chat import ChatModel
from judge.models.language_models import ModelSettings
from judge.models.local_llm import Completion, DecodingSettings, Generator
from judge.settings import Option, Settings
from judge.tables.identity import content_id
from judge.tables.rows import calls
from judge.tables.schema import Row
from judge.tables.usage import Usage, total


class QuestionSettings(Settings):
    """How many questions are asked."""

    per_chunk: int = Field(ge=1, le=20, description="questions asked for each passage")


class FewShot(Option):
    """A base model goes on after worked examples, with `Question: … Answer: …`."""

    kind: Literal["few-shot"]
    model: ModelSettings
    decoding: DecodingSettings
    prompt: str = Field(min_length=1, description="the worked examples; {context} and {opener} are filled in")
    openers: list[str] = Field(min_length=1, description="how the first, second, … question of a passage begins; may be empty")


class Exam(Option):
    """A chat model sets an exam, by llama-index's DatasetGenerator and its prompts: the tutorial's way."""

    kind: Literal["exam"]
    model: ModelSettings
    decoding: DecodingSettings


class ChatExam(Option):
    """The same exam, set by a chat model at a server."""

    kind: Literal["chat-exam"]
    chat: ChatModel
    system: str | None = Field(description="the system's message; null for none")


Questioner = Annotated[FewShot | Exam | ChatExam, Field(discriminator="kind")]

Dropped = Literal["no_question", "no_question_mark", "too_short", "no_reference", "chatter", "duplicate", "surplus"]


class Candidate(NamedTuple):
    """A question as cleaned, with its reference answer."""

    question: str
    reference: str


class Found(NamedTuple):
    """What became of a question asked for, and what it took of a hosted model."""

    candidate: Candidate | Dropped
    usage: Usage | None


class Questions(NamedTuple):
    """Rows of the questions table, what became of all that was asked for, and what all of it took of a hosted model."""

    rows: list[Row]
    asked: int
    dropped: dict[str, int]
    usage: Usage | None


_MARKER = re.compile(r"^(?:[-*•]\s+|\(?\d{1,3}[.):]\s+|(?:question|q|query)\s*\d*\s*[:.)-]\s*|\*\*)+", re.IGNORECASE)
_ANSWER_MARKER = re.compile(r"^(?:[-*•]\s+|(?:answer|a)\s*[:.)-]\s*|\*\*)+", re.IGNORECASE)
_CHATTER = re.compile(
    r"^(?:sure\b|of course\b|certainly\b|here (?:are|is)\b|i (?:am|can|will|would|hope)\b|i'm\b|as an ai\b|"
    r"based on the (?:context|passage|text))",
    re.IGNORECASE,
)
_QUOTES = "\"'“”‘’` "
MINIMUM_WORDS = 3


class Cleaned(NamedTuple):
    """A cleaned question, or why there is none."""

    question: str | None
    dropped: Dropped | None


def clean_question(text: str) -> Cleaned:
    """The question in a line that a model wrote, without numbering, prefix and quotes; or why it is none.

    A question is one sentence: what follows the first question mark is cut off.
    """
    line = _MARKER.sub("", text.strip().strip(_QUOTES)).strip().strip(_QUOTES).replace("**", "")
    if not line:
        return Cleaned(None, "no_question")
    if "?" not in line:
        return Cleaned(None, "chatter" if _CHATTER.match(line) else "no_question_mark")
    question = re.sub(r"\s+", " ", line[: line.index("?") + 1])
    if _CHATTER.match(question):
        return Cleaned(None, "chatter")
    if len(question.split()) < MINIMUM_WORDS:
        return Cleaned(None, "too_short")
    return Cleaned(question[0].upper() + question[1:], None)


def clean_reference(text: str) -> str | None:
    """The reference answer in what a model wrote: its first line with text, without prefix and quotes."""
    for line in text.strip().split("\n"):
        cleaned = re.sub(r"\s+", " ", _ANSWER_MARKER.sub("", line.strip()).strip(_QUOTES))
        if cleaned:
            return cleaned
    return None


def parse_pair(text: str, opener: str = "") -> Candidate | Dropped:
    """Read a question and, on the next line, `Answer: …`, as a base model writes it after worked examples that it goes on from.

    Args:
        text: the completion.
        opener: the beginning of the question, which stood in the prompt already.
    """
    first, _, rest = f"{opener} {text.lstrip()}".strip().partition("\n")
    if "?" in first and re.search(r"answer\s*:", first, re.IGNORECASE):
        first, rest = re.split(r"answer\s*:", first, maxsplit=1, flags=re.IGNORECASE)
    return _pair(first, rest)


def _pair(question: str, answer: str) -> Candidate | Dropped:
    cleaned = clean_question(question)
    if cleaned.question is None:
        return cleaned.dropped or "no_question"
    reference = clean_reference(answer)
    return Candidate(cleaned.question, reference) if reference else "no_reference"


def ask(
    chunks: Sequence[Row],
    questioner: FewShot | Exam | ChatExam,
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
    if isinstance(questioner, FewShot):
        found_by_chunk = _few_shot(ordered, questioner, settings, seed)
    else:
        found_by_chunk = _exam(ordered, questioner, settings, seed, budget_usd, max_failed_share)
    dropped: Counter[str] = Counter()
    rows: list[Row] = []
    seen: set[str] = set()
    for chunk, found in zip(ordered, found_by_chunk, strict=True):
        kept = 0
        for candidate, usage in found:
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
                    "reference": candidate.reference,
                    **calls(usage),
                },
            )
    if not rows:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(dropped.items())) or "the model returned nothing"
        raise ModelError(
            f"The questioner {questioner.name} gave no usable question: {reasons}.\nNext: choose another `questioner` in params.yaml."
        )
    taken = total(usage for found in found_by_chunk for _, usage in found)
    return Questions(rows, len(chunks) * settings.per_chunk, dict(sorted(dropped.items())), taken)


def _few_shot(chunks: Sequence[Row], questioner: FewShot, settings: QuestionSettings, seed: int) -> list[list[Found]]:
    generator = Generator(questioner.model, questioner.decoding, is_chat=False, seed=seed)
    openers = [questioner.openers[number % len(questioner.openers)] for number in range(settings.per_chunk)]
    asked = [
        # A base model goes on best where the prompt ends without a space.
        prompts.fill(questioner.prompt, {"context": chunk["text"], "opener": opener}, "lines").rstrip(" \n")
        for chunk in chunks
        for opener in openers
    ]
    completions = iter(generator.complete(asked, "question"))
    return [[Found(parse_pair(next(completions), opener), None) for opener in openers] for _ in chunks]


def _exam(
    chunks: Sequence[Row],
    questioner: Exam | ChatExam,
    settings: QuestionSettings,
    seed: int,
    budget_usd: float | None,
    max_failed_share: float,
) -> list[list[Found]]:
    from judge.dataset.exam import set_exams
    from judge.models.hosted_llm import complete

    def write(prompts: list[str]) -> list[Completion]:
        if isinstance(questioner, Exam):
            generator = Generator(questioner.model, questioner.decoding, is_chat=True, seed=seed)
            return [Completion(text, None) for text in generator.complete(prompts, "prompt")]
        return complete(
            questioner.chat,
            questioner.system,
            prompts,
            wire="chat",
            budget_usd=budget_usd,
            max_failed_share=max_failed_share,
            what="prompt",
        )

    exams = set_exams([chunk["text"] for chunk in chunks], settings.per_chunk, write)
    return [[Found(_pair(pair.question, pair.answer), pair.usage) for pair in exam] or [Found("no_question", None)] for exam in exams]
