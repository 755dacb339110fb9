"""`judge serve`: a student behind HTTP, with a page to try it."""

import argparse
import ipaddress
import os
from pathlib import Path

from judge.serving.errors import ServeError
from judge.serving.score_command import STUDENT, set_up_torch
from judge.web import addresses


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument(
        "--student",
        default=STUDENT,
        metavar="WHICH",
        help="a folder, a revision of this project (v1.0), REPOSITORY@REVISION, or ORGANISATION/NAME at the hub (default: %(default)s)",
    )
    command.add_argument("--passages", metavar="FOLDER", type=Path, help="keep what is read of passages there, a megabyte each")
    command.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: %(default)s, this machine alone)")
    command.add_argument("--port", type=int, default=8000, help="the port; 0 takes a free one (default: %(default)s)")
    command.add_argument(
        "--token-env", metavar="NAME", help="the environment variable that holds the token which every request has to bear"
    )
    command.add_argument("--no-token", action="store_true", help="let everybody ask who reaches an address other than 127.0.0.1")
    command.add_argument("--max-rows", type=int, default=256, metavar="N", help="rows of a request (default: %(default)s)")
    command.add_argument("--max-bytes", type=int, default=2_000_000, metavar="N", help="of a request's body (default: %(default)s)")
    command.add_argument("--queue", type=int, default=1024, metavar="N", help="rows that wait at most, then 429 (default: %(default)s)")
    command.add_argument("--timeout-s", type=float, default=30.0, metavar="S", help="for a request, then 504 (default: %(default)s)")
    command.add_argument(
        "--deadline-ms",
        type=float,
        default=2.0,
        metavar="MS",
        help="how long a row waits for others to be judged with (default: %(default)s)",
    )


def command(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; exit code 0.

    Raises:
        ServeError: an argument cannot be used.
        AddressError: nobody can listen at the address.
        StudentError: the student cannot be loaded.
    """
    _require(options)
    token = _token(options)
    set_up_torch()
    with addresses.listen(options.host, options.port, waiting=1024) as listening:
        is_here = ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback
        if token is None and not is_here and not options.no_token:
            raise ServeError(
                f"At {options.host} other machines can ask, and there is no token.\n"
                "Next: put one into an environment variable and name it, --token-env NAME, or say --no-token."
            )
        from judge.serving import sources
        from judge.serving.server import running
        from judge.serving.server.limits import Access, Limits

        # Without a token another page in a browser of this machine could ask by a name that points here (DNS rebinding).
        names = frozenset({"localhost", options.host.lower()}) if token is None and is_here else None
        limits = Limits(options.max_rows, options.max_bytes, options.queue, options.timeout_s, options.deadline_ms)
        running.serve(lambda: sources.load(options.student, passages=options.passages), listening, Access(token, names), limits)
    return 0


def _require(options: argparse.Namespace) -> None:
    lowest = {"max_rows": 1, "max_bytes": 100, "queue": 1, "timeout_s": 0.1, "deadline_ms": 0.0}
    for name, least in lowest.items():
        value = getattr(options, name)
        if not least <= value < float("inf"):
            raise ServeError(f"--{name.replace('_', '-')}: got {value}, allowed is {least:g} or more.")
    if options.queue < options.max_rows:
        raise ServeError(
            f"A queue of {options.queue} rows has no room for a request of {options.max_rows}.\n"
            "Next: a smaller --max-rows, or a larger --queue."
        )


def _token(options: argparse.Namespace) -> str | None:
    if options.token_env is None:
        return None
    if options.no_token:
        raise ServeError("--token-env and --no-token contradict each other.\nNext: leave one of them out.")
    token = os.environ.get(options.token_env, "").strip()
    if not token:
        raise ServeError(f"The environment variable {options.token_env} holds no token.\nNext: set it, or name another, --token-env NAME.")
    if not token.isascii() or len(token.split()) > 1:
        raise ServeError(f"The token in {options.token_env} has to be ASCII without spaces, as it travels in a header.\nNext: another one.")
    return token
