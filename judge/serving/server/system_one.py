"""`POST /v1/systemone`: the form of TypeSafe's Jev and of `transformers serve`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from judge.serving.server import typed_questions
from judge.serving.server.rows import UnfitError, fault
from judge.tables.levels import Judgment

Described = StrictStr | dict[str, Any] | list[Any]


class Noul(BaseModel):
    """Yes or no: whether the answer is acceptable."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["noul"]
    instructions: Described | None = None
    criteria: dict[Literal["true", "false"], Described | None] | None = None


class Choice(BaseModel):
    """A choice between two names for acceptable and not."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["choice"]
    instructions: Described | None = None
    criteria: dict[StrictStr, Described | None] = Field(min_length=1)


class Score(BaseModel):
    """A level of a rubric, the lowest first."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["score"]
    instructions: Described | None = None
    criteria: list[Described] = Field(min_length=1)


Question = Annotated[Noul | Choice | Score, Field(discriminator="type")]


class SystemOneRequest(BaseModel):
    """Named questions about one state: a JSON object with `question`, `answer`, `context`, `reference`, or the text of one."""

    model_config = ConfigDict(extra="forbid")

    model: StrictStr = Field(description="any name; the one student that is served answers")
    state: StrictStr | dict[str, Any] | list[Any]
    questions: dict[StrictStr, Question] = Field(min_length=1, max_length=64)
    assets: dict[str, Any] = Field(default_factory=dict, description="images, which no student reads; none may be sent")


class SystemOneReply(BaseModel):
    """An answer to each question, by its name."""

    model: str
    answers: dict[str, dict[str, Any]]
    usage: dict[str, int]


def row(request: SystemOneRequest) -> dict[str, Any]:
    """The row that the questions are about.

    Raises:
        UnfitError: there is none, or a question or an image that no student answers.
    """
    if request.assets:
        raise UnfitError([fault("A student reads no images. Next: leave `assets` out.", "assets")], 400)
    for name, question in request.questions.items():
        if isinstance(question, Choice):
            typed_questions.require_pair(list(question.criteria), "questions", name, "criteria")
        elif isinstance(question, Score):
            typed_questions.require_levels(len(question.criteria), "questions", name, "criteria")
    return typed_questions.row_of(request.state, "state")


def reply(request: SystemOneRequest, asked: Mapping[str, Any], judgment: Judgment, threshold: float) -> dict[str, Any]:
    """The body of the reply.

    Raises:
        UnfitError: there is no judgment.
    """
    if judgment.levels is None:
        said = f"The student gives no verdict on this answer ({judgment.reason}): it has no letter or digit, or was declined."
        raise UnfitError([fault(said, "state", "answer")], 400)
    answers = {name: _answer(question, judgment.levels, judgment, threshold) for name, question in request.questions.items()}
    usage = {"input_tokens": typed_questions.usage(dict(asked)), "output_tokens": 0}
    return {"model": request.model, "answers": answers, "usage": usage}


def _answer(question: Noul | Choice | Score, levels: tuple[float, ...], judgment: Judgment, threshold: float) -> dict[str, Any]:
    acceptable = typed_questions.acceptable(judgment, threshold)
    if isinstance(question, Noul):
        return {"type": "noul", "noul": acceptable}
    if isinstance(question, Choice):
        best, masses, sure = typed_questions.choice(list(question.criteria), acceptable)
        return {"type": "choice", "choice": best, "confidence": sure, "probabilities": masses}
    probabilities = typed_questions.levels(levels, len(question.criteria))
    score, sure = typed_questions.score(probabilities)
    names = [str(index) for index in range(len(probabilities))]
    legend = dict(zip(names, question.criteria, strict=True))
    by_level = dict(zip(names, probabilities, strict=True))
    return {"type": "score", "score": score, "legend": legend, "confidence": sure, "probabilities": by_level}
