"""What the tests of models share."""

from collections.abc import Iterator

import pytest

from tests.models.hosted_model import echo
from tests.openai_server import OpenAIServer


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A server that repeats what it is told."""
    with OpenAIServer(respond=echo) as running:
        yield running
