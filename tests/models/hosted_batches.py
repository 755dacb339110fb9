"""Batches at a loopback server, in few words: what their tests share."""

from judge.models import batch_api, chat, hosted
from judge.models.chat import ChatModel
from judge.models.chat_wire import WIRE
from judge.models.replies import ReplyStore
from judge.models.wires import Body
from tests.openai_server import CHAT, OpenAIServer, last_user_text

TEXTS = tuple("abcdef")


def bodies_of(model: ChatModel, texts: tuple[str, ...] = TEXTS) -> list[Body]:
    """A request for each text, with log-probabilities."""
    return [chat.body_of(model, [{"role": "user", "content": text}], logprobs=True, top_logprobs=2) for text in texts]


def fill(model: ChatModel, texts: tuple[str, ...] = TEXTS, *, budget_usd: float | None = None) -> None:
    """Have the requests answered by batches."""
    batch_api.fill(model.endpoint, bodies_of(model, texts), budget_usd=budget_usd, what="judgment")


def kept_texts(model: ChatModel, texts: tuple[str, ...] = TEXTS) -> list[str | None]:
    """What the cache has of them."""
    return [None if reply is None else reply.choices[0].text for reply in chat.kept(model, bodies_of(model, texts))]


def keys_of(model: ChatModel) -> list[str]:
    """The keys of all the requests."""
    return [hosted.key_of(WIRE, model.endpoint, body) for body in bodies_of(model)]


def spent() -> float:
    """Dollars in the ledger."""
    store = ReplyStore()
    try:
        return store.spent()
    finally:
        store.close()


def uploads(server: OpenAIServer) -> int:
    """Batches that were begun at the server."""
    return sum((request.method, request.path) == ("POST", "/v1/batches") for request in server.requests)


def asked_singly(server: OpenAIServer) -> list[str]:
    """The texts that came outside of batches."""
    return sorted(last_user_text(request.body) for request in server.requests if request.path == CHAT)
