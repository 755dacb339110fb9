"""Cached requests to local models: requests in, replies out, in request order.

Replies are kept on disk under a key made of all that changes them, so a killed run goes on where it stopped.
A padded batch is computed as a whole and numerics depend on what shares it, so the key is that of the batch:
a run that was interrupted ends with the bytes of one that was not.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from judge.errors import ModelError
from judge.models import cluster
from judge.models.replies import Json, ReplyStore
from judge.tables.dry_run import DRY_RUN, Planned

Request = dict[str, Any]


def ask(
    requests: Sequence[Request],
    run: Callable[[list[Request]], list[Json]],
    *,
    identity: dict[str, Any],
    length: Callable[[Request], int],
    batch_size: int,
    what: str,
) -> list[Json]:
    """Run the requests through a model in batches of similar length.

    Args:
        requests: JSON objects; equal ones are asked once.
        run: answers one batch, in order, with JSON values. On a cluster each process gets a copy, so it loads its model when first called.
        identity: everything besides the requests that changes a reply: model, dtype, decoding, seed, version of the code's idea.
        length: the size of a request, by which batches are sorted.
        batch_size: requests in a batch, at most.
        what: the unit, shown by the progress bar.

    Returns:
        One reply for each request, in request order.

    Raises:
        ModelError: a single request does not fit into memory.
        ClusterError: models are asked on a cluster, and it cannot be had.
        Planned: in a dry run, with what would be asked.
    """
    from tqdm import tqdm

    texts = [_canonical(request) for request in requests]
    unique = dict(zip(texts, requests, strict=True))
    order = sorted(unique, key=lambda text: (length(unique[text]), text))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    store = ReplyStore()
    replies: dict[str, Json] = {}
    try:
        if DRY_RUN.get():
            raise Planned(what, len(order), sum(len(batch) for batch in batches if store.get(_key(identity, batch)) is not None))
        # disable=None keeps the bar away where stderr is no terminal.
        with tqdm(total=len(order), unit=what, desc=what, disable=None, file=sys.stderr) as bar:
            # The longest batch first: one that does not fit into memory shows at once.
            missing = []
            for batch in reversed(batches):
                answered = store.get(_key(identity, batch))
                if answered is None:
                    missing.append(batch)
                else:
                    replies.update(zip(batch, answered, strict=True))
                    bar.update(len(batch))
            for index, answered in _answers([[unique[text] for text in batch] for batch in missing], run):
                store.put(_key(identity, missing[index]), answered)
                replies.update(zip(missing[index], answered, strict=True))
                bar.update(len(missing[index]))
    finally:
        store.close()
    return [replies[text] for text in texts]


def _answers(batches: list[list[Request]], run: Callable[[list[Request]], list[Json]]) -> Iterator[tuple[int, list[Json]]]:
    """The index of each batch and its replies, computed here one after another, or on the cluster as they are ready."""
    halving = partial(_run_halving, run=run)
    runtime = cluster.RUNTIME.get()
    if runtime is None:
        yield from enumerate(map(halving, batches))
    elif batches:
        with cluster.connected(runtime):
            yield from cluster.mapped(halving, batches, runtime)


def _run_halving(batch: list[Request], run: Callable[[list[Request]], list[Json]]) -> list[Json]:
    """Run a batch; where memory runs out, run its halves."""
    try:
        return run(batch)
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
    if len(batch) == 1:
        message = (
            "One single request does not fit into this machine's memory.\n"
            "Next: lower chunk.size, or choose a smaller model or dtype in the option file."
        )
        raise ModelError(message)
    middle = len(batch) // 2
    return _run_halving(batch[:middle], run) + _run_halving(batch[middle:], run)


def _is_out_of_memory(error: BaseException) -> bool:
    # torch raises OutOfMemoryError on a GPU, but a plain RuntimeError from its allocator on a CPU.
    return isinstance(error, MemoryError) or "out of memory" in str(error) or "can't allocate memory" in str(error)


def _key(identity: dict[str, Any], batch: list[str]) -> str:
    return hashlib.sha256(_canonical([identity, batch]).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
