"""Attention without copies of keys and values, beside transformers' own."""

from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from judge.models import attention


@pytest.fixture(scope="module")
def model() -> Any:
    """A model of random weights with three query heads to a key head."""
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=50, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2
    )
    plain: Any = LlamaForCausalLM(config)
    return plain.bfloat16().eval()


@pytest.mark.parametrize("tokens", [1, 9])
def test_the_bytes_are_those_of_plain_attention(model: Any, tokens: int) -> None:
    """For a whole prompt and for one token after a cache, with padding on the left: the same logits to the last bit."""
    ids = torch.arange(36).reshape(3, 12)
    mask = torch.ones_like(ids)
    mask[1, :5] = 0
    logits = []
    for name in ("eager", attention.NAME):
        model.set_attn_implementation(name)
        with torch.inference_mode():
            read = model(ids[:, :-tokens], attention_mask=mask[:, :-tokens], use_cache=True)
            logits.append(model(ids[:, -tokens:], attention_mask=mask, past_key_values=read.past_key_values).logits)
    assert torch.equal(logits[0], logits[1])


def test_a_token_sees_all_without_a_mask() -> None:
    """No mask, no causal order: the values are weighed evenly where all scores are equal."""
    query, key = torch.zeros(1, 4, 3, 8), torch.zeros(1, 2, 5, 8)
    value = torch.arange(5.0)[:, None].expand(1, 2, 5, 8)
    attended, weights = attention.attend(torch.nn.Identity(), query, key, value, None, scaling=1.0)
    assert weights is None
    assert torch.equal(torch.full((1, 3, 4, 8), 2.0), attended)
