"""Faults on order: statuses, broken connections and broken texts, scripted or at random."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any

from tests.openai_server.messages import Request, Response
from tests.openai_server.texts import canonical, unit

STATUS_FAULTS: dict[str, tuple[int, str, str, str]] = {
    "429": (429, "Rate limit reached for requests. Please try again later.", "requests", "rate_limit_exceeded"),
    "bare_429": (429, "Rate limit reached for requests. Please try again later.", "requests", "rate_limit_exceeded"),
    "quota": (
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    "500": (500, "The server had an error while processing your request. Sorry about that!", "server_error", "server_error"),
    "503": (503, "That model is currently overloaded with other requests.", "server_error", "server_is_overloaded"),
}
WIRE_FAULTS = ("timeout", "cut", "truncated", "malformed")
_TEXT_FAULTS = ("refusal", "empty", "out_of_range", "prose", "several")
FAULTS = (*STATUS_FAULTS, *WIRE_FAULTS, *_TEXT_FAULTS)


class Faults:
    """Which requests meet which fault: first those that are scripted, in order of arrival, then those of the mix."""

    def __init__(self) -> None:
        self.fault_paths: tuple[str, ...] = ()
        self.retry_after_s: float = 1
        self.hold_s = 60.0
        self._faults: deque[str] = deque()
        self._mix: dict[str, float] = {}
        self._mix_seed = 0
        self._attempts: Counter[str] = Counter()

    @property
    def faults(self) -> list[str]:
        """The scripted faults that are still to come."""
        return list(self._faults)

    @faults.setter
    def faults(self, names: Sequence[str]) -> None:
        _require_faults(name for name in names if name != "ok")
        self._faults = deque(names)

    def mix(self, shares: Mapping[str, float], *, seed: int = 0) -> None:
        """Faults at random, once the scripted ones are over.

        Args:
            shares: the share of requests that each fault hits, in [0, 1] in all.
            seed: with the canonical body and the number of times that it has come, it decides the fault alone.
        """
        _require_faults(shares)
        self._mix, self._mix_seed = dict(shares), seed

    def _next_fault(self, request: Request) -> str | None:
        if not request.path.startswith(self.fault_paths):
            return None
        if self._faults:
            name = self._faults.popleft()
            return None if name == "ok" else name
        key = canonical(request.body if isinstance(request.body, dict) else str(request.body))
        self._attempts[key] += 1
        point = unit(f"{self._mix_seed}|{self._attempts[key]}|{key}")
        for name, share in self._mix.items():
            point -= share
            if point < 0:
                return name
        return None

    def _status_fault(self, name: str) -> Response:
        status, message, kind, code = STATUS_FAULTS[name]
        headers = {"retry-after": f"{self.retry_after_s:g}"} if name == "429" else {}
        return Response({"error": {"message": message, "type": kind, "param": None, "code": code}}, status, headers=headers)


def _require_faults(names: Any) -> None:
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        message = f"There is no fault {unknown[0]!r}; there are {', '.join(FAULTS)}."
        raise ValueError(message)
