"""Write a student whose encoder is an ONNX graph, and see that it judges as it did before.

Features, heads and tokenizer stay as they are: only the encoder, which takes most of the time, is computed by another runtime.
Import this module only where a student is exported: it loads torch.
"""

import copy
import logging
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from judge.serving.errors import ExportError
from judge.students import onnx_encoder, saved
from judge.students.encoder_student import WEIGHTS, write_tensors
from judge.students.late_interaction import LateInteractionStudent
from judge.students.student import Student
from judge.tables import atomic
from judge.tables.items import Item
from judge.tables.levels import mean

LEAST_PEARSON = 0.999
"""Below this agreement of scores before and after nothing is exported."""

_PACKAGES = ("onnx", "onnxruntime", "onnxscript")
_CARDS = ("README.md", "card.html")
# Any two texts of different length; the graph takes any number of any length.
_EXAMPLES = ["a text", "and a longer one"]


class Agreement(NamedTuple):
    """How far two runs of scores agree.

    Attributes:
        rows: answers that both have judged.
        pearson: of the scores, in [-1, 1]; NaN where they do not vary.
        largest: the largest difference between two scores of an answer.
        other_classes: answers whose class is another one.
    """

    rows: int
    pearson: float
    largest: float
    other_classes: int

    def __str__(self) -> str:
        return (
            f"On {self.rows:,} answers its scores correlate with those of the student before at r = {self.pearson:.6f}; "
            f"the largest difference is {self.largest:.4f}, and {self.other_classes} of the answers have another class"
        )


def export(source: Path, target: Path, items: Sequence[Item], *, int8: bool = False) -> Agreement:
    """Write the student of a folder to another folder, with its encoder as an ONNX graph, and measure how far the two agree.

    Args:
        source: a late-interaction student.
        target: a folder that is not there yet.
        items: answers that both judge.
        int8: whether the matrices of the graph are stored, and multiplied, as 8-bit integers (dynamic quantisation).

    Raises:
        ExportError: a package is missing, the student is of a kind whose encoder is not frozen, the target is there, or the agreement is
            below `LEAST_PEARSON`, where nothing is left behind.
        StudentError: the student cannot be loaded, or an item lacks the evidence that it needs.
    """
    student = _exportable(source, target)
    with atomic.new_folder(target) as folder:
        for name in (saved.CONFIG, *student.FILES, *_CARDS):
            if (source / name).is_file() and name != WEIGHTS:
                shutil.copy(source / name, folder / name)
        _write_graph(student, folder / onnx_encoder.FILE, int8=int8)
        _write_weights(student, folder)
        found = agreement(student, saved.load(folder), items)
        if not found.pearson >= LEAST_PEARSON:
            raise ExportError(
                f"The student is not exported. {found}; at least r = {LEAST_PEARSON} is asked for.\n"
                f"Next: {'leave out --int8' if int8 else 'name more and other answers with --rows'}."
            )
        if (folder / _CARDS[0]).is_file():
            with (folder / _CARDS[0]).open("a", encoding="utf-8") as card:
                card.write(_section(found, int8=int8))
    return found


def agreement(before: Student, after: Student, items: Sequence[Item]) -> Agreement:
    """How far two students agree on answers; those without words are left out."""
    pairs = [
        (mean(old.levels), mean(new.levels))
        for old, new in zip(before.judge(items), after.judge(items), strict=True)
        if old.levels is not None and new.levels is not None
    ]
    if len({old for old, _ in pairs}) < 2 or len({new for _, new in pairs}) < 2:
        return Agreement(len(pairs), float("nan"), max((abs(old - new) for old, new in pairs), default=float("nan")), 0)
    old, new = np.array(pairs).T
    others = int(((old > before.threshold) != (new > after.threshold)).sum())
    return Agreement(len(pairs), float(np.corrcoef(old, new)[0, 1]), float(np.abs(old - new).max()), others)


def _exportable(source: Path, target: Path) -> LateInteractionStudent:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ExportError(f"Writing ONNX needs {', '.join(missing)}, not installed here.\nNext: pip install 'the-judge-you-own[onnx]'.")
    if target.exists():
        raise ExportError(f"{target} is there already.\nNext: name a new folder, or delete it.")
    if (source / onnx_encoder.FILE).is_file():
        raise ExportError(f"{source} was exported already.\nNext: name the student that it was exported from, --student FOLDER.")
    student = saved.load(source)
    if not isinstance(student, LateInteractionStudent):
        raise ExportError(
            f"{source} holds a student of the kind {student.option.kind}, and late-interaction is the kind that can be exported.\n"
            "Next: name another with --student FOLDER."
        )
    return student


class _Layers(nn.Module):
    """The states of an encoder that its student reads, besides the word embeddings."""

    def __init__(self, model: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self._names = names

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The outputs of a third and of two thirds of the layers, and of the last."""
        states = self.model(**dict(zip(self._names, inputs, strict=True)), output_hidden_states=True).hidden_states
        count = len(states) - 1
        return states[count // 3], states[count * 2 // 3], states[count]


def _write_graph(student: LateInteractionStudent, path: Path, *, int8: bool) -> None:
    tokens = student.model.tokenizer(_EXAMPLES, padding=True, return_tensors="pt")
    names = list(tokens)
    # The processor has no matrix product of bfloat16 in ONNX Runtime; in single precision the weights are the same numbers.
    encoder: Any = copy.deepcopy(student.model.encoder)
    layers = _Layers(encoder.cpu().float(), names).eval()
    axes = {0: torch.export.Dim("pieces"), 1: torch.export.Dim("tokens")}
    with _quiet():
        program: Any = torch.onnx.export(
            layers,
            tuple(tokens[name] for name in names),
            input_names=names,
            output_names=["third", "two_thirds", "last"],
            dynamic_shapes=(tuple(axes for _ in names),),
            dynamo=True,
            verbose=False,
        )
    _forget_machine(program.model)
    program.save(path)
    if int8:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        whole = path.with_suffix(".single")
        path.rename(whole)
        with _quiet():
            quantize_dynamic(whole, path, per_channel=True, weight_type=QuantType.QInt8)
        whole.unlink()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what both exporters say of their own use of PyTorch, and of packages and steps that are not meant here."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _forget_machine(model: Any) -> None:
    """Drop what the exporter notes of where it ran: each node has the lines of the files that it comes from."""
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
    model.graph.metadata_props.clear()
    model.metadata_props.clear()


def _write_weights(student: LateInteractionStudent, folder: Path) -> None:
    tensors = {name: tensor for name, tensor in student.model.state_dict().items() if not name.startswith("encoder.")}
    embeddings: Any = student.model.encoder.get_input_embeddings()
    write_tensors(folder / WEIGHTS, {**tensors, "encoder.word_embeddings.weight": embeddings.weight})


def _section(found: Agreement, *, int8: bool) -> str:
    numbers = "8-bit integers" if int8 else "single precision"
    return f"\n## The encoder\n\nIt was exported as ONNX, in {numbers}. {found}. All other figures are of the student before that.\n"
