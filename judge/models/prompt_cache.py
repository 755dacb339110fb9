"""Read prompts one by one, and go on with all of them together: the keys and values of a batch.

On a processor one prompt of a hundred tokens keeps the matrix products busy by itself, and reading it alone takes no padding along and
fits into the caches: a batch of 32 prompts of 217 tokens takes two to three times as long for each token. What follows, a token at a
time, is where a batch pays.

Import this module only where a local model runs: it loads torch and transformers.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import DynamicCache


def read(model: Any, rows: Sequence[Sequence[int]], length: int) -> DynamicCache:
    """Keys and values of every token but the last of each row, which `generate` reads itself.

    Args:
        model: a causal language model of transformers that attends to keys and values.
        rows: the token ids of each prompt, none of them empty; equal ones are read once.
        length: tokens of the longest row, at least; shorter rows are filled up on the left, and `generate` needs a mask that says so.
    """
    caches = {own: _alone(model, own) for own in dict.fromkeys(map(tuple, rows))}
    together = DynamicCache(config=model.config)
    for index in range(len(together.layers)):
        # transformers types what a layer holds as None until it has read something.
        layers: list[tuple[Any, int]] = [(caches[tuple(own)].layers[index], len(own) - 1) for own in rows]
        keys = torch.cat([_padded(layer.keys, tokens, length - 1) for layer, tokens in layers])
        values = torch.cat([_padded(layer.values, tokens, length - 1) for layer, tokens in layers])
        together.update(keys, values, index)
    return together


def _alone(model: Any, ids: tuple[int, ...]) -> DynamicCache:
    cache = DynamicCache(config=model.config)
    # Of a single token nothing is kept, but its layers have the shapes of the model.
    model.get_decoder()(input_ids=torch.tensor([ids[:-1] or ids], device=model.device), past_key_values=cache, use_cache=True)
    return cache


def _padded(states: torch.Tensor, tokens: int, length: int) -> torch.Tensor:
    """(1, heads, length, width): the states of the first `tokens` tokens after zeros; a sliding window keeps the last of them only."""
    own = states[:, :, :tokens]
    return pad(own, (0, 0, length - own.shape[2], 0))
