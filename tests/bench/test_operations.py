"""Operations are counted as the products of the real models have them."""

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModel, AutoModelForCausalLM, BertConfig, LlamaConfig, Qwen2Config

from bench import operations

SIZES: dict[str, Any] = {"hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 40, "vocab_size": 50}
BERT = BertConfig(**SIZES)


def _counted(model: Any, tokens: int) -> int:
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model(torch.arange(tokens)[None])
    found: int = counter.get_total_flops()
    return found


def test_an_encoder_takes_what_torch_counts() -> None:
    """Layers and attention of a text whose tokens all see each other."""
    model = AutoModel.from_config(BERT, add_pooling_layer=False, attn_implementation="eager")  # type: ignore[no-untyped-call]
    assert _counted(model, 11) == operations.text(operations.shape(BERT.to_dict()), 11)


@pytest.mark.parametrize(
    "config",
    [LlamaConfig(num_key_value_heads=2, **SIZES), LlamaConfig(head_dim=10, **SIZES), Qwen2Config(num_key_value_heads=1, **SIZES)],
)
def test_a_language_model_takes_what_torch_counts(config: Any) -> None:
    """Fewer heads for keys and values, heads of another width, and the head over the vocabulary; torch counts all pairs of tokens."""
    shape = operations.shape(config.to_dict())
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")  # type: ignore[no-untyped-call]
    counted = _counted(model, 11)
    assert counted == operations.text(shape, 11) + operations.logits(shape, 11)


def test_what_follows_sees_what_was_read_before() -> None:
    """A text in two parts takes what it takes as a whole, and each token sees itself and those before it."""
    shape = operations.Shape(layers=2, weights=100, attention=8, head=0)
    assert operations.continued(shape, 7) == operations.continued(shape, 4) + operations.continued(shape, 3, before=4)
    assert operations.continued(shape, 1, before=9) == 2 * (2 * 100 + 4 * 8 * 10)


def test_matches_are_products_of_all_pairs() -> None:
    """Of the vectors of both sides."""
    assert 2 * 384 * 5 * 7 == operations.matched(384, 5, 7)
