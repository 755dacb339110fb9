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
from judge.settings import Option
from judge.tables import levels
from judge.tables.levels import Judgment
from judge.tables.schema import Row

# Of a score question: OpenAI takes two to ten levels. So does Jev, while `transformers serve` has letters for 26.
_MOST_LEVELS = {"openai": 10, "systemone": 26}


class Decisions(Option):
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


def judge(option: Decisions, items: Sequence[Row], budget_usd: float | None = None) -> list[Judgment]:
    """Judge answers.

    Args:
        option: the teacher.
        items: rows with question, context, reference and answer; one without an answer is not asked about, and what else an
            item lacks is shown as null.
        budget_usd: dollars that all runs with this cache may pay together; None is no limit.

    Returns:
        One judgment for each, in order; a score between two of our levels is shared between them.

    Raises:
        BudgetError, ModelError, Planned: as `hosted.ask` raises them.
    """
    from judge.models import hosted

    wire = WIRES[option.wire]
    asked = [place for place, item in enumerate(items) if item["answer"]]
    bodies = [_body(option, items[place]) for place in asked]
    judgments = [Judgment(None, "no_verdict", "decision") for _ in items]
    for place, outcome in zip(asked, hosted.ask(bodies, wire, option.endpoint, budget_usd=budget_usd, what="decision"), strict=True):
        judgments[place] = _read(outcome, wire, len(option.criteria))
    return judgments


def _body(option: Decisions, item: Row) -> Body:
    # As JSON, in which no text of an item can end its own section.
    evidence = {field: item[field] for field in option.evidence}
    question = {"type": "score", "instructions": option.instructions}
    if option.wire == "systemone":
        return {"model": option.model, "state": evidence, "questions": {QUESTION: {**question, "criteria": option.criteria}}}
    steps = len(option.criteria) - 1
    rubric = [{"label": f"{place / steps:.2f}", "description": criterion} for place, criterion in enumerate(option.criteria)]
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
    shared = [levels.interpolate(place / (count - 1)) for place in range(count)]
    distribution = tuple(
        math.fsum(mass / total * own[level] for mass, own in zip(masses, shared, strict=True)) for level in range(len(levels.LEVELS))
    )
    return Judgment(distribution, None, "decision", usage=outcome.usage)


def _masses(answer: Any, count: int) -> list[float] | None:
    """The probabilities of the rubric's levels in order; None where the answer does not have them all."""
    found = (answer or {}).get("probabilities")
    if isinstance(found, list):
        found = {str(one["value"]): one["probability"] for one in found}
    if not isinstance(found, dict) or set(found) != {str(place) for place in range(count)}:
        return None
    masses = [float(found[str(place)]) for place in range(count)]
    return masses if all(mass >= 0.0 for mass in masses) and 0.0 < math.fsum(masses) < math.inf else None
