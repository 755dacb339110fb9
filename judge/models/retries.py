"""Ask again after what passes by itself: the one mechanism for every hosted model, whose own clients are told not to.

What is asked again, and when, is as OpenAI's client does it: 408, 409, 429, 5xx and lost connections, after what the server
names in `Retry-After` or `retry-after-ms`, or else after an exponential back-off with jitter. The loop is tenacity's.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from judge.models.rate_limits import LONGEST_REST_S, retry_after_s
from judge.models.wires import StatusError, Unconnected

T = TypeVar("T")

# Request timeout, conflict (a lock at the server), too many requests; so do all from 500 on.
_PASSING = (408, 409, 429)
# The jitter keeps requests that failed together from being sent together again.
_back_off = wait_exponential_jitter(multiplier=0.5, max=8.0, jitter=0.5)


def call(work: Callable[[], T], retries: int) -> T:
    """Do what asks a server, and do it again when it fails in a way that passes.

    Args:
        work: asks once; it raises an error of the openai client, a StatusError or Unconnected where that fails.
        retries: how often it is asked again, at most.

    Raises:
        Exception: the last error of `work`, as it was raised.
    """
    return Retrying(**_policy(retries))(work)


async def call_async(work: Callable[[], Awaitable[T]], retries: int) -> T:
    """As `call`, for work that is awaited."""

    # tenacity awaits only what it sees to be a coroutine function, which a lambda is not.
    async def attempt() -> T:
        return await work()

    return await AsyncRetrying(**_policy(retries))(attempt)


def passes(error: BaseException) -> bool:
    """Whether the request may succeed when it is sent again."""
    import openai

    if isinstance(error, openai.APIConnectionError | Unconnected):
        return True
    if not isinstance(error, openai.APIStatusError | StatusError):
        return False
    headers = _headers(error)
    # A server that asks for a longer rest is not waited for.
    if retry_after_s(headers) > LONGEST_REST_S:
        return False
    # OpenAI's servers know better in some cases, and say so.
    said = headers.get("x-should-retry")
    return said == "true" if said in ("true", "false") else error.status_code in _PASSING or error.status_code >= 500


def _policy(retries: int) -> dict[str, Any]:
    return {"retry": retry_if_exception(passes), "stop": stop_after_attempt(retries + 1), "wait": _pause_s, "reraise": True}


def _pause_s(state: RetryCallState) -> float:
    """Seconds until the next attempt."""
    error = None if state.outcome is None else state.outcome.exception()
    return retry_after_s(_headers(error)) or _back_off(state)


def _headers(error: BaseException | None) -> Any:
    """The headers of the reply that an error is made of, with names in lower case; none where there was no reply."""
    if isinstance(error, StatusError):
        return error.headers
    return getattr(getattr(error, "response", None), "headers", {})
