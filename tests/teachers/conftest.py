"""What the tests of hosted teachers share: a server on loopback."""

from collections.abc import Iterator

import pytest

from tests.openai_server import Model, OpenAIServer
from tests.teachers.loopback import KEY


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A server that knows the models of conf/teacher, and wants the key which the environment has."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with OpenAIServer() as running:
        running.models["gpt-6-sol"] = Model()
        running.key = KEY
        # As many as `transformers serve` reads.
        running.system_one_levels = 26
        yield running
