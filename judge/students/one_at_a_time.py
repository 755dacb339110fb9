"""One judging at a time in a process: what students share, torch's number of threads and a tokenizer's settings, bears no second one."""

import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")

LOCK = threading.RLock()
"""Held while a student judges; whoever calls from another thread waits."""


async def in_worker(call: Callable[[], T]) -> T:
    """What `call` returns, made in a thread of its own, in turn with all others; the event loop goes on meanwhile.

    A call that is cancelled before its turn is not made.
    """
    import asyncio
    from contextvars import copy_context

    return await asyncio.get_running_loop().run_in_executor(_worker(), copy_context().run, call)


@cache
def _worker() -> "ThreadPoolExecutor":
    """The thread; one, so that waiting calls stand in a queue rather than in a thread each."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")
