"""A loopback server that speaks OpenAI's wire, with simulated latency and with faults on order.

It serves chat completions, decisions, System One, models, files, fine-tuning jobs and batches, each in the shapes of
the official client's own types; one module an endpoint. Everything it says is a function of the request: no clock, no
order of arrival. A test sets the attributes of `OpenAIServer`, asks through the real client, and asserts on what the
server saw:

    with OpenAIServer() as server:
        server.faults = ["429"]
        client = OpenAI(base_url=server.base_url, api_key="any", max_retries=1)
        client.chat.completions.create(model="gpt-4.1-mini", messages=[{"role": "user", "content": "Grade this."}])
        assert [request.fault for request in server.requests] == ["429", None]

As a process of its own: `python -m tests.openai_server --port 8080 --latency 1`.
"""

from tests.openai_server.batches import Fate
from tests.openai_server.faults import FAULTS
from tests.openai_server.messages import Json, Request, Response, WireError
from tests.openai_server.rates import duration
from tests.openai_server.scripted import Scripted, grade, last_user_text
from tests.openai_server.server import OpenAIServer
from tests.openai_server.state import CHAT, DECISIONS, SYSTEM_ONE, Model
from tests.openai_server.texts import canonical, level_probabilities, split_tokens

__all__ = [
    "CHAT",
    "DECISIONS",
    "FAULTS",
    "SYSTEM_ONE",
    "Fate",
    "Json",
    "Model",
    "OpenAIServer",
    "Request",
    "Response",
    "Scripted",
    "WireError",
    "canonical",
    "duration",
    "grade",
    "last_user_text",
    "level_probabilities",
    "split_tokens",
]
