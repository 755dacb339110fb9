"""Rate limits: how many requests go in a minute, and who rests when the server asks for rest."""

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from judge.models.endpoints import Endpoint
from judge.models.rate_limits import RateLimiter, retry_after_s, seconds, weight


class _Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _endpoint(requests: int | None = None, tokens: int | None = None) -> Endpoint:
    return Endpoint(
        base_url=None,
        api_key_env=None,
        concurrency=8,
        requests_per_minute=requests,
        tokens_per_minute=tokens,
        retries=2,
        timeout_s=60.0,
        usd_per_million_prompt_tokens=0.0,
        usd_per_million_completion_tokens=0.0,
    )


def _times(limiter: RateLimiter, clock: _Clock, weights: list[int], *, each_takes_s: float = 0.1) -> list[float]:
    """When each of several requests goes, one after the other."""
    went = []
    for tokens in weights:
        while (pause := limiter.pause(tokens)) > 0:
            clock.now += pause
        limiter.sent(tokens)
        went.append(clock.now)
        clock.now += each_takes_s
    return went


def test_no_minute_has_more_requests_than_allowed() -> None:
    """Of 50 requests at 7 a minute, any 8 in a row take at least a minute."""
    clock = _Clock()
    went = _times(RateLimiter(_endpoint(requests=7), clock), clock, [10] * 50)
    assert all(later - earlier >= 60.0 - 1e-9 for earlier, later in zip(went, went[7:], strict=False))


def test_the_requests_that_are_allowed_go_at_once() -> None:
    """The first 7 of a minute wait for nothing."""
    clock = _Clock()
    went = _times(RateLimiter(_endpoint(requests=7), clock), clock, [10] * 7, each_takes_s=0.0)
    assert went == [1000.0] * 7


def test_no_minute_has_more_tokens_than_allowed() -> None:
    """Requests of 40 tokens at 100 a minute go two at a time."""
    clock = _Clock()
    went = _times(RateLimiter(_endpoint(tokens=100), clock), clock, [40] * 6, each_takes_s=0.0)
    assert went == [1000.0, 1000.0, 1060.0, 1060.0, 1120.0, 1120.0]


def test_a_request_larger_than_the_limit_goes_alone() -> None:
    """It waits for an empty minute, not for ever."""
    clock = _Clock()
    went = _times(RateLimiter(_endpoint(tokens=100), clock), clock, [40, 500, 40], each_takes_s=0.0)
    assert went == [1000.0, 1060.0, 1120.0]


def test_without_limits_nothing_waits() -> None:
    """Null leaves it to the server's headers."""
    clock = _Clock()
    assert _times(RateLimiter(_endpoint(), clock), clock, [10**9] * 100, each_takes_s=0.0) == [1000.0] * 100


@pytest.mark.parametrize(
    ("status", "headers", "rest_s"),
    [
        (429, {"retry-after": "7"}, 7.0),
        (503, {"retry-after": "2.5"}, 2.5),
        (429, {"retry-after-ms": "250"}, 0.25),
        (429, {}, 0.0),
        (200, {"retry-after": "7"}, 0.0),
        (429, {"retry-after": "3600"}, 120.0),
        (429, {"retry-after": "-3"}, 0.0),
        (429, {"retry-after": "nan"}, 0.0),
        (429, {"retry-after": "Thu, 01 Jan 2015 07:28:00 GMT"}, 0.0),
        (200, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s"}, 1.0),
        (200, {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m0.5s"}, 60.5),
        (200, {"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1s"}, 0.0),
        (429, {"retry-after": "1", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "3s"}, 3.0),
    ],
)
def test_a_server_that_asks_for_rest_gets_it_from_everybody(status: int, headers: dict[str, str], rest_s: float) -> None:
    """After such a reply no request goes for so long, whoever's it is."""
    clock = _Clock()
    limiter = RateLimiter(_endpoint(), clock)
    limiter.heard(status, headers)
    assert limiter.pause(1) == pytest.approx(rest_s)
    clock.now += rest_s
    assert limiter.pause(1) == 0.0


def test_a_rest_until_a_date_is_given_until_then() -> None:
    """`Retry-After` may be a date as well; here it lies a minute ahead."""
    assert retry_after_s({"retry-after": formatdate(time.time() + 60, usegmt=True)}) == pytest.approx(60, abs=2)


def test_a_shorter_rest_does_not_end_a_longer_one() -> None:
    """Replies come in any order; the latest end counts."""
    clock = _Clock()
    limiter = RateLimiter(_endpoint(), clock)
    limiter.heard(429, {"retry-after": "10"})
    limiter.heard(429, {"retry-after": "1"})
    limiter.heard(200, {})
    assert limiter.pause(1) == 10.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", 1.0), ("6m0s", 360.0), ("120ms", 0.12), ("1h2m3.5s", 3723.5), ("", 0.0), ("soon", 0.0), ("-1", 0.0)],
)
def test_durations_are_read_as_servers_write_them(text: str, expected: float) -> None:
    """Plain seconds, or figures with units; what is neither is no time."""
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("fields", "returned"),
    [({"max_tokens": 50}, 50), ({"max_completion_tokens": 20, "n": 3}, 60), ({}, 0), ({"max_tokens": None}, 0)],
)
def test_a_request_weighs_what_it_sends_and_may_get_back(fields: dict[str, Any], returned: int) -> None:
    """Four bytes of the request are a token; the limit of the reply counts for each choice."""
    content = json.dumps({"messages": [], **fields}).encode()
    assert weight(content) == len(content) // 4 + returned


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1]", b'{"max_tokens": "many"}'])
def test_a_request_that_is_no_chat_weighs_its_bytes(content: bytes) -> None:
    """What cannot be read has no limit of its reply."""
    assert weight(content) == len(content) // 4
