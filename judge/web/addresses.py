"""Where a server listens, and by which names it is asked."""

import ipaddress
import socket
from collections.abc import Collection

from judge.errors import JudgeError

_HIGHEST_PORT = 65535


class AddressError(JudgeError):
    """Nobody can listen there."""


def listen(host: str, port: int, *, waiting: int) -> socket.socket:
    """A socket that listens there.

    Args:
        host: a name or an address of this machine.
        port: 0 takes a free one.
        waiting: how many connections the system keeps that have not been taken yet.

    Raises:
        AddressError: the address is none of this machine, or the port is none, is taken, or needs rights.
    """
    # Beyond it the system would take another port without a word.
    if not 0 <= port <= _HIGHEST_PORT:
        raise AddressError(f"--port: got {port}, allowed is a whole number from 0 to {_HIGHEST_PORT}.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # With its protocol named: only then does asyncio turn off Nagle's algorithm, which makes each response wait for 40 ms.
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(waiting)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise AddressError(
            f"Cannot listen at {host}, port {port}: {error.strerror}.\n"
            "Next: another --port, or 0 for a free one; --host has to be an address of this machine."
        ) from None
    return listening


def is_named(host: str, names: Collection[str]) -> bool:
    """Whether a Host header names this machine: by an address, which nobody can point elsewhere, or by one of its own names.

    A name in the network can be pointed at this machine (DNS rebinding), and a page under it would then ask from within a browser here.

    Args:
        host: the header's value, with or without a port.
        names: in small letters.
    """
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    name = name.removeprefix("[").removesuffix("]").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in names
    return True
