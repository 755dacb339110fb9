"""An encoder that ONNX Runtime computes, in the place of PyTorch's: that of a student which `judge export` has written.

Import this module only where such a student is loaded: it loads torch.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import torch
from torch import Tensor, nn

from judge.errors import StudentError
from judge.models import encoders
from judge.students.student import incompatible

FILE = "encoder.onnx"
"""The graph in a student's folder; where it lies there, it is what reads texts."""


class OnnxEncoder(nn.Module):
    """What `TextReader` asks of a model: the word embeddings, and states of which a third, two thirds and all are the graph's outputs.

    The word embeddings are a tensor of the student's weights, as in the model that was exported.
    """

    device = torch.device("cpu")

    def __init__(self, config: Any, session: Any) -> None:
        super().__init__()
        self.config = config
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size, dtype=torch.bfloat16)
        self._session = session
        self._names = [each.name for each in session.get_inputs()]

    def get_input_embeddings(self) -> nn.Embedding:
        """By the name that transformers has for it."""
        return self.word_embeddings

    def forward(self, *, output_hidden_states: bool, **inputs: Tensor) -> SimpleNamespace:
        """States in single precision, each (pieces, tokens, width): the word embeddings, then the graph's three."""
        if not output_hidden_states:
            raise NotImplementedError
        found = self._session.run(None, {name: inputs[name].numpy() for name in self._names})
        return SimpleNamespace(hidden_states=[self.word_embeddings(inputs["input_ids"]).float(), *map(torch.from_numpy, found)])


def load(encoder_config: dict[str, Any], folder: Path) -> encoders.Encoder:
    """The encoder of an exported student, with its tokenizer; its word embeddings are still to be loaded.

    It computes on as many cores as torch does.

    Raises:
        StudentError: ONNX Runtime is not installed, or cannot read the graph.
        OSError, ValueError, KeyError, TypeError: this version of transformers does not know the architecture.
    """
    from transformers import AutoConfig, AutoTokenizer

    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise StudentError(
            f"{folder} was exported as ONNX, and reading it needs the package onnxruntime, which is not installed.\n"
            "Next: pip install onnxruntime, or load the student that it was exported from."
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    # Threads that wait awake slow down whatever else runs on this machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(folder / FILE, options, providers=["CPUExecutionProvider"])
    # Its errors have no other base in common.
    except Exception as error:  # noqa: BLE001
        raise incompatible(folder, f"{FILE} cannot be read by ONNX Runtime: {error}") from None
    model = OnnxEncoder(AutoConfig.for_model(**encoder_config), session)
    return encoders.Encoder(cast("Any", model.eval()), AutoTokenizer.from_pretrained(folder))
