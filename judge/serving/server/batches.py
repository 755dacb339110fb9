"""One thread that judges for all requests: what waits is judged together, in fair turns, and no more waits than there is room for.

An encoder is fastest with many texts at once, and requests come with few: those that wait share a batch.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import NamedTuple

from judge.students import asked_rows
from judge.students.student import Student
from judge.tables.items import Item
from judge.tables.levels import Judgment
from judge.tables.spans import Span

BATCH_ROWS = 96
BATCH_CHARACTERS = 64_000
"""A batch is full with the row that makes it this long, in rows, or in characters of different texts.

A row of 96 costs half the processor's time of one of 32 (`bench/serve.py` says what that comes to); larger batches gain little more.
"""

# A batch of so few rows is judged on one core: two that wait for each other at every layer take longer where other work goes on.
_FEW_ROWS = 8

# Of a large request so many rows stand in a batch before the next request has its turn.
_TURN_ROWS = 8
# Of the rate of the past, so much is forgotten with each batch.
_FORGOTTEN = 0.2
_WARM_UP = Item("Where does the Danube rise?", "In the Black Forest.", "The Danube rises in the Black Forest.", "In the Black Forest.")


class QueueFullError(Exception):
    """No more rows can wait; `retry_after_s` is about how long those that wait will take."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("the queue is full")
        self.retry_after_s = retry_after_s


class ClosedError(Exception):
    """Nothing more is taken: the server stops, or its student could not be loaded."""


class Judged(NamedTuple):
    """The judgment of a row, and its spans where they were asked for."""

    judgment: Judgment
    spans: list[Span] | None


@dataclass
class _Ticket:
    """The rows of a request; the first `taken` of them are judged or being judged."""

    items: Sequence[Item]
    explain: bool
    since: float
    future: "Future[list[Judged]]" = field(default_factory=Future)
    taken: int = 0
    judged: list[Judged] = field(default_factory=list)

    @property
    def left(self) -> int:
        return 0 if self.future.cancelled() else len(self.items) - self.taken


class _Part(NamedTuple):
    """The rows of a ticket that stand in one batch."""

    ticket: _Ticket
    items: Sequence[Item]


class Batches:
    """Judges what is submitted, in a thread of its own.

    Attributes:
        student: once it is loaded and has judged once; None before.
        failure: why it could not be; None where it could.
    """

    def __init__(self, room: int, deadline_s: float, on_batch: Callable[[int], None] = lambda rows: None) -> None:  # noqa: ARG005
        self.student: Student | None = None
        self.failure: Exception | None = None
        self._room = room
        self._deadline_s = deadline_s
        self._on_batch = on_batch
        self._tickets: deque[_Ticket] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._row_s = 0.05
        self._thread: threading.Thread | None = None

    def start(self, load: Callable[[], Student], on_failure: Callable[[], None]) -> None:
        """Load the student in the thread and let it judge once; where that fails `on_failure` is called from there."""
        self._thread = threading.Thread(target=self._run, args=(load, on_failure), name="judge", daemon=True)
        self._thread.start()

    def submit(self, items: Sequence[Item], *, explain: bool) -> "Future[list[Judged]]":
        """What will be the judgments of the items, in order; cancelled, those that no batch has yet are not judged.

        Raises:
            QueueFullError: there is no room for so many rows now.
            ClosedError: nothing more is taken.
        """
        ticket = _Ticket(items, explain, time.monotonic())
        with self._changed:
            if self._is_closing:
                raise ClosedError
            if not items:
                ticket.future.set_result([])
            elif (waiting := self._waiting()) + len(items) > self._room:
                raise QueueFullError(max(1, round(waiting * self._row_s)))
            else:
                self._tickets.append(ticket)
                self._changed.notify()
        return ticket.future

    @property
    def takes(self) -> bool:
        """Whether anything more is taken."""
        return not self._is_closing

    @property
    def waiting(self) -> int:
        """How many rows wait that no batch has yet."""
        with self._changed:
            return self._waiting()

    def close(self) -> None:
        """Take nothing more, judge what was taken, and return when that is done."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _waiting(self) -> int:
        return sum(ticket.left for ticket in self._tickets)

    def _run(self, load: Callable[[], Student], on_failure: Callable[[], None]) -> None:
        try:
            student = load()
            student.judge([_WARM_UP])
        # It is raised again by whoever runs the server.
        except Exception as error:  # noqa: BLE001
            self.failure = error
            with self._changed:
                self._is_closing = True
                for ticket in self._tickets:
                    ticket.future.cancel()
            on_failure()
            return
        self.student = student
        while batch := self._next():
            began = time.monotonic()
            self._judge(student, batch)
            rows = sum(len(part.items) for part in batch)
            self._row_s += _FORGOTTEN * ((time.monotonic() - began) / rows - self._row_s)
            self._on_batch(rows)

    def _next(self) -> list[_Part]:
        """The next batch: as soon as it is full, or its oldest request has waited for the deadline; [] where there will be none."""
        with self._changed:
            while True:
                while not self._tickets and not self._is_closing:
                    self._changed.wait()
                if not self._tickets:
                    return []
                last = self._tickets[0].since + self._deadline_s
                while not self._is_closing and not self._is_full() and (left := last - time.monotonic()) > 0:
                    self._changed.wait(left)
                # All that waited may have been cancelled.
                if batch := self._take():
                    return batch

    def _is_full(self) -> bool:
        waiting = [ticket for ticket in self._tickets if ticket.left]
        if sum(ticket.left for ticket in waiting) >= BATCH_ROWS:
            return True
        texts = {text for ticket in waiting for item in ticket.items[ticket.taken :] for text in asked_rows.texts(item)}
        return sum(map(len, texts)) >= BATCH_CHARACTERS

    def _take(self) -> list[_Part]:
        """A batch in fair turns: some rows of each request, the oldest first, then of each again."""
        batch: list[_Part] = []
        read: set[str] = set()
        rows = characters = 0
        while self._tickets and rows < BATCH_ROWS and characters < BATCH_CHARACTERS:
            ticket = self._tickets.popleft()
            turn: list[Item] = []
            while len(turn) < min(ticket.left, _TURN_ROWS) and rows < BATCH_ROWS and characters < BATCH_CHARACTERS:
                item = ticket.items[ticket.taken + len(turn)]
                new = set(asked_rows.texts(item)) - read
                read |= new
                turn.append(item)
                rows += 1
                characters += sum(map(len, new))
            if turn:
                ticket.taken += len(turn)
                batch.append(_Part(ticket, turn))
            if ticket.left:
                self._tickets.append(ticket)
        return batch

    def _judge(self, student: Student, batch: Sequence[_Part]) -> None:
        try:
            judged = iter(_judged(student, batch))
        except Exception as error:  # noqa: BLE001 - a request may have brought what no student can judge; the others are judged without it
            tickets = {id(part.ticket) for part in batch}
            if len(tickets) == 1:
                _settle(batch[0].ticket, error)
                return
            for one in tickets:
                self._judge(student, [part for part in batch if id(part.ticket) == one])
            return
        for part in batch:
            part.ticket.judged += [next(judged) for _ in part.items]
            if len(part.ticket.judged) == len(part.ticket.items):
                _settle(part.ticket, None)


def _judged(student: Student, batch: Sequence[_Part]) -> list[Judged]:
    """The judgments of a batch, row by row; those of requests that want them with spans."""
    from judge.models.threads import one_thread

    rows = [(item, part.ticket.explain) for part in batch for item in part.items]
    wanted = [item for item, explain in rows if explain]
    with one_thread() if len(rows) <= _FEW_ROWS else nullcontext():
        judgments = student.judge([item for item, _ in rows])
        explained = iter(student.explain_items(wanted) if wanted else [])
    return [Judged(judgment, next(explained) if explain else None) for (_, explain), judgment in zip(rows, judgments, strict=True)]


def _settle(ticket: _Ticket, error: Exception | None) -> None:
    """Give a request what it waits for, unless nobody waits any more."""
    try:
        if error is None:
            ticket.future.set_result(ticket.judged)
        else:
            ticket.future.set_exception(error)
    except InvalidStateError:
        pass
