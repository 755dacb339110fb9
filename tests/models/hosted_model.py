"""A chat model at a loopback server, asked in few words: what the tests of hosted models share."""

from typing import Any

from judge.models import chat
from judge.models.chat import ChatModel
from judge.models.chat_replies import ChatReply
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Failure
from tests.openai_server import Json, OpenAIServer, Scripted, last_user_text

KEY = "tok-0123456789abcdef"
SECRET = "JUDGE_TEST_KEY"  # noqa: S105 - the name of the variable


def echo(body: Json) -> Scripted:
    """A model that repeats what it is told."""
    return Scripted([last_user_text(body)])


def model_at(server: OpenAIServer | str, *, model: str = "gpt-4.1-mini", temperature: float | None = 0.0, **changes: Any) -> ChatModel:
    """A model at the server; the changes are those of the endpoint."""
    values: dict[str, Any] = {
        "base_url": server if isinstance(server, str) else server.base_url,
        "api_key_env": None,
        "concurrency": 4,
        "requests_per_minute": None,
        "tokens_per_minute": None,
        "retries": 0,
        "timeout_s": 30.0,
        "usd_per_million_prompt_tokens": 0.0,
        "usd_per_million_completion_tokens": 100_000.0,
    }
    return ChatModel(
        model=model,
        temperature=temperature,
        max_tokens=10,
        max_tokens_name="max_tokens",
        extra={},
        endpoint=Endpoint(**(values | changes)),
    )


def bodies_of(model: ChatModel, *texts: str, **fields: Any) -> list[Body]:
    """A request for each text, which is the one message of the user."""
    return [chat.body_of(model, [{"role": "user", "content": text}], **fields) for text in texts]


def ask(model: ChatModel, *texts: str, budget_usd: float | None = None, **fields: Any) -> list[ChatReply | Failure]:
    """Ask for the texts through `chat.ask`."""
    return chat.ask(model, bodies_of(model, *texts, **fields), budget_usd=budget_usd, what="request")


def texts_of(replies: list[ChatReply | Failure]) -> list[str | None]:
    """The first text of each reply, the reason of each failure."""
    return [reply.reason if isinstance(reply, Failure) else reply.choices[0].text for reply in replies]


def failure_of(replies: list[ChatReply | Failure]) -> Failure:
    """The one outcome, which is a failure."""
    (failure,) = replies
    assert isinstance(failure, Failure)
    return failure
