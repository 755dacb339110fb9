"""What the server takes, and from whom."""

from typing import NamedTuple


class Limits(NamedTuple):
    """The limits of one server.

    Attributes:
        max_rows: of a request.
        max_bytes: of its body.
        queue: rows that wait at most, of all requests together.
        timeout_s: until a request is answered, its body's coming in included.
        deadline_ms: how long a row waits for others to be judged with.
    """

    max_rows: int = 256
    max_bytes: int = 2_000_000
    queue: int = 1024
    timeout_s: float = 30.0
    deadline_ms: float = 2.0


class Access(NamedTuple):
    """Who may ask.

    Attributes:
        token: what a request has to bear; None lets everybody ask who reaches the server.
        names: the names that a request may know this server by, where there is no token; None for any.
    """

    token: str | None = None
    names: frozenset[str] | None = None
