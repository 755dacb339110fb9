"""Hugging Face's Inference API, as far as it differs from the other wires; see test_retries for what they share."""

import huggingface_hub.constants
import pytest

from judge.errors import ModelError
from judge.models import hosted, inference_api
from tests.models.hosted_model import KEY, bodies_of, model_at
from tests.openai_server import Model, OpenAIServer

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's client, which the tests keep off the network, may ask this machine."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


def test_nobody_at_an_inference_endpoint_ends_the_run() -> None:
    """As with every other server: an error that says what to do, and no traceback."""
    with OpenAIServer() as gone:
        address = gone.base_url
    model = model_at(address, concurrency=1)
    with pytest.raises(ModelError, match="Nobody answers at http://127"):
        hosted.ask(bodies_of(model, *"abc"), inference_api.WIRE, model.endpoint, budget_usd=None, what="request")


def test_a_token_that_the_option_does_not_name_is_not_sent(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that needs no key gets none, though HF_TOKEN is set."""
    monkeypatch.setenv("HF_TOKEN", KEY)
    server.models["dummy"] = Model()
    model = model_at(server)
    hosted.ask(bodies_of(model, "a"), inference_api.WIRE, model.endpoint, budget_usd=None, what="request")
    assert server.keys_seen == {"none"}
