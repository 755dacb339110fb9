"""Replies of models on disk: what was computed or paid for once is never asked for again."""

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from judge.errors import JudgeError
from judge.models.folders import cache_folder

Json = Any
"""A value that JSON can hold."""

_LOCKED_TRIES = 200
_LOCKED_WAIT_S = 0.05


class ReplyStore:
    """Replies by key, in SQLite with a write-ahead log, safe for several threads and processes at once.

    It holds a ledger of what was paid as well, and the ids of jobs that run at a server.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open the store of the cache folder, or make it.

        Raises:
            JudgeError: the file is no database, or cannot be written.
        """
        self._path = path or cache_folder() / "replies.sqlite"
        self._lock = threading.Lock()
        # Here, so that settings can name what is cached without loading SQLite.
        import sqlite3

        self._database_error = sqlite3.Error
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, timeout=60, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._fault(error) from error
        self._write_ahead()
        self._execute("CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL)")
        self._execute("CREATE TABLE IF NOT EXISTS payments (usd REAL NOT NULL)")
        self._execute("CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, id TEXT NOT NULL)")

    def get(self, key: str) -> Json | None:
        """The stored reply, or None."""
        row = self._execute("SELECT reply FROM replies WHERE key = ?", key)
        return None if not row else json.loads(row[0][0])

    def put(self, key: str, reply: Json) -> None:
        """Store a reply; a process that is killed after this returns has it kept."""
        self.record({key: reply}, [])

    def pay(self, usd: float) -> None:
        """Enter into the ledger what a reply cost."""
        self.record({}, [usd])

    def record(
        self,
        replies: Mapping[str, Json],
        payments: Sequence[float],
        *,
        begun: Mapping[str, str] | None = None,
        ended: Iterable[str] = (),
    ) -> None:
        """Store replies, enter payments, remember jobs by name and forget others: all or nothing, with a single wait for the disk."""
        # All is made ready first, so that only the database itself can fail between BEGIN and COMMIT.
        changes: list[tuple[str, list[tuple[Any, ...]]]] = [
            ("INSERT OR REPLACE INTO replies VALUES (?, ?)", [(key, json.dumps(reply)) for key, reply in replies.items()]),
            ("INSERT INTO payments VALUES (?)", [(usd,) for usd in payments if usd]),
            ("INSERT OR REPLACE INTO jobs VALUES (?, ?)", list((begun or {}).items())),
            ("DELETE FROM jobs WHERE name = ?", [(name,) for name in ended]),
        ]
        with self._locked():
            self._connection.execute("BEGIN IMMEDIATE")
            for statement, rows in changes:
                self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")

    def spent(self) -> float:
        """Dollars paid so far, by every run that used this store."""
        return float(self._execute("SELECT COALESCE(SUM(usd), 0) FROM payments")[0][0])

    def job(self, name: str) -> str | None:
        """The id of a job that was started at a server, or None."""
        row = self._execute("SELECT id FROM jobs WHERE name = ?", name)
        return None if not row else str(row[0][0])

    def put_job(self, name: str, job_id: str) -> None:
        """Remember a job, so that a killed run picks it up."""
        self.record({}, [], begun={name: job_id})

    def drop_job(self, name: str) -> None:
        """Forget a job, as one that failed."""
        self.record({}, [], ended=[name])

    def copy_paid(self, target: "ReplyStore") -> None:
        """Copy into an empty store what a hosted model was paid for: its replies, the ledger, and the jobs at servers."""
        replies = ((key, json.loads(text)) for key, text in self._execute("SELECT key, reply FROM replies"))
        # As `judge.models.hosted` stores them; what a model said on this machine can be made again for nothing.
        paid = {key: reply for key, reply in replies if isinstance(reply, dict) and {"body", "tokens"} <= set(reply)}
        target.record(paid, [self.spent()], begun=dict(self._execute("SELECT name, id FROM jobs")))

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _write_ahead(self) -> None:
        """Choose the write-ahead log; SQLite's own waiting for locks does not cover this, and new stores are opened by several at once."""
        for _ in range(_LOCKED_TRIES):
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
            except self._database_error as error:
                if "locked" not in str(error):
                    break
                time.sleep(_LOCKED_WAIT_S)
            else:
                return
        self._execute("PRAGMA journal_mode=WAL")

    def _execute(self, statement: str, *values: str | float) -> list[Any]:
        with self._locked():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One thread at a time; a fault of the database closes the store, which rolls back what it had begun."""
        try:
            with self._lock:
                yield
        except self._database_error as error:
            self._connection.close()
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> JudgeError:
        return JudgeError(
            f"The cache of replies {self._path} cannot be used: {error}.\n"
            "Next: free some space if the disk is full. If the file is corrupt, delete it; every reply in it can be made again.",
        )
