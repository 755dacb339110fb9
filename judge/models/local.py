"""Cached requests to local models: requests in, replies out, in request order.

Replies are kept on disk under a key made of all that changes them, so a killed run goes on where it stopped.
What a model computes for a row depends in its last digits on the shape of the batch, and not on what else is in it. So only requests
of one length share a batch, and every batch has the same number of rows: a reply is keyed by its own request, and a request more
asks for nothing again.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from judge.errors import ModelError
from judge.models import cluster
from judge.models.cluster import RaySettings
from judge.models.replies import Json, ReplyStore
from judge.tables.dry_run import DRY_RUN, Planned

Request = dict[str, Any]

Answered = tuple[list[str], int, list[Json]]
"""Texts of requests, of how many rows the batches were that answered them, and their replies, after which others may follow."""


def ask(
    requests: Sequence[Request],
    run: Callable[[list[Request]], list[Json]],
    *,
    identity: dict[str, Any],
    length: Callable[[Request], int],
    batch_size: int,
    what: str,
) -> list[Json]:
    """Run the requests through a model in batches of one length.

    Args:
        requests: JSON objects; equal ones are asked once.
        run: answers a batch, in order, with JSON values; the last requests of a batch may be copies that fill it up. Each process of a
            cluster gets a copy of it, which must not carry a model that is loaded already.
        identity: everything besides the requests that changes a reply: model, dtype, decoding, seed, version of the code's idea.
        length: the size that a request has in its batch; called for what is not known yet.
        batch_size: requests in a batch.
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
    store = ReplyStore()
    try:
        replies = _known(store, identity, unique, batch_size)
        if DRY_RUN.get():
            raise Planned(what, len(unique), len(replies))
        groups: dict[int, list[str]] = {}
        for text in sorted(unique.keys() - replies.keys()):
            groups.setdefault(length(unique[text]), []).append(text)
        # disable=None keeps the bar away where stderr is no terminal.
        with tqdm(total=len(unique), initial=len(replies), unit=what, desc=what, disable=None, file=sys.stderr) as bar:
            # The longest first: what does not fit into memory shows at once.
            in_turn = [group for _, group in sorted(groups.items(), reverse=True)]
            runtime = cluster.RUNTIME.get()
            if runtime is None:
                answered = _answered_here(in_turn, unique, run, batch_size, partial(_known, store, identity))
            else:
                answered = _answered_there(in_turn, unique, run, batch_size, runtime)
            for batch, rows, given in answered:
                # What filled the batch up is not kept.
                fresh = dict(zip(batch, given, strict=False))
                store.record({_key(identity, text, rows): reply for text, reply in fresh.items()}, [])
                replies |= fresh
                bar.update(len(batch))
    finally:
        store.close()
    return [replies[text] for text in texts]


def _known(store: ReplyStore, identity: dict[str, Any], texts: Iterable[str], rows: int) -> dict[str, Json]:
    """The stored replies, by text."""
    stored = {text: store.get(_key(identity, text, rows)) for text in texts}
    return {text: reply for text, reply in stored.items() if reply is not None}


def _answered_here(
    groups: Sequence[list[str]],
    unique: Mapping[str, Request],
    run: Callable[[list[Request]], list[Json]],
    batch_size: int,
    known: Callable[[list[str], int], dict[str, Json]],
) -> Iterator[Answered]:
    """As `_answered_there`, one batch after another in this process; where memory runs out, the rest of a group goes in halves."""
    for group in groups:
        rows, missing = batch_size, list(group)
        while missing:
            try:
                given = run(_filled([unique[text] for text in missing[:rows]], rows))
            except (MemoryError, RuntimeError) as error:
                rows = _halved(rows, error)
                # Batches of another shape are other replies, some of which an earlier run may have left.
                kept = known(missing, rows)
                yield list(kept), rows, list(kept.values())
                missing = [text for text in missing if text not in kept]
            else:
                yield missing[:rows], rows, given
                missing = missing[rows:]


def _answered_there(
    groups: Sequence[list[str]],
    unique: Mapping[str, Request],
    run: Callable[[list[Request]], list[Json]],
    batch_size: int,
    runtime: RaySettings,
) -> Iterator[Answered]:
    """Each batch with its replies as the cluster has them ready; where memory runs out, a batch goes in halves."""
    batches = [group[start : start + batch_size] for group in groups for start in range(0, len(group), batch_size)]
    if not batches:
        return
    filled = [_filled([unique[text] for text in batch], batch_size) for batch in batches]
    with cluster.connected(runtime):
        for index, (rows, answered) in cluster.mapped(partial(_run_halving, run), filled, runtime):
            yield batches[index], rows, answered


def _run_halving(run: Callable[[list[Request]], list[Json]], batch: list[Request]) -> tuple[int, list[Json]]:
    """The replies to a batch, and how many rows of it the memory held at a time."""
    rows = len(batch)
    while True:
        parts = [batch[start : start + rows] for start in range(0, len(batch), rows)]
        try:
            return rows, [reply for part in parts for reply in run(_filled(part, rows))[: len(part)]]
        except (MemoryError, RuntimeError) as error:
            rows = _halved(rows, error)


def _filled(batch: list[Request], rows: int) -> list[Request]:
    """A batch of so many rows: where requests are missing, copies of the last."""
    return [*batch, *batch[-1:] * (rows - len(batch))]


def _halved(rows: int, error: Exception) -> int:
    """Half the rows, where the error says that memory ran out.

    Raises:
        ModelError: there is one row only.
        Exception: the error itself, where it says something else.
    """
    if not _is_out_of_memory(error):
        raise error
    if rows == 1:
        message = (
            "One single request does not fit into this machine's memory.\n"
            "Next: lower chunk.size, or choose a smaller model or dtype in the option file."
        )
        raise ModelError(message) from error
    return rows // 2


def _is_out_of_memory(error: BaseException) -> bool:
    # torch raises OutOfMemoryError on a GPU, but a plain RuntimeError from its allocator on a CPU.
    return isinstance(error, MemoryError) or "out of memory" in str(error) or "can't allocate memory" in str(error)


def _key(identity: dict[str, Any], text: str, rows: int) -> str:
    # Whatever fills a batch of so many rows, the reply is the one that copies of the request would give.
    return hashlib.sha256(_canonical([identity, [text] * rows]).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
