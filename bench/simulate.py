"""What cannot be measured here: a hosted teacher at its limits, its batches, and a cluster that loses nodes; seeded, with intervals.

The hosted teacher keeps the limits of `judge.models.rate_limits.RateLimiter` itself, on a clock that is made up, and pauses as
`judge.models.retries` does. How often servers fail and how long they take are assumptions, which stand in the classes below.
"""

import heapq
import math
import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from judge.models.endpoints import Endpoint
from judge.models.rate_limits import RateLimiter

_HOUR_S = 3600.0
_REFUSED_S = 0.05


class Interval(NamedTuple):
    """A mean over runs with its 95% interval by Student's t, and how many runs there were."""

    mean: float
    low: float
    high: float
    n: int


class Server(NamedTuple):
    """How a hosted model answers.

    `latency_s` is the median of a log-normal latency, `spread` the standard deviation of its logarithm. Of the attempts a share `limited`
    gets 429 with a Retry-After of `rest_s`, and a share `broken` gets a 5xx; both come at once, as a server refuses before it computes.
    """

    latency_s: float
    limited: float
    broken: float
    rest_s: float = 1.0
    spread: float = 0.5


class Hosted(NamedTuple):
    """What a run of requests came to: requests a second that were answered or given up, the share given up, attempts a request, seconds."""

    rate: float
    failed: float
    attempts: float
    seconds: float


def interval(values: Sequence[float]) -> Interval:
    """The mean of at least two runs with its interval."""
    mean = statistics.fmean(values)
    half = float(stats.t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half, len(values))


def runs(simulated: Callable[[int], float], seeds: int) -> Interval:
    """A figure simulated from so many seeds."""
    return interval([simulated(seed) for seed in range(seeds)])


def hosted(endpoint: Endpoint, server: Server, requests: int, tokens: int, seed: int) -> Hosted:
    """Requests of `tokens` tokens each to a hosted model, `endpoint.concurrency` at a time, within the endpoint's limits.

    The rate is that of the second half, when the first minute of a full allowance has passed.
    """
    drawn = np.random.default_rng(seed)
    now = 0.0
    limiter = RateLimiter(endpoint, clock=lambda: now)
    # Each worker by the second at which it goes on, what comes back to it then, and how often its request has been sent.
    events: list[tuple[float, int, str, int]] = [(0.0, worker, "free", 0) for worker in range(endpoint.concurrency)]
    begun = done = failed = attempts = 0
    half_s = 0.0
    while done < requests:
        now, worker, state, tries = heapq.heappop(events)
        if state == "limited":
            limiter.heard(429, {"retry-after": str(server.rest_s)})
        if state in ("limited", "broken") and tries <= endpoint.retries:
            pause = server.rest_s if state == "limited" else min(0.5 * 2 ** (tries - 1) + drawn.uniform(0.0, 0.5), 8.0)
            heapq.heappush(events, (now + pause, worker, "waiting", tries))
            continue
        if state in ("answered", "limited", "broken"):
            done += 1
            failed += state != "answered"
            half_s = now if done == requests // 2 else half_s
        if state != "waiting":
            if begun == requests:
                continue
            begun, tries = begun + 1, 0
        if (pause := limiter.pause(tokens)) > 0.0:
            # It has its request, and asks again when the limit lets the next one through.
            heapq.heappush(events, (now + pause, worker, "waiting", tries))
            continue
        limiter.sent(tokens)
        attempts += 1
        takes_s = float(drawn.lognormal(math.log(server.latency_s), server.spread))
        chance = drawn.random()
        outcome = "limited" if chance < server.limited else "broken" if chance < server.limited + server.broken else "answered"
        heapq.heappush(events, (now + (takes_s if outcome == "answered" else _REFUSED_S), worker, outcome, tries + 1))
    return Hosted((requests - requests // 2) / (now - half_s), failed / requests, attempts / requests, now)


def batched(batches: int, at_once: int, median_h: float, seed: int) -> float:
    """Hours that so many batches take, `at_once` of them at the server.

    One takes a log-normal time around `median_h`; at 24 h it expires, and what is left of it, a tenth, is sent again as one of the next.
    """
    drawn = np.random.default_rng(seed)
    slots = [0.0] * min(at_once, batches)
    left, ended_h = float(batches), 0.0
    while left > 0.0:
        start = heapq.heappop(slots)
        takes_h = float(drawn.lognormal(math.log(median_h), 0.7))
        left -= min(1.0, left) * (1.0 if takes_h <= 24.0 else 0.9)
        ended_h = max(ended_h, start + min(takes_h, 24.0))
        heapq.heappush(slots, start + min(takes_h, 24.0))
        # What would be a thousandth of a batch is a few rows, which go along with another.
        left = 0.0 if left < 1e-3 else left
    return ended_h


def cluster(rows: int, nodes: int, rate: float, lifetime_h: float, absent_h: float, block: int, seed: int) -> float:
    """Hours that a cluster takes for so many rows, whose nodes come and go: a block that a node had in hand when it went is done again.

    Args:
        rows: in all.
        nodes: of the cluster.
        rate: rows a second of a node.
        lifetime_h: hours until a node is lost, on average; exponential.
        absent_h: hours until another stands in its place.
        block: rows that a node has in hand.
        seed: of the losses.
    """
    drawn = np.random.default_rng(seed)
    ideal_h = rows / (nodes * rate * _HOUR_S)
    horizon_h = 4.0 * ideal_h * (1.0 + absent_h / lifetime_h) + 8.0 * absent_h + block / (rate * _HOUR_S)
    most = 8 + int(3.0 * horizon_h / lifetime_h)
    up = drawn.exponential(lifetime_h, (nodes, most))
    starts = np.cumsum(up + absent_h, axis=1) - up - absent_h
    blocks_an_hour = rate * _HOUR_S / block

    def done(hours: float) -> float:
        there = np.clip(hours - starts, 0.0, up)
        return float(np.floor(there * blocks_an_hour).sum()) * block

    low, high = 0.0, horizon_h
    while high - low > 1e-4 * ideal_h:
        middle = (low + high) / 2
        low, high = (low, middle) if done(middle) >= rows else (middle, high)
    return high
