"""The student `late-interaction`: a frozen encoder's token matches, and small networks that turn them into levels.

Several heads of one hidden layer are trained from different seeds and averaged (deep ensembles, Lakshminarayanan et al.
2017): a few hundred rows leave a single one to chance.
Import this module only where a student is trained or loaded: it loads torch.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Self, get_args

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from judge.models import compiled_encoder, encoder_graph, encoders
from judge.models.compiled_encoder import CompiledEncoder
from judge.models.kept_vectors import KeptVectors
from judge.models.text_reader import TextReader
from judge.models.threads import one_thread
from judge.students import kept_features, onnx_encoder, placed_words, token_matches
from judge.students.encoder_student import EncoderStudent, Ensemble, write_tensors
from judge.students.evidence import narrowed
from judge.students.explain import explain
from judge.students.heads import Head, subspaces
from judge.students.options import Features, LateInteraction
from judge.students.student import incompatible
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment, Slopes
from judge.tables.spans import Span

# A standardised feature is cut here, so that one odd answer cannot push the heads to where they never learned anything.
_LIMIT = 4.0
_SLOPES, _GRAPH = "slopes", "graph"
# What the heads read, for the model card.
_READ = {
    "encoder": "each token of the answer is held against its best match in the evidence",
    "overlap": "its words, names and numbers are looked up in evidence and question",
    "support": "each of its sentences in the sentences of the passage that support it best",
}


class LateInteractionModel(nn.Module):
    """The encoder, the centers and scales of the features, and the heads; its inputs are standardised features, (features,).

    Args:
        option: what kind of student it is.
        encoder: the encoder, whose weights may be loaded later on.
        graph: the same encoder as a graph, which is what reads texts where OpenVINO is installed.

    Attributes:
        graph: the same, or None.
    """

    def __init__(self, option: LateInteraction, encoder: encoders.Encoder, graph: Path | None = None) -> None:
        super().__init__()
        self.graph = graph
        compiled = CompiledEncoder(graph) if graph is not None and compiled_encoder.is_supported() else None
        self._reader = TextReader(encoder, compiled.read_pieces if compiled else None)
        self._reference = TextReader(encoder)
        self.tokenizer = encoder.tokenizer
        self.encoder_config = encoders.describe(encoder)
        self.encoder = encoder.model.requires_grad_(requires_grad=False)
        there = token_matches.names(get_args(Features), option.evidence)
        self.columns = [there.index(name) for name in token_matches.names(option.features, option.evidence)]
        width = len(self.columns)
        self.centers = nn.Buffer(torch.zeros(width))
        self.scales = nn.Buffer(torch.ones(width))
        self._option = option
        self.members = self.new_members()

    def new_members(self) -> nn.ModuleList:
        """Heads as they are before training, drawn from torch's generator."""
        width = len(self.columns)
        return nn.ModuleList(Head(read, self._option) for read in subspaces(width, self._option))

    def prepare(self, items: Sequence[Item]) -> list[Tensor]:
        """Standardised features of each narrowed item: (features,)."""
        return self.standardise(self.measure(items))

    def standardise(self, measured: Tensor) -> list[Tensor]:
        """Inputs of the heads from measured features."""
        return list(((measured - self.centers) / self.scales).clamp(-_LIMIT, _LIMIT))

    def measure(self, items: Sequence[Item]) -> Tensor:
        """Features of narrowed items as they are measured: (items, features)."""
        tokens = self._reader.read_each([text or "" for item in items for text in (item.question, item.answer, item.context)])
        with one_thread():
            # The texts of the rows to come are read while the features of one are measured.
            rows = [token_matches.measure(item, self._option.evidence, *islice(tokens, 3)) for item in items]
        return torch.from_numpy(np.stack(rows)[:, self.columns])

    def keep_passages(self, folder: Path) -> None:
        """Keep what is read of long texts in a folder, for other runs with the same encoder.

        Raises:
            JudgeError: it cannot be written.
        """
        made_by = encoder_graph.identity(encoders.Encoder(self.encoder, self.tokenizer), activations=_rounds_activations(self._option))
        versions = " ".join(f"{name} {version(name)}" for name in ("openvino", "tokenizers", "torch"))
        self._reader.kept = KeptVectors(folder, f"{made_by} {self.graph is not None} {versions}")

    @contextmanager
    def read_by_pytorch(self) -> Iterator[None]:
        """Let the encoder itself read texts while the block runs, as the reference that its graph is held against."""
        before, self._reader = self._reader, self._reference
        try:
            yield
        finally:
            self._reader = before

    def matches(self, items: Sequence[Item]) -> list[list[float]]:
        """The best match in its evidence of each word of each narrowed item's answer; of `placed_words.words` in order."""
        texts = [text or "" for item in items for text in (item.answer, item.context)]
        tokens = self._reader.read(texts)
        found = []
        with one_thread():
            for said, answer, evidence in zip(texts[::2], tokens[::2], tokens[1::2], strict=True):
                places = [(word.start, word.end) for word in placed_words.words(said)]
                offsets = token_matches.offsets(self.tokenizer, said, answer)
                found.append(token_matches.of_words(places, offsets, answer, evidence))
        return found


def _rounds_activations(option: LateInteraction) -> bool:
    return option.encoder_runtime == "openvino"


class LateInteractionStudent(EncoderStudent):
    """A student that reads the pooled matches of an answer's tokens."""

    TRAINS_ON_ONE_THREAD = True
    EXPLAINS = True

    option: LateInteraction
    model: LateInteractionModel

    @classmethod
    def build(cls, option: LateInteraction, items: Sequence[Item]) -> tuple[LateInteractionModel, list[Tensor]]:
        """A model with untrained heads, whose features are standardised on the items, and their inputs."""
        encoder = encoders.load(option.encoder)
        activations = _rounds_activations(option)
        graph = encoder_graph.exported(encoder, activations=activations) if option.encoder_runtime != "pytorch" else None
        model = LateInteractionModel(option, encoder, graph)
        identity = encoder_graph.identity(encoder, activations=activations)
        source = f"{identity} {graph is not None} {option.evidence} {model.columns}"
        kept = kept_features.measure(items, source, lambda some: model.measure(some).tolist())
        measured = torch.tensor(kept, dtype=torch.float32)
        model.centers.copy_(measured.mean(dim=0))
        # A feature that never varies teaches nothing; with scale 1 it stays 0 for all of these items.
        scales = measured.std(dim=0, correction=0)
        model.scales.copy_(torch.where(scales > 0, scales, torch.ones_like(scales)))
        return model, model.standardise(measured)

    @classmethod
    def blank(cls, option: LateInteraction, encoder_config: dict[str, Any], folder: Path) -> LateInteractionModel:
        """As every student with an encoder; one that was exported has a graph for it."""
        if (folder / onnx_encoder.FILE).is_file():
            return LateInteractionModel(option, onnx_encoder.load(encoder_config, folder))
        graph = folder / encoder_graph.FILE
        try:
            return LateInteractionModel(
                option, encoders.blank(encoder_config, folder, is_classifier=False), graph if graph.is_file() else None
            )
        except RuntimeError as error:
            raise incompatible(folder, f"{graph.name} cannot be read by OpenVINO: {error}") from None

    @classmethod
    def restore(cls, option: LateInteraction, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path) -> Self:
        """As every student with an encoder.

        A folder that lost its graph would judge a little otherwise, so it is refused; one that was exported has another.
        """
        if model.get(_GRAPH) and not any((folder / name).is_file() for name in (encoder_graph.FILE, onnx_encoder.FILE)):
            raise incompatible(folder, f"{encoder_graph.FILE} is missing")
        return super().restore(option, threshold, training, model, folder)

    def describe(self) -> dict[str, Any]:
        """As every student with an encoder, and whether a graph of the encoder goes with it."""
        return {**super().describe(), _GRAPH: self.model.graph is not None}

    def write(self, folder: Path) -> None:
        """As every student with an encoder, and the graph."""
        super().write(folder)
        if self.model.graph is not None:
            (folder / encoder_graph.FILE).write_bytes(self.model.graph.read_bytes())

    def keep_passages(self, folder: Path) -> None:
        """As every student."""
        self.model.keep_passages(folder)

    def reference(self, items: Sequence[Item]) -> list[Judgment] | None:
        """As every student with an encoder: what it judges where PyTorch reads texts instead of the graph."""
        if self.model.graph is None:
            return None
        with self.model.read_by_pytorch():
            return self.judge(items)

    @classmethod
    def new_members(cls, model: LateInteractionModel) -> nn.ModuleList:
        """Heads as they are before training."""
        return model.new_members()

    def write_retrained(self, folder: Path) -> None:
        """As every student: SEED.safetensors, with heads and slopes; the correction is that of the student."""
        for seed, each in self.retrained.items():
            slopes = torch.tensor(each.slopes, dtype=torch.float64)
            write_tensors(folder / f"{seed}.safetensors", {**each.members.state_dict(), _SLOPES: slopes})

    def judge_retrained(self, folder: Path, items: Sequence[Item]) -> dict[int, list[Judgment]]:
        """As every student; the features of the items are measured once."""
        paths = {int(path.stem): path for path in folder.glob("*.safetensors")}
        worded = [item for item in items if has_words(item.answer)] if paths else []
        inputs = self.inputs(worded) if worded else []
        judged: dict[int, list[Judgment]] = {}
        for seed, path in sorted(paths.items()):
            tensors = load_file(path)
            slopes = Slopes(*tensors.pop(_SLOPES).tolist())
            members = self.model.new_members()
            members.load_state_dict(tensors)
            given = iter(Ensemble(members, slopes, self.tempering).judge(inputs, self.threshold))
            judged[seed] = [next(given) if has_words(item.answer) else Judgment(None, reason="no_verdict") for item in items]
        return judged

    def explain_items(self, items: Sequence[Item]) -> list[list[Span]]:
        """As every student; from the matches of the words and the places that they take (`judge.students.explain`)."""
        worded = [narrowed(item, self.option.evidence) for item in items if has_words(item.answer)]
        matches = self.model.matches(worded) if worded else []
        explained = iter(
            [explain(item.question, item.answer or "", item.context or "", best) for item, best in zip(worded, matches, strict=True)]
        )
        return [next(explained) if has_words(item.answer) else [] for item in items]

    def method(self) -> str:
        """As every student with an encoder."""
        read = ", ".join(text for kind, text in _READ.items() if kind in self.option.features)
        return f"{read}, and {self.option.heads} small networks turn that into a distribution over the levels 0.0, 0.1, … 1.0"
