"""Text encoders: what is read of texts, and what is said when an encoder cannot be had."""

from pathlib import Path

import numpy as np
import pytest

from judge.errors import ModelError
from judge.models import encoders, pinned
from judge.models.encoders import Encoder, EncoderSettings
from judge.models.text_reader import TextReader

needs_minilm = pytest.mark.skipif(not pinned.is_installed("all-minilm-l6-v2"), reason="the pinned encoder is not installed")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The default encoder."""
    return encoders.load(EncoderSettings(embedded="all-minilm-l6-v2", hub=None, revision=None))


@needs_minilm
def test_texts_are_read_as_unit_vectors_a_layer_and_a_token(encoder: Encoder) -> None:
    """Four layers, tokens without letters and digits left out, and the mean over all of them."""
    (text,) = TextReader(encoder).read(["Lima, 1535!"])
    assert ["lima", "153", "##5"] == encoder.tokenizer.convert_ids_to_tokens(text.ids.tolist())
    assert (4, 3, 384) == text.vectors.shape
    assert np.linalg.norm(text.vectors, axis=-1) == pytest.approx(np.ones((4, 3)), abs=1e-3)
    assert np.linalg.norm(text.mean) == pytest.approx(1.0, abs=1e-5)


@needs_minilm
def test_texts_without_a_word_have_no_tokens(encoder: Encoder) -> None:
    """There is nothing to match, and still a mean, for their marks are tokens to the encoder."""
    (text,) = TextReader(encoder).read(["…!"])
    assert (0, (4, 0, 384), (384,)) == (len(text.ids), text.vectors.shape, text.mean.shape)


@needs_minilm
def test_texts_longer_than_a_piece_are_read_to_their_end(encoder: Encoder) -> None:
    """400 words are two pieces, joined."""
    (text,) = TextReader(encoder).read(["word " * 399 + "end"])
    assert (400, "end") == (len(text.ids), encoder.tokenizer.convert_ids_to_tokens(int(text.ids[-1])))


@needs_minilm
def test_reading_keeps_the_order_of_texts(encoder: Encoder) -> None:
    """Texts are batched by length and read once each, yet come back where they stood."""
    texts = ["a rather longer text than the next one", "cars", "Queen Isabel", "cars"]
    alone = [TextReader(encoder).read([text])[0].ids.tolist() for text in texts]
    together = TextReader(encoder).read(texts)
    assert alone == [tokens.ids.tolist() for tokens in together]
    assert together[1] is together[3]


def test_an_encoder_that_cannot_be_reached_is_a_clear_error(tmp_path: Path) -> None:
    """An empty folder holds no encoder: what, and what to do next."""
    with pytest.raises(ModelError, match=r"could not be loaded[\s\S]*Next:"):
        encoders.load(EncoderSettings(embedded=None, hub=str(tmp_path), revision=None))
