"""Cached requests to local models: requests in, replies out, in request order.

Replies are kept on disk under a key made of all that changes them, so a killed run goes on where it stopped.
What a model computes for a row depends in its last digits on the shape of the batch, and not on what else is in it. So only requests
of one length share a batch, and every batch has the same number of rows: a reply is keyed by its own request, and a request more
asks for nothing again.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from judge.errors import ModelError
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
    """Run the requests through a model in batches of one length.

    Args:
        requests: JSON objects; equal ones are asked once.
        run: answers a batch, in order, with JSON values; the last requests of a batch may be copies that fill it up.
        identity: everything besides the requests that changes a reply: model, dtype, decoding, seed, version of the code's idea.
        length: the size that a request has in its batch; called for what is not known yet.
        batch_size: requests in a batch.
        what: the unit, shown by the progress bar.

    Returns:
        One reply for each request, in request order.

    Raises:
        ModelError: a single request does not fit into memory.
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
            for _, group in sorted(groups.items(), reverse=True):
                rows = batch_size
                while missing := [text for text in group if text not in replies]:
                    batch = missing[:rows]
                    filled = [unique[text] for text in (*batch, *batch[-1:] * (rows - len(batch)))]
                    try:
                        answered = run(filled)[: len(batch)]
                    except (MemoryError, RuntimeError) as error:
                        rows = _halved(rows, error)
                        # Batches of another shape are other replies, some of which an earlier run may have left.
                        replies |= _known(store, identity, missing, rows)
                    else:
                        fresh = dict(zip(batch, answered, strict=True))
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
