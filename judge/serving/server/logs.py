"""A JSON object a line on standard error; of a request its route and its figures, never a text or a token."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


def write(event: str, **values: Any) -> None:
    """Write a line."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    sys.stderr.write(json.dumps({"time": now, "event": event} | values) + "\n")
    sys.stderr.flush()


class _Lines(logging.Handler):
    """What uvicorn has to say, in the same form: without tracebacks, which may quote a text."""

    def emit(self, record: logging.LogRecord) -> None:
        write("server", level=record.levelname.lower(), said=record.getMessage().partition("\n")[0][:200])


def take_over() -> None:
    """Let uvicorn's warnings come out as such lines."""
    logger = logging.getLogger("uvicorn")
    logger.handlers = [_Lines()]
    logger.propagate = False
    logger.setLevel(logging.WARNING)
