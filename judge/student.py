"""The student judge: how it judges, and the folder that it is saved in and loaded from.

Nothing here needs the stages, Hydra or DVC; torch and transformers load when a student does.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from judge import atomic
from judge.errors import StudentError
from judge.items import Item, Judge, Texts, has_words, texts_of
from judge.levels import LEVELS, Judgment, mean, probability_above
from judge.student_settings import CausalLM, CrossEncoder, LateInteraction, OpenAI, StudentOption

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedTokenizerBase

# Raised whenever a folder saved before can no longer be read, or would judge otherwise.
FORMAT = 2

_CONFIG, _WEIGHTS, _CARD = "config.json", "model.safetensors", "README.md"
# What else makes a complete folder, by the kind of its student.
_ENCODER_FILES = (_WEIGHTS, "tokenizer.json", "tokenizer_config.json")
_FILES = {
    "late-interaction": _ENCODER_FILES,
    "cross-encoder": _ENCODER_FILES,
    "openai": ("train.jsonl",),
    "causal-lm": ("train.jsonl", "adapter_model.safetensors", "adapter_config.json", "tokenizer.json", "tokenizer_config.json"),
}


class Model(Protocol):
    """What both kinds of student are made of: inputs that are prepared once, and members that turn them into logits.

    A member maps a list of inputs to logits of shape (inputs, 11); the student's distribution is the mean over its members'.
    """

    members: "nn.ModuleList"
    tokenizer: "PreTrainedTokenizerBase"
    encoder_config: dict[str, Any]

    def prepare(self, texts: Sequence[Texts]) -> list[Any]:
        """One input for each item, in order."""
        ...

    def state_dict(self) -> "dict[str, Tensor]":
        """All tensors by name."""
        ...


class AnyStudent(ABC):
    """A judge of answers that was distilled, whatever it is made of.

    Attributes:
        option: what kind of student it is, and what evidence it needs.
        threshold: of the class; an answer is acceptable with its mass on the levels strictly above it.
        training: what it was trained on, how, and the figures of its validation, name to value.
    """

    def __init__(self, option: StudentOption, threshold: float, training: dict[str, Any]) -> None:
        self.option = option
        self.threshold = threshold
        self.training = training

    @abstractmethod
    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order; one without a letter or digit gets no verdict.

        Raises:
            StudentError: an item lacks the evidence that this student needs.
        """

    @abstractmethod
    def baseline(self) -> Judge:
        """What this student has to beat: what there was of it before distillation."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """What of the model is needed to load it, besides option and files; JSON."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the model's own files."""

    def score(self, question: str, answer: str, *, context: str | None = None, reference: str | None = None) -> float:
        """The score of one answer, in [0, 1].

        Raises:
            StudentError: the answer is empty, or the evidence that this student needs is missing, or it gave no verdict.
        """
        return mean(self._levels(Item(question, answer, context, reference)))

    def acceptable(self, question: str, answer: str, *, context: str | None = None, reference: str | None = None) -> float:
        """The probability that one answer is acceptable, in [0, 1]; raises as `score` does."""
        return probability_above(self._levels(Item(question, answer, context, reference)), self.threshold)

    def _levels(self, item: Item) -> tuple[float, ...]:
        if not has_words(item.answer):
            raise StudentError("An empty answer has no score.\nNext: leave it out, or use judge(items), which gives it no verdict.")
        (judgment,) = self.judge([item])
        if judgment.levels is None:
            said = f": {judgment.rationale}" if judgment.rationale else ""
            raise StudentError(
                f"The student gave no verdict ({judgment.reason}){said}.\nNext: ask again, or use judge(items), which tells."
            )
        return judgment.levels


class Student(AnyStudent):
    """A student with an encoder."""

    option: LateInteraction | CrossEncoder

    def __init__(self, model: Model, option: LateInteraction | CrossEncoder, threshold: float, training: dict[str, Any]) -> None:
        super().__init__(option, threshold, training)
        self.model = model

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """As every student."""
        said = [place for place, item in enumerate(items) if has_words(item.answer)]
        texts = [texts_of(items[place], self.option.evidence) for place in said]
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        if not said:
            return judgments
        for place, levels in zip(said, probabilities(self.model.members, self.model.prepare(texts)), strict=True):
            judgments[place] = Judgment(levels)
        return judgments

    def baseline(self) -> Judge:
        """Plain cosine of its own encoder's embeddings."""
        from judge.baseline import Cosine

        return Cosine(self.option)

    def describe(self) -> dict[str, Any]:
        """The encoder's own configuration."""
        return self.model.encoder_config

    def write(self, folder: Path) -> None:
        """Weights and tokenizer."""
        from safetensors.torch import save as to_bytes

        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.model.state_dict().items()}
        # safetensors' own writer makes a file that only its owner may read.
        (folder / _WEIGHTS).write_bytes(to_bytes(tensors))
        self.model.tokenizer.save_pretrained(folder)


def probabilities(members: "Iterable[nn.Module]", inputs: Sequence[Any]) -> list[tuple[float, ...]]:
    """The mean distribution of a model's members for each input."""
    import torch

    with torch.inference_mode():
        each = [torch.softmax(member.eval()(inputs).double(), dim=1) for member in members]
    # Summed in double precision and normalised again, so that a table's rows sum to 1.
    averaged = torch.stack(each).mean(dim=0)
    return [tuple(row) for row in (averaged / averaged.sum(dim=1, keepdim=True)).tolist()]


def save(student: AnyStudent, folder: Path, card: str) -> None:
    """Write a student to a folder, whole or not at all: its model's files, settings, and model card.

    Raises:
        JudgeError: the disk is full or the folder cannot be written; an older folder stands as it was.
    """
    config = {
        "format": FORMAT,
        "levels": LEVELS,
        "threshold": student.threshold,
        "option": student.option.model_dump(),
        "training": student.training,
        "model": student.describe(),
    }
    with atomic.new_folder(folder) as target:
        student.write(target)
        (target / _CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        (target / _CARD).write_text(card, encoding="utf-8")


def load(folder: Path | str, *, budget_usd: float | None = None) -> AnyStudent:
    """Load a saved student.

    One with an encoder reads nothing but the folder; a causal language model needs its base model as well, and a hosted one
    its server, each time it judges.

    Args:
        folder: where it was saved.
        budget_usd: dollars that all runs with this cache may pay together for a hosted student; None is no limit.

    Raises:
        StudentError: a file is missing or unreadable, or was written by another version of this project.
        PinError, ModelError: the base model of a causal language model cannot be loaded.
    """
    folder = Path(folder)
    _require(folder, [_CONFIG])
    try:
        saved = _SavedConfig.model_validate(json.loads((folder / _CONFIG).read_text(encoding="utf-8")), strict=False)
    except (ValueError, ValidationError) as error:
        raise incompatible(folder, f"{_CONFIG} cannot be read: {error}") from None
    if saved.format != FORMAT or saved.levels != LEVELS:
        found = f"format {saved.format} with {len(saved.levels)} levels"
        raise incompatible(folder, f"{_CONFIG} has {found}, this version reads format {FORMAT} with {len(LEVELS)} levels")
    _require(folder, _FILES[saved.option.kind])
    if isinstance(saved.option, OpenAI):
        from judge.openai_student import OpenAIStudent

        return OpenAIStudent.restore(saved.option, saved.threshold, saved.training, saved.model, folder, budget_usd)
    if isinstance(saved.option, CausalLM):
        from judge.causal_lm import CausalLMStudent

        return CausalLMStudent.restore(saved.option, saved.threshold, saved.training, saved.model, folder)
    return Student(_restore(saved.option, saved.model, folder), saved.option, saved.threshold, saved.training)


class _SavedConfig(BaseModel):
    """config.json of a saved student."""

    model_config = ConfigDict(extra="forbid")

    format: int
    levels: tuple[float, ...]
    threshold: float
    option: StudentOption
    training: dict[str, Any]
    model: dict[str, Any]


def _require(folder: Path, names: Sequence[str]) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise StudentError(
            f"{folder} is no complete student: {', '.join(missing)} missing.\nNext: `dvc repro distil` makes one, `dvc pull` fetches it."
        )


def _restore(option: LateInteraction | CrossEncoder, encoder_config: dict[str, Any], folder: Path) -> Model:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from judge import cross_encoder, encoders, late_interaction

    model: late_interaction.LateInteractionModel | cross_encoder.CrossEncoderModel
    try:
        encoder = encoders.blank(encoder_config, folder, is_classifier=isinstance(option, CrossEncoder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise incompatible(folder, f"this version of transformers cannot make its encoder: {error}") from None
    if isinstance(option, LateInteraction):
        model = late_interaction.LateInteractionModel(option, encoder)
    else:
        model = cross_encoder.CrossEncoderModel(option, encoder)
    try:
        model.load_state_dict(load_file(folder / _WEIGHTS))
    except (SafetensorError, RuntimeError) as error:
        raise incompatible(folder, f"{_WEIGHTS} is cut off or does not fit {_CONFIG}: {error}") from None
    return model


def incompatible(folder: Path, what: str) -> StudentError:
    """The error of a folder that cannot be loaded."""
    return StudentError(
        f"The student in {folder} cannot be loaded: {what}.\n"
        "Next: `dvc repro distil` makes it again; a student of an older version loads with the commit that made it.",
    )
