"""The server as its own tests ask it: through the official client, in few words."""

import contextlib
import json
from typing import TYPE_CHECKING, Any

from tests.openai_server import CHAT

if TYPE_CHECKING:
    from openai import OpenAI

KEY = "sk-loopback-0123456789"
MODEL = "gpt-4.1-mini"


def client_of(base_url: str, **changes: Any) -> "OpenAI":
    """The official client, which refuses whatever its own types do not allow, and asks once."""
    from openai import OpenAI

    settings: dict[str, Any] = {"api_key": KEY, "max_retries": 0, "timeout": 30, "_strict_response_validation": True}
    return OpenAI(base_url=base_url, **(settings | changes))


def ask(client: "OpenAI", text: str = "Grade this.", **changes: Any) -> Any:
    """Ask for a chat completion."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}], **changes}
    return client.chat.completions.create(**body)


def jsonl(rows: list[Any]) -> tuple[str, bytes]:
    """Rows as an upload."""
    return "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode()


def examples_file(client: "OpenAI", count: int) -> str:
    """Upload a training file with that many examples; its id."""
    talk = [{"role": "user", "content": "Grade."}, {"role": "assistant", "content": "Score: 0.7"}]
    return client.files.create(file=jsonl([{"messages": talk}] * count), purpose="fine-tune").id


def batch_of(client: "OpenAI", *custom_ids: str, **changes: Any) -> Any:
    """Begin a batch with a request for each custom_id."""
    messages = [{"role": "user", "content": "Grade."}]
    rows = [
        {"custom_id": one, "method": "POST", "url": CHAT, "body": {"model": MODEL, "messages": messages, "user": one, **changes}}
        for one in custom_ids
    ]
    file = client.files.create(file=jsonl(rows), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")


def rows_of(client: "OpenAI", file_id: str | None) -> list[Any]:
    """The rows of a file."""
    return [] if file_id is None else [json.loads(line) for line in client.files.content(file_id).text.splitlines()]


def ask_anyhow(client: "OpenAI", text: str) -> None:
    """Ask for a chat completion whatever comes of it."""
    from openai import APIStatusError

    with contextlib.suppress(APIStatusError, json.JSONDecodeError):
        ask(client, text)
