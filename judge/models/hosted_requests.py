"""A queue of requests to a hosted model: workers that share it, the server's limits, the budget, and the cache."""

import asyncio
import json
import math
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from judge.errors import BudgetError, ModelError
from judge.models import retries
from judge.models.budget import Budget
from judge.models.endpoints import Endpoint
from judge.models.rate_limits import RateLimiter
from judge.models.replies import ReplyStore
from judge.models.wires import Body, Failure, HostedReply, Send, StatusError, Unconnected, Wire
from judge.tables.usage import Usage

if TYPE_CHECKING:
    import ssl

    import httpx
    from tqdm import tqdm


# The server is held to be away when this many requests (or all, where there are fewer) got no connection and nothing came before.
_MOST_UNREACHED = 3
# Connections of one HTTP client. It looks through all of them at every request: 64 in one client cost 9 ms of CPU a request, 16 cost 4.
_CONNECTIONS = 16
# Between the starts of two workers: a little more than the CPU time of a request. Workers that start at once stay bunched,
# so the processor is shared among all of them and then waits with all of them.
_STAGGER_S = 0.008
# The tutorial's two models, and the day that OpenAI switched them off.
_SHUT_DOWN = {"gpt-4": "2026-10-23", "gpt-3.5-turbo": "2026-10-23"}


class RequestQueue:
    """One call of `ask`: workers that take the waiting requests one after the other."""

    def __init__(self, wire: Wire, endpoint: Endpoint, store: ReplyStore, budget_usd: float | None, what: str) -> None:
        self._wire = wire
        self._endpoint = endpoint
        self._store = store
        self._budget = Budget(store, budget_usd)
        self._what = what
        self._paid = 0.0
        # What each request under way may cost at most.
        self._under_way: dict[str, float] = {}
        self._settled = asyncio.Condition()
        self._reached = False
        self._unreached = 0
        self._most_unreached = _MOST_UNREACHED
        self._stop: ModelError | BudgetError | None = None
        self._unkept: deque[tuple[str, HostedReply | Failure]] = deque()
        self._replies: dict[str, HostedReply | Failure] = {}

    async def ask(self, waiting: dict[str, Body]) -> dict[str, HostedReply | Failure]:
        """Send what is waiting, by key; raises as `hosted.ask` does."""
        from httpx import create_ssl_context
        from tqdm import tqdm

        limiter = RateLimiter(self._endpoint)
        queue = iter(waiting.items())
        workers = min(self._endpoint.concurrency, len(waiting))
        self._most_unreached = min(_MOST_UNREACHED, len(waiting))
        # Commits wait for the disk; in a thread of their own they hold up no request.
        with (
            tqdm(total=len(waiting), unit=self._what, desc=self._what, disable=None, file=sys.stderr) as bar,
            ThreadPoolExecutor(1) as writer,
        ):
            async with AsyncExitStack() as clients:

                async def work(send: Send, after_s: float) -> None:
                    await asyncio.sleep(after_s)
                    for key, body in queue:
                        if self._stop or not await self._reserve(key, body):
                            return
                        outcome = await self._one(send, body)
                        self._unkept.append((key, outcome))
                        await asyncio.get_running_loop().run_in_executor(writer, self._keep)
                        self._replies[key] = outcome
                        await self._settle(key)
                        self._show(bar, outcome)

                trusted = create_ssl_context(trust_env=not self._endpoint.is_loopback)
                sends = [
                    self._wire.connect(self._endpoint, await clients.enter_async_context(self._client(limiter, trusted)), clients)
                    for _ in range(math.ceil(workers / _CONNECTIONS))
                ]
                await asyncio.gather(*(work(sends[number % len(sends)], number * _STAGGER_S) for number in range(workers)))
        if self._stop:
            raise self._stop
        self._tell()
        return self._replies

    def _client(self, limiter: RateLimiter, trusted: "ssl.SSLContext") -> "httpx.AsyncClient":
        from httpx import Limits
        from openai import DefaultAsyncHttpxClient

        return DefaultAsyncHttpxClient(
            event_hooks={"request": [limiter.before], "response": [limiter.after]},
            timeout=self._endpoint.timeout_s,
            verify=trusted,
            limits=Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            # A proxy of the environment does not reach the servers of this machine.
            trust_env=not self._endpoint.is_loopback,
        )

    async def _reserve(self, key: str, body: Body) -> bool:
        """Set aside what a request may cost at most; False where the budget does not allow it."""
        if not self._budget.is_limited:
            return True
        most = self._endpoint.price(*self._wire.most_tokens(body))
        async with self._settled:
            while most and not self._stop and not self._budget.allows(sum(self._under_way.values()) + most):
                try:
                    self._budget.require(
                        most,
                        what="The next request",
                        state=f"{len(self._replies)} replies of this stage came before that; all that was paid for is kept.",
                        advice="raise budget_usd in params.yaml and run the same command again; it goes on from there.",
                    )
                except BudgetError as error:
                    self._stop = error
                else:
                    # What is under way mostly turns out cheaper than its most.
                    await self._settled.wait()
            if self._stop:
                return False
            self._under_way[key] = most
            return True

    async def _settle(self, key: str) -> None:
        """Give back what was set aside: the ledger has the true price by now."""
        if self._budget.is_limited:
            async with self._settled:
                del self._under_way[key]
                self._settled.notify_all()

    async def _one(self, send: Send, body: Body) -> HostedReply | Failure:
        import openai

        try:
            reply = with_valid_text(await retries.call_async(lambda: send(body), self._endpoint.retries))
            prompt, completion = self._wire.tokens(reply)
            refusal = self._wire.refusal(reply)
        except (openai.APIStatusError, StatusError) as error:
            return self._refused_status(error, str(body.get("model", "")))
        except (openai.APIConnectionError, Unconnected) as error:
            return self._unconnected(error)
        # What is no reply at all (malformed JSON, a missing or mistyped field) surfaces as whatever its reader stumbles over.
        except (openai.OpenAIError, ValueError, LookupError, TypeError, AttributeError) as error:
            self._reached = True
            return Failure("error", f"no usable reply ({type(error).__name__}: {self._say(error)})")
        self._reached = True
        usage = Usage(1, prompt, completion, self._endpoint.price(prompt, completion))
        if refusal is not None:
            return Failure("refused", refusal, usage=usage)
        return HostedReply(reply, usage)

    def _refused_status(self, error: Any, model: str) -> Failure:
        self._reached = True
        status, said = int(error.status_code), self._say(error)
        code = str(getattr(error, "code", "") or "")
        if status in (401, 403):
            self._stop = ModelError(
                f"{self._endpoint.url} refuses the key in {self._endpoint.api_key_env} ({status}): {said}\n"
                "Next: check the key and what its project may use.",
            )
        elif status == 404:
            since = f" OpenAI shut it down on {_SHUT_DOWN[model]}." if model in _SHUT_DOWN else ""
            self._stop = ModelError(
                f"The model {model} is not to be had at {self._endpoint.url} ({status}): {said}{since}\n"
                "Next: name a living model in the option file, or choose another option, such as teacher=openai, "
                "openai-compatible (your own server) or likelihood (this machine).",
            )
        elif code == "insufficient_quota":
            self._stop = ModelError(f"{self._endpoint.url} says that the account has no credit left: {said}\nNext: add credit.")
        return Failure("error", said, status, getattr(error, "param", None))

    def _unconnected(self, error: Exception) -> Failure:
        said = self._say(error.__cause__ or error)
        self._unreached += 1
        if not self._reached and self._unreached >= self._most_unreached:
            self._stop = ModelError(
                f"Nobody answers at {self._endpoint.url}: {said}\nNext: start the server, or correct base_url in the option file.",
            )
        return Failure("error", said or "the connection failed")

    def _keep(self) -> None:
        """Keep all that has come, in one commit: the first of several calls does it for all."""
        came: list[tuple[str, HostedReply | Failure]] = []
        while self._unkept:
            came.append(self._unkept.popleft())
        if not came:
            return
        replies = {key: outcome for key, outcome in came if isinstance(outcome, HostedReply)}
        self._store.record(
            {key: stored(reply.body, (reply.usage.prompt_tokens, reply.usage.completion_tokens)) for key, reply in replies.items()},
            [outcome.usage.usd for _, outcome in came],
        )
        self._budget.refresh()

    def _show(self, bar: "tqdm[Any]", outcome: HostedReply | Failure) -> None:
        self._paid += outcome.usage.usd
        bar.set_postfix_str(f"${self._paid:.4f}", refresh=False)
        bar.update()

    def _tell(self) -> None:
        failures = [outcome for outcome in self._replies.values() if isinstance(outcome, Failure)]
        if failures:
            refused = sum(failure.reason == "refused" for failure in failures)
            sys.stderr.write(
                f"{self._what}: {len(failures)} of {len(self._replies)} requests came to nothing, {refused} of them refused. "
                f"The first: {failures[0].detail}\n"
            )

    def _say(self, error: object) -> str:
        return self._endpoint.redact(" ".join(str(error).split()))[:500] or type(error).__name__


def with_valid_text(reply: Body) -> Body:
    """A reply whose texts can be written as UTF-8: JSON may hold halves of a surrogate pair, a table may not."""
    text = json.dumps(reply, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        valid: Body = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        return valid
    return reply


def stored(body: Body, tokens: tuple[int, int], *, batch: bool = False) -> dict[str, Any]:
    """A reply as the cache keeps it, without its price, which is that of the option file; `batch` where it came by the Batch API."""
    return {"body": body, "tokens": tokens} | ({"batch": True} if batch else {})
