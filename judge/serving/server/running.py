"""The server's life: it listens, loads, answers, and on SIGTERM finishes what it took."""

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from judge.serving.server import logs
from judge.serving.server.application import application
from judge.serving.server.batches import Batches
from judge.serving.server.guard import Guard
from judge.serving.server.limits import Access, Limits
from judge.serving.server.metrics import Metrics
from judge.students.student import Student

# After its time-out a request has its answer; a moment more for what is still being written.
_LAST_S = 2


class _Stopping(uvicorn.Server):
    """A server whose application hears of its stopping at once."""

    def __init__(self, config: uvicorn.Config, guard: Guard) -> None:
        super().__init__(config)
        self._guard = guard

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Refuse what comes from now on."""
        self._guard.is_stopping = True
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """As a signal does, from whatever thread."""
        self._guard.is_stopping = True
        self.should_exit = True


def serve(load: Callable[[], Student], listening: socket.socket, access: Access, limits: Limits) -> None:
    """Answer what comes in at a socket until SIGTERM or Ctrl-C, and then what was taken.

    Raises:
        Exception: what `load` raises, or the student's first judgment.
    """
    counted = Metrics()
    batches = Batches(limits.queue, limits.deadline_ms / 1000, counted.batch)
    guard = application(batches, limits, access, counted)
    logs.take_over()
    config = uvicorn.Config(
        guard,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=round(limits.timeout_s) + _LAST_S,
    )
    server = _Stopping(config, guard)
    # uvicorn says the signal again when it is done, and an order that was carried out is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    batches.start(load, server.stop)
    logs.write("listening", host=listening.getsockname()[0], port=listening.getsockname()[1])
    server.run(sockets=[listening])
    batches.close()
    if batches.failure is not None:
        raise batches.failure
    logs.write("stopped", judged=guard.judged)
