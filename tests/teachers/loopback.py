"""Items about the Danube, and a chat teacher of conf/teacher that grades them at the server on loopback."""

from collections.abc import Sequence
from typing import Any

from judge.tables.items import Item
from judge.tables.levels import Judgment
from judge.teachers.grading import Grading
from tests.conftest import option
from tests.openai_server import CHAT, Json, OpenAIServer, Scripted

KEY = "sk-loopback-0123456789abcdef"
PASSAGE = "The Danube rises in the Black Forest."


def grader(server: OpenAIServer, name: str = "openai", model: str | None = None, **changes: Any) -> Grading:
    """An option of conf/teacher that asks this server."""
    chosen: Grading = option("teacher", name, Grading, **changes)
    endpoint = chosen.chat.endpoint.model_copy(update={"base_url": server.base_url, "retries": 0, "timeout_s": 5.0})
    asked = chosen.chat.model_copy(update={"endpoint": endpoint} | ({} if model is None else {"model": model}))
    return chosen.model_copy(update={"chat": asked})


def item(answer: str | None, context: str | None = PASSAGE, reference: str | None = "In the Black Forest.") -> Item:
    """An item to judge."""
    return Item("Where does the Danube rise?", answer, context, reference)


def items(count: int) -> list[Item]:
    """Items that differ in their answers."""
    return [item(f"It rises in place {number}.") for number in range(count)]


def bodies(server: OpenAIServer) -> list[Json]:
    """What was asked of the model, in order of arrival."""
    return [request.body for request in server.requests if request.path == CHAT]


def says(server: OpenAIServer, *texts: str | None, levels: Sequence[float] | None = None) -> None:
    """Let the server say these texts, one a choice, to every request."""
    server.respond = lambda _: Scripted(texts, levels=levels)


def only(judgments: Sequence[Judgment]) -> Judgment:
    """The one judgment."""
    (judgment,) = judgments
    return judgment
