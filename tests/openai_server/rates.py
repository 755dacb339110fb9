"""What the server says of its rate limits, and keeps to when it is told to."""

import math
import time

from tests.openai_server.messages import WireError


class Bucket:
    """A limit a minute that refills steadily, as the rate headers report it."""

    def __init__(self) -> None:
        self._used = 0.0
        self._at = time.monotonic()

    def used(self, limit: int) -> float:
        """The share of the limit that has not come back yet."""
        now = time.monotonic()
        self._used, self._at = max(0.0, self._used - (now - self._at) * limit / 60), now
        return self._used

    def spend(self, amount: float) -> None:
        """Take from the bucket."""
        self._used += amount


class Rates:
    """The limits a minute: stated in the headers of every reply, and enforced where `enforce_rate` is set."""

    def __init__(self) -> None:
        self.requests_per_minute, self.tokens_per_minute, self.enforce_rate = 10_000, 2_000_000, False
        self.rate_headers: dict[str, str] = {}
        self._request_bucket, self._token_bucket = Bucket(), Bucket()

    def _limit(self) -> None:
        if self.enforce_rate and self._request_bucket.used(self.requests_per_minute) + 1 > self.requests_per_minute:
            error = WireError(429, f"Rate limit reached: {self.requests_per_minute} requests a minute.", code="rate_limit_exceeded")
            error.reply.headers["retry-after"] = str(math.ceil(60 / self.requests_per_minute))
            raise error
        self._request_bucket.spend(1)

    def _rates(self) -> dict[str, str]:
        headers = {}
        for name, limit, bucket in (
            ("requests", self.requests_per_minute, self._request_bucket),
            ("tokens", self.tokens_per_minute, self._token_bucket),
        ):
            used = bucket.used(limit)
            headers[f"x-ratelimit-limit-{name}"] = str(limit)
            headers[f"x-ratelimit-remaining-{name}"] = str(max(0, math.floor(limit - used)))
            headers[f"x-ratelimit-reset-{name}"] = duration(used / limit * 60)
        return headers | self.rate_headers


def duration(seconds: float) -> str:
    """A time as the reset headers write it: 120ms, 1s, 6m0s."""
    milliseconds = math.ceil(seconds * 1000)
    if 0 < milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds / 1000, 60)
    return f"{minutes:g}m{rest:g}s" if minutes else f"{rest:g}s"
