"""Where a server listens, and by which names it is asked."""

import socket
from contextlib import closing

import pytest

from judge.web import addresses
from judge.web.addresses import AddressError


def test_a_free_port_is_taken() -> None:
    """For 0, and by its protocol, so that asyncio sends without delay."""
    with closing(addresses.listen("127.0.0.1", 0, waiting=1)) as listening:
        assert (True, socket.IPPROTO_TCP) == (listening.getsockname()[1] > 0, listening.proto)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    """The system would take another one."""
    with pytest.raises(AddressError, match=f"--port: got {port}, allowed is a whole number from 0 to 65535"):
        addresses.listen("127.0.0.1", port, waiting=1)


def test_a_port_that_is_taken_is_refused() -> None:
    """With what to do instead; as is an address of another machine."""
    with closing(addresses.listen("127.0.0.1", 0, waiting=1)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            AddressError, match=f"Cannot listen at 127.0.0.1, port {port}: Address already in use.\nNext: another --port, or 0"
        ):
            addresses.listen("127.0.0.1", port, waiting=1)
    with pytest.raises(AddressError, match="has to be an address of this machine"):
        addresses.listen("192.0.2.1", 0, waiting=1)


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost:8000", True),
        ("LOCALHOST", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("10.0.0.7", True),
        ("evil.example:8000", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_a_name_in_the_network_is_none_of_this_machine(host: str, *, is_ours: bool) -> None:
    """An address is, which nobody can point elsewhere, and its own name is, in any case."""
    assert is_ours == addresses.is_named(host, {"localhost"})
