"""What all endpoints share: the settings of the server, its models, and what it has seen."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.openai_server.faults import Faults
from tests.openai_server.messages import Json, Request, WireError
from tests.openai_server.rates import Bucket, Rates
from tests.openai_server.scripted import Scripted, grade
from tests.openai_server.stored import Stored
from tests.openai_server.texts import level_probabilities

CHAT, DECISIONS, SYSTEM_ONE = "/v1/chat/completions", "/v1/decisions", "/v1/systemone"
# The paths that are asked of a model: they have latency, a rate limit, and by default the faults.
ASKED = (CHAT, DECISIONS, SYSTEM_ONE)


Route = tuple[str, str, str]
"""The HTTP method, a pattern of the path whose groups are ids, and the name of the method that answers."""


@dataclass
class Model:
    """What a model allows: log-probabilities, several choices, `max_tokens` by that name; and whether it has been shut down."""

    logprobs: bool = True
    several: bool = True
    max_tokens: bool = True
    retired: bool = False


class State(Faults, Rates):
    """Settings and bookkeeping; see OpenAIServer."""

    def __init__(self) -> None:
        Faults.__init__(self)
        Rates.__init__(self)
        self.fault_paths = ASKED
        self.latency_s = 0.0
        self.respond: Callable[[Json], Scripted] = grade
        self.decide: Callable[[str, int], Sequence[float] | None] = level_probabilities
        self.models = {name: Model() for name in ("gpt-4.1", "gpt-4.1-mini", "gpt-4o-mini", "gpt-6-luna", "jev-latest")}
        self.models["o4-mini"] = Model(logprobs=False, several=False, max_tokens=False)
        self.models |= {name: Model(retired=True) for name in ("gpt-3.5-turbo", "gpt-4")}
        self.key: str | None = None
        self._stored = Stored()
        self.reset()

    def reset(self) -> None:
        """Forget what was seen; keep the settings, the models, and what is stored."""
        self.requests: list[Request] = []
        self.paid: Counter[str] = Counter()
        self.in_flight_peak = self._in_flight = 0
        self._attempts: Counter[str] = Counter()
        self._request_bucket, self._token_bucket = Bucket(), Bucket()

    @property
    def keys_seen(self) -> set[str]:
        """The API keys that requests came with."""
        return {request.headers.get("authorization", "").removeprefix("Bearer ") for request in self.requests}

    def _authorise(self, header: str) -> None:
        got = header.removeprefix("Bearer ")
        if self.key is not None and got != self.key:
            message = f"Incorrect API key provided: {got}. You can find your API key at https://platform.openai.com/account/api-keys."
            raise WireError(401, message, code="invalid_api_key")

    def _model(self, name: Any) -> Model:
        if not isinstance(name, str):
            raise WireError(400, "you must provide a model parameter")
        model = self.models.get(name)
        if model is None:
            raise WireError(404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found")
        if model.retired:
            message = f"The model `{name}` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations"
            raise WireError(404, message, code="model_not_found")
        return model
