"""Ask hosted models: requests in, replies out, in request order.

Replies are kept on disk under all that changes them (wire, address, body), so nothing is paid for twice; refusals and
errors are not kept. `retries` asks again after what passes; this module bounds concurrency, keeps to the server's limits and
to the budget, and counts.
"""

import asyncio
import hashlib
import json
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from judge.models.endpoints import Endpoint
from judge.models.hosted_requests import RequestQueue, stored
from judge.models.replies import ReplyStore
from judge.models.wires import Body, Failure, HostedReply, Wire
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.usage import Usage

# Part of every key; to be raised when a stored reply would be read otherwise.
_VERSION = 1
# What OpenAI's Batch API asks of the price.
BATCH_PRICE_FACTOR = 0.5


def key_of(wire: Wire, endpoint: Endpoint, body: Body) -> str:
    """The key of a reply: a hash of all that changes it. Speed, price and key of the account do not."""
    text = json.dumps([_VERSION, wire.name, endpoint.url, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def kept(bodies: Sequence[Body], wire: Wire, endpoint: Endpoint) -> list[HostedReply | None]:
    """The replies that the cache has, in order; nothing is asked."""
    store = ReplyStore()
    try:
        return [_restore(store.get(key_of(wire, endpoint, body)), endpoint) for body in bodies]
    finally:
        store.close()


def keep(store: ReplyStore, key: str, body: Body, tokens: tuple[int, int], usd: float) -> None:
    """Put a reply into the cache and its price into the ledger, both or neither."""
    store.record({key: stored(body, tokens)}, [usd])


def ask(bodies: Sequence[Body], wire: Wire, endpoint: Endpoint, *, budget_usd: float | None, what: str) -> list[HostedReply | Failure]:
    """Send what the cache does not know, and return one reply or failure for each body, in order.

    Args:
        bodies: JSON bodies of requests; equal ones are asked once.
        wire: the wire format.
        endpoint: where to, how fast, and at what price.
        budget_usd: dollars that all runs with this cache may pay together; None is no limit.
        what: the unit, shown by the progress bar.

    Raises:
        BudgetError: the next request could pass the budget; all that was paid for is kept.
        ModelError: the key is missing or refused, the model is unknown or shut down, or nobody listens at the address.
        Planned: in a dry run, with what would be asked.
    """
    keys = [key_of(wire, endpoint, body) for body in bodies]
    unique = dict(zip(keys, bodies, strict=True))
    store = ReplyStore()
    try:
        replies: dict[str, HostedReply | Failure] = {}
        for key in unique:
            known = _restore(store.get(key), endpoint)
            if known is not None:
                replies[key] = known
        waiting = {key: body for key, body in unique.items() if key not in replies}
        if DRY_RUN.get():
            raise plan(waiting.values(), wire, endpoint, what=what, cached=len(replies))
        if waiting:
            replies |= run(RequestQueue(wire, endpoint, store, budget_usd, what).ask(waiting))
    finally:
        store.close()
    return [replies[key] for key in keys]


T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, within a notebook's loop as well."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    tasks: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def noted() -> T:
        task = asyncio.current_task()
        if task is not None:
            tasks.append((asyncio.get_running_loop(), task))
        return await work

    with ThreadPoolExecutor(1) as executor:
        future = executor.submit(asyncio.run, noted())
        try:
            return future.result()
        except KeyboardInterrupt:
            # Without this the executor would wait for all that is still to be asked.
            for loop, task in tasks:
                loop.call_soon_threadsafe(task.cancel)
            raise


def _restore(kept_reply: Any, endpoint: Endpoint) -> HostedReply | None:
    if kept_reply is None:
        return None
    prompt, completion = kept_reply["tokens"]
    # The price is that of the option file as it is now, so that a corrected price corrects the tables.
    usd = endpoint.price(prompt, completion) * (BATCH_PRICE_FACTOR if kept_reply.get("batch") else 1.0)
    return HostedReply(kept_reply["body"], Usage(1, prompt, completion, usd))


def plan(waiting: Iterable[Body], wire: Wire, endpoint: Endpoint, *, what: str, cached: int, price_factor: float = 1.0) -> Planned:
    """What it would take to ask: the requests `waiting`, beside those that are `cached`."""
    most = [wire.most_tokens(body) for body in waiting]
    prompt, completion = sum(sent for sent, _ in most), sum(returned for _, returned in most)
    return Planned(what, len(most) + cached, cached, prompt, completion, price_factor * endpoint.price(prompt, completion))
