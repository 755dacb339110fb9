"""What the tests of the server share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.openai_server import OpenAIServer
from tests.openai_server.asking import client_of

if TYPE_CHECKING:
    from openai import OpenAI


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A server of its own for each test."""
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def client(server: OpenAIServer) -> Iterator["OpenAI"]:
    """The official client, which refuses whatever its own types do not allow, and asks once."""
    with client_of(server.base_url) as opened:
        yield opened
