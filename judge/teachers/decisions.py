"""Typed decisions as teacher: a server that reads the answer and returns a probability for each level of a rubric, and no text.

Two wires: System One (`POST /systemone`: TypeSafe's Jev, `transformers serve`) and OpenAI's Decisions (`POST /decisions`,
in beta since October 2026).
"""

import json
import math
from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from judge.models.decisions_wire import QUESTION, WIRES, DecisionsWire
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Failure, HostedReply
from judge.tables import levels
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment
from judge.teachers.calibration import Calibration
from judge.teachers.teacher import TeacherOption

# Of a score question: OpenAI takes two to ten levels. So does Jev, while `transformers serve` has letters for 26.
_MOST_LEVELS = {"openai": 10, "systemone": 26}


class Decisions(TeacherOption):
    """A model that decides on the levels of a rubric."""

    kind: Literal["decisions"]
    wire: Literal["systemone", "openai"] = Field(description="the form of the requests")
    model: str = Field(min_length=1, description="the model's name at the server")
    instructions: str = Field(min_length=1, description="what is to be judged")
    criteria: list[str] = Field(
        min_length=2,
        description="what each level of the rubric means, the lowest first; level k of n is the score k/(n - 1)",
    )
    evidence: list[Literal["question", "context", "reference", "answer"]] = Field(min_length=1, description="what the model is shown")
    endpoint: Endpoint
    judges_probes: bool = Field(description="whether the statements of known truth are judged too, which costs about as much again")

    @model_validator(mode="after")
    def _fits_the_wire(self) -> Self:
        if len(self.criteria) > _MOST_LEVELS[self.wire]:
            message = f"for the wire {self.wire} at most {_MOST_LEVELS[self.wire]} criteria"
            raise ValueError(message)
        if "answer" not in self.evidence:
            message = "`answer` among the evidence"
            raise ValueError(message)
        return self

    @property
    def is_probed(self) -> bool:
        """As the option file says."""
        return self.judges_probes

    def judge(
        self,
        items: Sequence[Item],
        calibration: Calibration | None = None,  # noqa: ARG002 - nothing is fitted
        budget_usd: float | None = None,
    ) -> list[Judgment]:
        """Judge answers; what else than the answer an item lacks is shown as null.

        A score of the rubric between two of our levels is shared between them.

        Raises:
            BudgetError, ModelError, Planned: as `hosted.ask` raises them.
        """
        from judge.models import hosted

        wire = WIRES[self.wire]
        asked = [index for index, item in enumerate(items) if has_words(item.answer)]
        bodies = [_body(self, items[index]) for index in asked]
        judgments = [Judgment(None, "no_verdict", "decision") for _ in items]
        outcomes = hosted.ask(bodies, wire, self.endpoint, budget_usd=budget_usd, what="decision")
        for index, outcome in zip(asked, outcomes, strict=True):
            judgments[index] = _read(outcome, wire, len(self.criteria))
        return judgments


def _body(option: Decisions, item: Item) -> Body:
    # As JSON, in which no text of an item can end its own section.
    evidence = {field: item.texts[field] for field in option.evidence}
    question = {"type": "score", "instructions": option.instructions}
    if option.wire == "systemone":
        return {"model": option.model, "state": evidence, "questions": {QUESTION: {**question, "criteria": option.criteria}}}
    steps = len(option.criteria) - 1
    rubric = [{"label": f"{index / steps:.2f}", "description": criterion} for index, criterion in enumerate(option.criteria)]
    return {
        "model": option.model,
        "input": json.dumps(evidence, ensure_ascii=False),
        "questions": [{**question, "name": QUESTION, "levels": rubric}],
    }


def _read(outcome: HostedReply | Failure, wire: DecisionsWire, count: int) -> Judgment:
    if isinstance(outcome, Failure):
        return Judgment(None, outcome.reason, "decision", usage=outcome.usage)
    masses = _masses(wire.answer(outcome.body), count)
    if masses is None:
        return Judgment(None, "no_verdict", "decision", usage=outcome.usage)
    total = math.fsum(masses)
    shared = [levels.interpolate(index / (count - 1)) for index in range(count)]
    distribution = tuple(
        math.fsum(mass / total * own[level] for mass, own in zip(masses, shared, strict=True)) for level in range(len(levels.LEVELS))
    )
    return Judgment(distribution, None, "decision", usage=outcome.usage)


def _masses(answer: Any, count: int) -> list[float] | None:
    """The probabilities of the rubric's levels in order; None where the answer does not have them all."""
    stated = (answer or {}).get("probabilities")
    if isinstance(stated, list):
        stated = {str(one["value"]): one["probability"] for one in stated}
    if not isinstance(stated, dict) or set(stated) != {str(index) for index in range(count)}:
        return None
    masses = [float(stated[str(index)]) for index in range(count)]
    return masses if all(mass >= 0.0 for mass in masses) and 0.0 < math.fsum(masses) < math.inf else None
