"""Keep to a server's limits: requests and tokens a minute, and a rest for every request when it asks for one."""

import asyncio
import contextlib
import json
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from judge.models.endpoints import Endpoint

if TYPE_CHECKING:
    import httpx


LONGEST_REST_S = 120.0
"""The longest rest that a server is given, as in the openai client; beyond it a request is given up."""

_MINUTE_S = 60.0
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class RateLimiter:
    """Holds requests back: in any 60 seconds no more of them, and of their tokens, than the endpoint allows.

    It hooks into the HTTP client, which calls the hooks at every attempt, so a retry waits like a first attempt.
    """

    def __init__(self, endpoint: Endpoint, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_requests = endpoint.requests_per_minute
        self._most_tokens = endpoint.tokens_per_minute
        self._clock = clock
        self._sent: deque[tuple[float, int]] = deque()
        self._tokens = 0
        self._rest_until = 0.0

    async def before(self, request: "httpx.Request") -> None:
        """Wait for this request's turn."""
        tokens = 0 if self._most_tokens is None else weight(request.content)
        # The end of the rest can move while one waits for it.
        while (pause := self.pause(tokens)) > 0:  # noqa: ASYNC110 - there is no event: only time has to pass
            await asyncio.sleep(pause)
        self.sent(tokens)

    async def after(self, response: "httpx.Response") -> None:
        """Learn from the reply's headers when the next request may go."""
        self.heard(response.status_code, dict(response.headers))

    def pause(self, tokens: int) -> float:
        """Seconds to wait before a request of `tokens` tokens; 0 where it may go."""
        now = self._clock()
        if self._rest_until > now:
            return self._rest_until - now
        while self._sent and self._sent[0][0] <= now - _MINUTE_S:
            self._tokens -= self._sent.popleft()[1]
        # A single request above the limit of tokens would wait for ever; it goes alone.
        if (self._most_requests is not None and len(self._sent) >= self._most_requests) or (
            self._most_tokens is not None and self._sent and self._tokens + tokens > self._most_tokens
        ):
            return self._sent[0][0] + _MINUTE_S - now
        return 0.0

    def sent(self, tokens: int) -> None:
        """Take note of a request that goes now."""
        if self._most_requests is not None or self._most_tokens is not None:
            self._sent.append((self._clock(), tokens))
            self._tokens += tokens

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in the status and the headers (names in lower case) of a reply."""
        rest = 0.0
        if status in (429, 503):
            rest = retry_after_s(headers)
        for kind in ("requests", "tokens"):
            if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0":
                rest = max(rest, seconds(headers.get(f"x-ratelimit-reset-{kind}", "")))
        self._rest_until = max(self._rest_until, self._clock() + min(rest, LONGEST_REST_S))


def weight(content: bytes) -> int:
    """About how many tokens a request counts for: what it sends at four bytes a token, and the most that it may get back.

    Servers count the most that a request asks for, before they know what comes back.
    """
    returned = 0
    with contextlib.suppress(ValueError, AttributeError, TypeError):
        body = json.loads(content)
        returned = int(body.get("max_completion_tokens") or body.get("max_tokens") or 0) * int(body.get("n") or 1)
    return len(content) // 4 + returned


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that a server asks to wait: `retry-after-ms`, or `Retry-After` as a number or as a date; 0 where it asks for none."""
    if milliseconds := seconds(headers.get("retry-after-ms", "")):
        return milliseconds / 1000
    said = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    return seconds(said)


def seconds(text: str) -> float:
    """Seconds in a header such as `1`, `6m0s`, `120ms`; 0 where it says none."""
    with contextlib.suppress(ValueError):
        return max(0.0, float(text))
    return sum(float(number) * _UNITS_S[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text))
