"""Simulations come to what can be worked out or was measured."""

import pytest

from bench import simulate
from bench.simulate import Interval, Server
from judge.models.endpoints import Endpoint


def _endpoint(concurrency: int, requests: int | None = None, tokens: int | None = None, retries: int = 6) -> Endpoint:
    return Endpoint(
        base_url=None,
        api_key_env=None,
        concurrency=concurrency,
        requests_per_minute=requests,
        tokens_per_minute=tokens,
        retries=retries,
        timeout_s=60.0,
        usd_per_million_prompt_tokens=0.0,
        usd_per_million_completion_tokens=0.0,
    )


STEADY = Server(1.0, 0.0, 0.0, spread=0.0)


def test_without_limits_a_rate_is_that_of_the_latency() -> None:
    """64 at a time, a second each."""
    found = simulate.hosted(_endpoint(64), STEADY, 6400, 500, seed=1)
    assert (64.0, 0.0, 1.0, 100.0) == pytest.approx(found)


def test_a_server_on_loopback_took_as_long() -> None:
    """1,000 requests at 1 s, 64 at a time: 17.2 s were measured, and 26.2 s with failures (docs/measured.md)."""
    assert simulate.hosted(_endpoint(64), STEADY, 1000, 500, seed=1).seconds == pytest.approx(17.2, rel=0.1)
    faulty = Server(1.0, 0.1, 0.07, spread=0.01)
    assert simulate.hosted(_endpoint(64), faulty, 1000, 500, seed=1).seconds == pytest.approx(26.2, rel=0.1)


@pytest.mark.parametrize(("requests", "tokens"), [(600, None), (None, 300_000)])
def test_a_limit_holds_the_rate(requests: int | None, tokens: int | None) -> None:
    """600 requests of 500 tokens a minute are ten a second, whatever could be asked at a time."""
    found = simulate.hosted(_endpoint(128, requests, tokens), STEADY, 6000, 500, seed=1)
    assert found.rate == pytest.approx(10.0, rel=0.12)


def test_what_always_fails_is_given_up() -> None:
    """After the first attempt and its retries."""
    found = simulate.hosted(_endpoint(4, retries=2), Server(1.0, 0.0, 1.0), 20, 500, seed=1)
    assert (1.0, 3.0) == (found.failed, found.attempts)


def test_the_same_seed_gives_the_same_run() -> None:
    """And another seed another."""
    server = Server(1.0, 0.1, 0.1)
    one, again, other = (simulate.hosted(_endpoint(16), server, 500, 500, seed) for seed in (1, 1, 2))
    assert one == again != other


def test_batches_queue_behind_each_other() -> None:
    """Ten times as many as may be there take ten times as long, about; one that expires is sent again."""
    alone, queued = (simulate.runs(lambda seed, n=n: simulate.batched(n, 20, 4.0, seed), 20).mean for n in (200, 2000))  # type: ignore[misc]
    assert queued == pytest.approx(10 * alone, rel=0.25)
    assert simulate.batched(1, 1, 1e6, seed=1) > 24.0


def test_a_cluster_without_losses_takes_what_its_rate_says() -> None:
    """36 million rows by ten nodes of 100 a second: ten hours, and up to a block."""
    assert simulate.cluster(36_000_000, 10, 100.0, 1e9, 0.1, 128, seed=1) == pytest.approx(10.0, rel=0.001)


def test_losses_cost_what_nodes_miss() -> None:
    """Nodes that are there for nine hours of ten take a tenth longer, and a little for blocks that are done again."""
    found = simulate.runs(lambda seed: simulate.cluster(360_000_000, 10, 100.0, 0.9, 0.1, 128, seed), 10)
    assert found.mean == pytest.approx(100.0 / 0.9, rel=0.02)


def test_an_interval_is_of_the_mean() -> None:
    """Student's t of three values: 4.303 standard errors each way."""
    assert simulate.interval([1.0, 2.0, 3.0]) == pytest.approx(Interval(2.0, 2.0 - 4.3027 / 3**0.5, 2.0 + 4.3027 / 3**0.5, 3), rel=1e-4)
