"""Export an encoder as an ONNX graph whose matrices are 8-bit integers, once, into the cache.

In: input_ids and attention_mask of shape (texts, tokens); out: the outputs of a third and of two thirds of the layers and of the last one.
How it is rounded says `judge.models.int8_graph`.
Import this module only where a student is trained or exported: it loads torch.
"""

import copy
import hashlib
import json
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from judge.errors import ModelError
from judge.models import encoders
from judge.models.encoders import Encoder
from judge.models.folders import models_folder
from judge.tables import atomic

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FILE = "encoder.int8.onnx"
"""The graph's name, in the cache and in a student's folder."""

# Part of the name in the cache; to be raised when the same encoder would give another graph.
_VERSION = 3
_PACKAGES = ("onnx", "onnxscript", "openvino")
_INPUTS = ("input_ids", "attention_mask")
# Any texts with as many tokens as each other; the graph takes any number of them, of any length.
_EXAMPLES = ["a text"] * 2
# The scales of activations are fitted on tokens drawn at random, rather than on the texts of one project: then the graph hangs on the
# encoder alone, and what was read with it once is of use to all students. Vocabularies begin with what is frequent, and so do the draws.
_SEQUENCES, _SHORTEST, _LONGEST = 300, 6, 250
_FLAT = 50
_SEED = 17


def exported(encoder: Encoder, *, activations: bool) -> Path:
    """The graph of an encoder in the cache, made where it is not there yet: about fifteen seconds.

    Args:
        encoder: what is exported.
        activations: whether they are rounded with fixed scales as weights are, or left to the runtime.

    Raises:
        ModelError: a package that writes ONNX is missing.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ModelError(
            f"Exporting the encoder needs {', '.join(missing)}, not installed here.\n"
            "Next: pip install 'the-judge-you-own[pipeline]', or `encoder_runtime: pytorch` in the student's option file."
        )
    kept = models_folder() / identity(encoder, activations=activations)
    return atomic.make_once(kept, lambda folder: _write(encoder, folder / FILE, activations=activations)) / FILE


class Layers(nn.Module):
    """The states of an encoder that its student reads, besides the word embeddings.

    Args:
        model: the encoder.
        names: of its inputs, in order.
    """

    def __init__(self, model: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self._names = names

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The outputs of a third and of two thirds of the layers, and of the last."""
        states = self.model(**dict(zip(self._names, inputs, strict=True)), output_hidden_states=True).hidden_states
        count = len(states) - 1
        return states[count // 3], states[count * 2 // 3], states[count]


def program(layers: Layers, examples: Sequence[Tensor], names: Sequence[str], axes: dict[int, Any]) -> Any:
    """The graph of layers as torch's exporter gives it, with nothing in it of the machine that it ran on.

    Args:
        layers: in evaluation mode.
        examples: an input each.
        names: of the inputs.
        axes: the dimensions of an input that may vary.
    """
    with quiet():
        made: Any = torch.onnx.export(
            layers,
            tuple(examples),
            input_names=list(names),
            output_names=["third", "two_thirds", "last"],
            dynamic_shapes=(tuple(axes for _ in names),),
            dynamo=True,
            verbose=False,
        )
    # Each node has the lines of the files that it comes from.
    for node in made.model.graph.all_nodes():
        node.metadata_props.clear()
    made.model.graph.metadata_props.clear()
    made.model.metadata_props.clear()
    return made


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back what exporters say of their own use of PyTorch, and of packages and steps that are not meant here."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def identity(encoder: Encoder, *, activations: bool) -> str:
    """A hash of an encoder's architecture and weights, and of how a graph is made of them."""
    known = hashlib.sha256(json.dumps([_VERSION, activations, encoders.describe(encoder)], sort_keys=True).encode())
    for name, tensor in sorted(encoder.model.state_dict().items()):
        known.update(name.encode())
        known.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return known.hexdigest()


def _write(encoder: Encoder, path: Path, *, activations: bool) -> None:
    from judge.models import int8_graph

    tokens = encoder.tokenizer(_EXAMPLES, return_tensors="pt")
    model: Any = copy.deepcopy(encoder.model)
    model = model.cpu().float()
    # Written out, attention is a few plain products, which a runtime puts together again.
    model.set_attn_implementation("eager")
    longest = int(model.config.max_position_embeddings)
    axes = {0: torch.export.Dim("texts", min=1, max=longest), 1: torch.export.Dim("tokens", min=1, max=longest)}
    made = program(Layers(model, _INPUTS).eval(), [tokens[name] for name in _INPUTS], _INPUTS, axes)
    made.save(path)
    int8_graph.quantise(path, _drawn(encoder.tokenizer) if activations else None)


def _drawn(tokenizer: "PreTrainedTokenizerBase") -> list[list[int]]:
    """Sequences of tokens as a text of them is read; those that stand for no text are not drawn."""
    special = set(tokenizer.all_special_ids)
    names = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    # What a vocabulary keeps free has a name in brackets.
    known = [id_ for id_, name in enumerate(names) if id_ not in special and not re.fullmatch(r"\[.+\]|<.+>", name)]
    frequency = 1.0 / (_FLAT + np.arange(len(known)))
    generator = np.random.default_rng(_SEED)
    lengths = generator.integers(_SHORTEST, _LONGEST, _SEQUENCES)
    drawn = [generator.choice(known, length, p=frequency / frequency.sum()).tolist() for length in lengths]
    return [tokenizer(tokenizer.decode(ids), truncation=True, max_length=_LONGEST)["input_ids"] for ids in drawn]
