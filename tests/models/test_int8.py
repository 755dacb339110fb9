"""Layers in 8-bit integers, made of those of the real small model."""

from typing import Any

import pytest
import torch

from judge.models import int8, language_models, pinned
from judge.models.int8 import Int8Linear
from judge.models.language_models import ModelSettings

pytestmark = pytest.mark.skipif(not pinned.is_installed("smollm2-135m-instruct"), reason="the pinned model is not installed")
needs_vnni = pytest.mark.skipif(not int8.is_supported(torch.device("cpu")), reason="the processor does not multiply bytes")

SETTINGS = ModelSettings(embedded="smollm2-135m-instruct", hub=None, revision=None, dtype="int8")


@pytest.fixture(scope="module")
def linear() -> torch.nn.Linear:
    """A layer of the model, in full precision."""
    model = language_models.load(SETTINGS.model_copy(update={"dtype": "float32"})).model
    layer = model.get_decoder().layers[3].mlp.up_proj  # type: ignore[no-untyped-call]
    assert isinstance(layer, torch.nn.Linear)
    return layer


def _states(tokens: int, width: int = 576) -> torch.Tensor:
    return torch.randn(tokens, width, generator=torch.Generator().manual_seed(5))


@needs_vnni
def test_the_product_is_close_to_that_of_floats(linear: torch.nn.Linear) -> None:
    """Within two hundredths of its size, in the shape and dtype of the layer."""
    states = _states(14).reshape(2, 7, 576)
    with torch.inference_mode():
        expected, got = linear(states), Int8Linear(linear, int8._Input())(states)
    assert (expected.shape, expected.dtype) == (got.shape, got.dtype)
    assert float((got - expected).norm() / expected.norm()) < 0.02


@needs_vnni
def test_an_offset_is_added(linear: torch.nn.Linear) -> None:
    """A layer with a bias has it after as before."""
    moved = torch.nn.Linear(576, linear.out_features)
    moved.load_state_dict({"weight": linear.weight, "bias": torch.full((linear.out_features,), 3.0)})
    states = _states(4)
    with torch.inference_mode():
        plain, shifted = (Int8Linear(layer, int8._Input())(states) for layer in (linear, moved))
    assert torch.allclose(plain + 3.0, shifted)


@needs_vnni
def test_a_token_is_the_same_whatever_shares_its_batch(linear: torch.nn.Linear) -> None:
    """To the last bit: alone, among others, and beside one a hundred times as large."""
    states = _states(9)
    layer = Int8Linear(linear, int8._Input())
    with torch.inference_mode():
        alone, among = layer(states[4:5].clone()), layer(states)
        beside = layer(torch.cat([states[4:5], 100 * states[:1]]))
    assert torch.equal(alone[0], among[4])
    assert torch.equal(alone[0], beside[0])


@needs_vnni
def test_layers_that_read_the_same_turn_it_into_bytes_once(linear: torch.nn.Linear, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another input, though as large, anew."""
    counted: list[int] = []
    amax = torch.Tensor.amax

    def count(*args: Any, **options: Any) -> Any:
        counted.append(1)
        return amax(*args, **options)

    shared = int8._Input()
    one, other = Int8Linear(linear, shared), Int8Linear(linear, shared)
    states, others = _states(3), -2 * _states(3)
    # Only now, as a layer's own weights are measured when it is made.
    monkeypatch.setattr(torch.Tensor, "amax", count)
    with torch.inference_mode():
        assert torch.equal(one(states), other(states))
        assert len(counted) == 1
        assert not torch.equal(one(others), one(states))
    assert len(counted) == 3


def test_the_blocks_take_bytes_where_the_processor_multiplies_them_and_bfloat16_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embeddings and head stay as they are in both cases."""
    for supported in (True, False):
        if supported and not int8.is_supported(torch.device("cpu")):
            continue
        monkeypatch.setattr(int8, "is_supported", lambda _, supported=supported: supported)
        model = language_models.load(SETTINGS).model
        layers = [each for each in model.get_decoder().layers.modules() if isinstance(each, Int8Linear)]  # type: ignore[no-untyped-call]
        assert len(layers) == (7 * model.config.num_hidden_layers if supported else 0)
        assert {torch.bfloat16} == {weight.dtype for weight in model.parameters()}
        assert isinstance(model.get_output_embeddings(), torch.nn.Linear)  # type: ignore[no-untyped-call]


@needs_vnni
def test_a_feed_forward_block_in_pieces_gives_what_it_gives_at_once() -> None:
    """To the last bit, over the border between pieces too: its tokens do not see each other."""
    model = language_models.load(SETTINGS).model
    pieces = model.get_decoder().layers[3].mlp  # type: ignore[no-untyped-call]
    states = _states(int8._TOKENS + 90).reshape(2, -1, 576).bfloat16()
    with torch.inference_mode():
        assert torch.equal(pieces.block(states), pieces(states))
