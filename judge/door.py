"""The one door to every local model: requests in, replies out, in request order.

Replies are kept on disk under a key made of all that changes them, so a killed run goes on where it stopped.
A padded batch is computed as a whole and numerics depend on what shares it, so the key is that of the batch:
a run that was interrupted ends with the bytes of one that was not.
"""

import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from judge.embedded import cache_folder
from judge.errors import JudgeError, ModelError

Request = dict[str, Any]
Reply = Any


class ReplyStore:
    """Replies on disk by key, in SQLite with a write-ahead log, safe for several processes at once."""

    def __init__(self, path: Path) -> None:
        """Open the store, or make it.

        Raises:
            JudgeError: the file is no database, or cannot be written.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._fault(error) from error
        self._execute("PRAGMA journal_mode=WAL")
        self._execute("CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL)")

    def get(self, key: str) -> Reply | None:
        """The stored reply, or None."""
        row = self._execute("SELECT reply FROM replies WHERE key = ?", key).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, key: str, reply: Reply) -> None:
        """Store a reply; a process that is killed after this returns has it kept."""
        self._execute("INSERT OR REPLACE INTO replies VALUES (?, ?)", key, json.dumps(reply))

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _execute(self, statement: str, *values: str) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            self._connection.close()
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> JudgeError:
        return JudgeError(
            f"The cache of replies {self._path} cannot be used: {error}.\n"
            "Next: free some space if the disk is full. If the file is corrupt, delete it; every reply in it can be made again.",
        )


def ask(
    requests: Sequence[Request],
    run: Callable[[list[Request]], list[Reply]],
    *,
    identity: dict[str, Any],
    length: Callable[[Request], int],
    batch_size: int,
    what: str,
) -> list[Reply]:
    """Run the requests through a model in batches of similar length.

    Args:
        requests: JSON objects; equal ones are asked once.
        run: answers one batch, in order, with JSON values.
        identity: everything besides the requests that changes a reply: model, dtype, decoding, seed, version of the code's idea.
        length: the size of a request, by which batches are sorted.
        batch_size: requests in a batch, at most.
        what: the unit, shown by the progress bar.

    Returns:
        One reply for each request, in request order.

    Raises:
        ModelError: a single request does not fit into memory.
    """
    from tqdm import tqdm

    texts = [_canonical(request) for request in requests]
    unique = dict(zip(texts, requests, strict=True))
    order = sorted(unique, key=lambda text: (length(unique[text]), text))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    store = ReplyStore(cache_folder() / "replies.sqlite")
    replies: dict[str, Reply] = {}
    try:
        # disable=None keeps the bar away where stderr is no terminal.
        with tqdm(total=len(order), unit=what, desc=what, disable=None, file=sys.stderr) as bar:
            # The longest batch first: one that does not fit into memory shows at once.
            for batch in reversed(batches):
                key = hashlib.sha256(_canonical([identity, batch]).encode()).hexdigest()
                answered = store.get(key)
                if answered is None:
                    answered = _run_halving([unique[text] for text in batch], run)
                    store.put(key, answered)
                replies.update(zip(batch, answered, strict=True))
                bar.update(len(batch))
    finally:
        store.close()
    return [replies[text] for text in texts]


def _run_halving(batch: list[Request], run: Callable[[list[Request]], list[Reply]]) -> list[Reply]:
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


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
