"""The wires of typed decisions: System One (`POST /systemone`) and OpenAI's Decisions (`POST /decisions`)."""

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from judge.models import wires
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Send

if TYPE_CHECKING:
    import httpx


QUESTION = "grade"
"""The name of the one question that a request asks."""


@dataclass
class DecisionsWire:
    """One of the two wires; `path` is where its requests go."""

    name: str
    path: str

    def connect(self, endpoint: Endpoint, client: "httpx.AsyncClient", closing: AsyncExitStack) -> Send:  # noqa: ARG002 - it opens none
        """Send by the official client."""
        asker = wires.openai_client(endpoint, client)

        async def send(body: Body) -> Body:
            # The installed client has no method for these paths; its `post` reports as its methods do.
            reply: Any = await asker.post(self.path, body=body, cast_to=object)
            return {"model": reply["model"], "answers": reply["answers"], "usage": reply["usage"]}

        return send

    def tokens(self, reply: Body) -> tuple[int, int]:
        """As `usage` says."""
        return int(reply["usage"]["input_tokens"]), int(reply["usage"]["output_tokens"])

    def refusal(self, reply: Body) -> str | None:
        """That the model declined, where the answer is of the type `refusal`."""
        return "the model declined to decide" if (self.answer(reply) or {}).get("type") == "refusal" else None

    def most_tokens(self, body: Body) -> tuple[int, int]:
        """The whole body as counted with cl100k; nothing is generated."""
        return wires.count_tokens(json.dumps(body, ensure_ascii=False)), 0

    def answer(self, reply: Body) -> Any:
        """The answer to the one question; None where there is none."""
        answers = reply["answers"]
        return answers.get(QUESTION) if isinstance(answers, dict) else next(iter(answers), None)


WIRES = {"systemone": DecisionsWire("systemone", "/systemone"), "openai": DecisionsWire("decisions", "/decisions")}
"""By the option `wire` of a decisions teacher."""
