"""How many operations a transformer's matrix products take: what a machine has to do, however cleverly, for the texts that have to be read.

A multiplication with its addition is two operations. Embeddings are looked up and cost none; norms, softmax and activations are left
out: they are a hundredth of the products, or less.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Shape(NamedTuple):
    """What decides a transformer's products.

    `weights` are those of the matrices of one layer, `attention` is the width of all query heads together, `head` the weights of the
    matrix that turns a state into logits over the vocabulary.
    """

    layers: int
    weights: int
    attention: int
    head: int


def shape(config: Mapping[str, Any]) -> Shape:
    """The shape of a model by its config.json: of the family of BERT, or of those of Llama, Qwen2 and Gemma, whose middle is gated."""
    width, middle = int(config["hidden_size"]), int(config["intermediate_size"])
    heads = int(config["num_attention_heads"])
    attention = heads * int(config.get("head_dim") or width // heads)
    keys = attention * int(config.get("num_key_value_heads") or heads) // heads
    matrices = 2 if config["model_type"] == "bert" else 3
    weights = 2 * width * attention + 2 * width * keys + matrices * width * middle
    return Shape(int(config["num_hidden_layers"]), weights, attention, width * int(config["vocab_size"]))


def text(model: Shape, tokens: int) -> int:
    """Operations of reading a text whose tokens all see each other."""
    return model.layers * (2 * model.weights * tokens + 4 * model.attention * tokens**2)


def continued(model: Shape, tokens: int, before: int = 0) -> int:
    """Operations of reading tokens that see those before them, `before` of which have been read already."""
    seen = tokens * before + tokens * (tokens + 1) // 2
    return model.layers * (2 * model.weights * tokens + 4 * model.attention * seen)


def logits(model: Shape, positions: int) -> int:
    """Operations of the logits over the vocabulary at some positions."""
    return 2 * model.head * positions


def matched(width: int, answer: int, evidence: int) -> int:
    """Operations of holding each token of an answer against each of its evidence."""
    return 2 * width * answer * evidence
