"""Export an encoder as an ONNX graph whose matrices are 8-bit integers, once, into the cache.

The graph reads one text: input_ids of shape (1, tokens) in, the outputs of a third and of two thirds of the layers and of the last one out.
Weights are scaled symmetrically for each output. How activations are rounded is the runtime's business (`judge.models.compiled_encoder`).
Import this module only where a student is trained or exported: it loads torch.
"""

import copy
import hashlib
import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from judge.errors import ModelError
from judge.models import encoders
from judge.models.encoders import Encoder
from judge.models.folders import models_folder
from judge.tables import atomic

FILE = "encoder.int8.onnx"
"""The graph's name, in the cache and in a student's folder."""

# Part of the name in the cache; to be raised when the same encoder would give another graph.
_VERSION = 1
_PACKAGES = ("onnx", "onnxscript", "openvino")
_LARGEST = 127.0
_SMALLEST_SCALE = 1e-8
# Any text; the graph takes one of any length.
_EXAMPLE = "a text"


def exported(encoder: Encoder) -> Path:
    """The graph of an encoder in the cache, made where it is not there yet: about ten seconds.

    Raises:
        ModelError: a package that writes ONNX is missing.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ModelError(
            f"Exporting the encoder needs {', '.join(missing)}, not installed here.\n"
            "Next: pip install 'the-judge-you-own[pipeline]', or `encoder_runtime: pytorch` in the student's option file."
        )
    return atomic.make_once(models_folder() / identity(encoder), lambda folder: _write(encoder, folder / FILE)) / FILE


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


def identity(encoder: Encoder) -> str:
    """A hash of an encoder's architecture and weights, and of how a graph is made of them."""
    known = hashlib.sha256(json.dumps([_VERSION, encoders.describe(encoder)], sort_keys=True).encode())
    for name, tensor in sorted(encoder.model.state_dict().items()):
        known.update(name.encode())
        known.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return known.hexdigest()


def _write(encoder: Encoder, path: Path) -> None:
    tokens = encoder.tokenizer(_EXAMPLE, return_tensors="pt")["input_ids"]
    model: Any = copy.deepcopy(encoder.model)
    model = model.cpu().float()
    # Written out, attention is a few plain products, which a runtime puts together again; PyTorch's own is guarded by masks that one text
    # does not need.
    model.set_attn_implementation("eager")
    longest = int(model.config.max_position_embeddings)
    axes = {1: torch.export.Dim("tokens", min=1, max=longest)}
    made = program(Layers(model, ["input_ids"]).eval(), [tokens], ["input_ids"], axes)
    made.save(path)
    _round_weights(path)


def _round_weights(path: Path) -> None:
    """Store the matrices that multiply as 8-bit integers with a scale for each output, and word embeddings in bfloat16, which they were."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    graph = model.graph
    weights = {each.name: each for each in graph.initializer}
    rounded: list[Any] = []
    for node in list(graph.node):
        place = {"MatMul": 1, "Gather": 0}.get(node.op_type)
        name = node.input[place] if place is not None else ""
        if name not in weights or len(weights[name].dims) != 2 or weights[name].data_type != onnx.TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(weights.pop(name))
        graph.initializer.remove(next(each for each in graph.initializer if each.name == name))
        if node.op_type == "MatMul":
            scales = (np.maximum(np.abs(values).max(axis=0), _SMALLEST_SCALE) / _LARGEST).astype(np.float32)
            whole = np.clip(np.rint(values / scales), -_LARGEST, _LARGEST).astype(np.int8)
            graph.initializer.extend([numpy_helper.from_array(whole, f"{name}.int8"), numpy_helper.from_array(scales, f"{name}.scales")])
            rounded.append(helper.make_node("DequantizeLinear", [f"{name}.int8", f"{name}.scales"], [name], axis=1))
        else:
            # The upper half of a single-precision number is the bfloat16 number that it was before.
            halves = (values.view(np.uint32) >> 16).astype(np.uint16)
            tensor = helper.make_tensor(f"{name}.bfloat16", onnx.TensorProto.BFLOAT16, values.shape, halves.tobytes(), raw=True)
            graph.initializer.append(tensor)
            rounded.append(helper.make_node("Cast", [f"{name}.bfloat16"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*rounded, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)
