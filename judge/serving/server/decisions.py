"""`POST /v1/decisions`: the form of OpenAI's Decisions (in beta since October 2026)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from judge.serving.server import typed_questions
from judge.tables.levels import Judgment


class Predicate(BaseModel):
    """Yes or no: whether the answer is acceptable."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["predicate"]
    name: StrictStr | None = None
    instructions: StrictStr


class Option(BaseModel):
    """An option of a choice."""

    value: StrictStr
    description: StrictStr | None = None


class Choice(BaseModel):
    """A choice between two names for acceptable and not."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["choice"]
    name: StrictStr | None = None
    instructions: StrictStr
    choices: list[Option] = Field(min_length=1)


class Level(BaseModel):
    """A level of a rubric."""

    label: StrictStr
    description: StrictStr | None = None


class Score(BaseModel):
    """A level of a rubric, the lowest first."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["score"]
    name: StrictStr | None = None
    instructions: StrictStr
    levels: list[Level] = Field(min_length=1)


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: Literal["input_text", "text"] = "input_text"
    text: StrictStr


class Message(BaseModel):
    """A message of the user."""

    role: Literal["user"]
    content: StrictStr | list[Part]


class DecisionsRequest(BaseModel):
    """Questions about one input: the text of a JSON object with `question`, `answer`, `context`, `reference`."""

    model_config = ConfigDict(extra="forbid")

    model: StrictStr = Field(description="any name; the one student that is served answers")
    input: StrictStr | list[Message]
    questions: list[Annotated[Predicate | Choice | Score, Field(discriminator="type")]] = Field(min_length=1, max_length=64)
    safety_identifier: StrictStr | None = None


class DecisionsReply(BaseModel):
    """An answer to each question, in order."""

    model: str
    answers: list[dict[str, Any]]
    usage: dict[str, Any]


def row(request: DecisionsRequest) -> dict[str, Any]:
    """The row that the questions are about.

    Raises:
        UnfitError: there is none, or a question that no student answers.
    """
    for index, question in enumerate(request.questions):
        if isinstance(question, Choice):
            typed_questions.require_pair([option.value for option in question.choices], "questions", index, "choices")
        elif isinstance(question, Score):
            typed_questions.require_levels(len(question.levels), "questions", index, "levels")
    return typed_questions.row_of(_text(request.input), "input")


def reply(request: DecisionsRequest, asked: Mapping[str, Any], judgment: Judgment, threshold: float) -> dict[str, Any]:
    """The body of the reply; where there is no judgment each answer is a refusal."""
    tokens = typed_questions.usage(dict(asked))
    usage = {
        "input_tokens": tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": tokens,
    }
    return {"model": request.model, "answers": [_answer(each, judgment, threshold) for each in request.questions], "usage": usage}


def _answer(question: Predicate | Choice | Score, judgment: Judgment, threshold: float) -> dict[str, Any]:
    if judgment.levels is None:
        return {"type": "refusal", "name": question.name}
    acceptable = typed_questions.acceptable(judgment, threshold)
    head = {"type": question.type, "name": question.name}
    if isinstance(question, Predicate):
        return {**head, "probability": acceptable}
    if isinstance(question, Choice):
        best, masses, sure = typed_questions.choice([option.value for option in question.choices], acceptable)
        shown = [{"value": value, "probability": mass} for value, mass in masses.items()]
        return {**head, "choice": best, "probabilities": shown, "confidence": sure}
    probabilities = typed_questions.levels(judgment.levels, len(question.levels))
    score, sure = typed_questions.score(probabilities)
    rubric = [
        {"value": index, "label": level.label, "probability": mass}
        for index, (level, mass) in enumerate(zip(question.levels, probabilities, strict=True))
    ]
    return {**head, "score": score, "probabilities": rubric, "confidence": sure}


def _text(given: str | list[Message]) -> str:
    if isinstance(given, str):
        return given
    return "\n".join(each.content if isinstance(each.content, str) else "".join(part.text for part in each.content) for each in given)
