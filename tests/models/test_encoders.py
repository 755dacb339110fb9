"""Encoders: how texts are read."""

from pathlib import Path

import pytest

from judge.errors import ModelError
from judge.models import encoders
from judge.models.encoders import Encoder, EncoderSettings


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real encoder."""
    return encoders.load(EncoderSettings(embedded="all-minilm-l6-v2", hub=None, revision=None))


def test_reading_keeps_the_order_of_texts(encoder: Encoder) -> None:
    """Texts are batched by length and read once each, yet come back where they stood."""
    texts = ["a rather longer text than the next one", "cars", "Queen Isabel", "cars"]
    alone = [encoders.read(encoder, [text])[0].ids.tolist() for text in texts]
    assert [tokens.ids.tolist() for tokens in encoders.read(encoder, texts)] == alone


def test_unknown_encoder_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    """A local folder that holds no model is named, with what to do."""
    settings = EncoderSettings(embedded=None, hub=str(tmp_path), revision=None)
    with pytest.raises(ModelError, match="could not be loaded"):
        encoders.load(settings)
