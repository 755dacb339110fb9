"""Write a student whose encoder is an ONNX graph, and see that it judges as it did before.

Features, heads and tokenizer stay as they are: only the encoder, which takes most of the time, is computed by another runtime.
Import this module only where a student is exported: it loads torch.
"""

import copy
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from judge.models import encoder_graph
from judge.serving.errors import ExportError
from judge.students import onnx_encoder, saved
from judge.students.agreement import LEAST_PEARSON, Agreement, agreement
from judge.students.encoder_student import WEIGHTS, write_tensors
from judge.students.late_interaction import LateInteractionStudent
from judge.tables import atomic
from judge.tables.items import Item

_PACKAGES = ("onnx", "onnxruntime", "onnxscript")
_CARDS = ("README.md", "card.html")
# Any two texts of different length; the graph takes any number of any length.
_EXAMPLES = ["a text", "and a longer one"]


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
        found = agreement(student.judge(items), saved.load(folder).judge(items), student.threshold)
        if not found.pearson >= LEAST_PEARSON:
            raise ExportError(
                f"The student is not exported. {found}; at least r = {LEAST_PEARSON} is asked for.\n"
                f"Next: {'leave out --int8' if int8 else 'name more and other answers with --rows'}."
            )
        if (folder / _CARDS[0]).is_file():
            with (folder / _CARDS[0]).open("a", encoding="utf-8") as card:
                card.write(_section(found, int8=int8))
    return found


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


def _write_graph(student: LateInteractionStudent, path: Path, *, int8: bool) -> None:
    tokens = student.model.tokenizer(_EXAMPLES, padding=True, return_tensors="pt")
    names = list(tokens)
    # The processor has no matrix product of bfloat16 in ONNX Runtime; in single precision the weights are the same numbers.
    encoder: Any = copy.deepcopy(student.model.encoder)
    layers = encoder_graph.Layers(encoder.cpu().float(), names).eval()
    axes = {0: torch.export.Dim("pieces"), 1: torch.export.Dim("tokens")}
    encoder_graph.program(layers, [tokens[name] for name in names], names, axes).save(path)
    if int8:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        whole = path.with_suffix(".single")
        path.rename(whole)
        with encoder_graph.quiet():
            quantize_dynamic(whole, path, per_channel=True, weight_type=QuantType.QInt8)
        whole.unlink()


def _write_weights(student: LateInteractionStudent, folder: Path) -> None:
    tensors = {name: tensor for name, tensor in student.model.state_dict().items() if not name.startswith("encoder.")}
    embeddings: Any = student.model.encoder.get_input_embeddings()
    write_tensors(folder / WEIGHTS, {**tensors, "encoder.word_embeddings.weight": embeddings.weight})


def _section(found: Agreement, *, int8: bool) -> str:
    numbers = "8-bit integers" if int8 else "single precision"
    return f"\n## The encoder\n\nIt was exported as ONNX, in {numbers}. {found}. All other figures are of the student before that.\n"
