"""The student judge: its settings, how it judges, and the folder that it is saved in and loaded from.

Nothing here needs the stages, Hydra or DVC; torch and transformers load when a student does.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from judge import atomic
from judge.errors import StudentError
from judge.levels import LEVELS, Judgment, mean, probability_above
from judge.student_settings import CrossEncoder, Evidence, LateInteraction
from judge.tables import Row

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedTokenizerBase

# Raised whenever a folder saved before can no longer be read, or would judge otherwise.
FORMAT = 1

_CONFIG, _WEIGHTS, _CARD = "config.json", "model.safetensors", "README.md"


class Item(NamedTuple):
    """What a judge is asked to judge; `answer` is None where a generator returned nothing."""

    question: str
    answer: str | None
    context: str | None = None
    reference: str | None = None

    @classmethod
    def of(cls, row: Row) -> "Item":
        """The item of a row of the dataset or of the probes."""
        return cls(row["question"], row["answer"], row["context"], row.get("reference"))


class Texts(NamedTuple):
    """The texts of an item that a student reads; none is empty."""

    question: str
    answer: str
    evidence: str


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


class Student:
    """A small judge of answers.

    Attributes:
        option: what kind of student it is, and what evidence it needs.
        threshold: of the class; an answer is acceptable with its mass on the levels strictly above it.
        training: what it was trained on, how, and the figures of its validation, name to value.
    """

    def __init__(self, model: Model, option: LateInteraction | CrossEncoder, threshold: float, training: dict[str, Any]) -> None:
        self.model = model
        self.option = option
        self.threshold = threshold
        self.training = training

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order; one without a letter or digit gets no verdict.

        Raises:
            StudentError: an item lacks the evidence that this student needs.
        """
        said = [place for place, item in enumerate(items) if has_words(item.answer)]
        texts = [texts_of(items[place], self.option.evidence) for place in said]
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        if not said:
            return judgments
        for place, levels in zip(said, probabilities(self.model.members, self.model.prepare(texts)), strict=True):
            judgments[place] = Judgment(levels)
        return judgments

    def score(self, question: str, answer: str, *, context: str | None = None, reference: str | None = None) -> float:
        """The score of one answer, in [0, 1].

        Raises:
            StudentError: the answer is empty, or the evidence that this student needs is missing.
        """
        return mean(self._levels(Item(question, answer, context, reference)))

    def acceptable(self, question: str, answer: str, *, context: str | None = None, reference: str | None = None) -> float:
        """The probability that one answer is acceptable, in [0, 1]; raises as `score` does."""
        return probability_above(self._levels(Item(question, answer, context, reference)), self.threshold)

    def _levels(self, item: Item) -> tuple[float, ...]:
        (judgment,) = self.judge([item])
        if judgment.levels is None:
            raise StudentError("An empty answer has no score.\nNext: leave it out, or use judge(items), which gives it no verdict.")
        return judgment.levels


def has_words(answer: str | None) -> bool:
    """Whether there is anything to judge: an answer with a letter or a digit."""
    return any(map(str.isalnum, answer or ""))


def texts_of(item: Item, evidence: Evidence) -> Texts:
    """The texts of an item with a non-empty answer.

    Both kinds of evidence make one text, the reference first: where a text is cut, it is the end of the passage that goes.

    Raises:
        StudentError: the evidence is missing; the message names what is.
    """
    needed = {"context": item.context, "reference": item.reference}
    if evidence != "both":
        needed = {evidence: needed[evidence]}
    missing = [name for name, text in needed.items() if not text or not text.strip()]
    if missing:
        raise StudentError(
            f"This student holds answers against evidence={evidence}, but the {' and the '.join(missing)} is missing "
            f"for the question {item.question[:80]!r}.\n"
            f"Next: give it ({', '.join(f'{name}=...' for name in missing)}), or distil a student with another `evidence` "
            "(conf/student).",
        )
    return Texts(item.question, str(item.answer), "\n".join(str(needed[name]) for name in ("reference", "context") if name in needed))


def probabilities(members: "Iterable[nn.Module]", inputs: Sequence[Any]) -> list[tuple[float, ...]]:
    """The mean distribution of a model's members for each input."""
    import torch

    with torch.inference_mode():
        each = [torch.softmax(member.eval()(inputs).double(), dim=1) for member in members]
    # Summed in double precision and normalised again, so that a table's rows sum to 1.
    averaged = torch.stack(each).mean(dim=0)
    return [tuple(row) for row in (averaged / averaged.sum(dim=1, keepdim=True)).tolist()]


def save(student: Student, folder: Path, card: str) -> None:
    """Write a student to a folder, whole or not at all: weights, settings, tokenizer, and its model card.

    Raises:
        JudgeError: the disk is full or the folder cannot be written; an older folder stands as it was.
    """
    from safetensors.torch import save as to_bytes

    config = {
        "format": FORMAT,
        "levels": LEVELS,
        "threshold": student.threshold,
        "option": student.option.model_dump(),
        "training": student.training,
        "encoder": student.model.encoder_config,
    }
    with atomic.new_folder(folder) as target:
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in student.model.state_dict().items()}
        # safetensors' own writer makes a file that only its owner may read.
        (target / _WEIGHTS).write_bytes(to_bytes(tensors))
        student.model.tokenizer.save_pretrained(target)
        (target / _CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        (target / _CARD).write_text(card, encoding="utf-8")


def load(folder: Path | str) -> Student:
    """Load a saved student; nothing is fetched, and nothing but the folder is read.

    Raises:
        StudentError: a file is missing or unreadable, or was written by another version of this project.
    """
    folder = Path(folder)
    missing = [name for name in (_CONFIG, _WEIGHTS, "tokenizer.json", "tokenizer_config.json") if not (folder / name).is_file()]
    if missing:
        raise StudentError(
            f"{folder} is no complete student: {', '.join(missing)} missing.\nNext: `dvc repro distil` makes one, `dvc pull` fetches it."
        )
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        saved = _SavedConfig.model_validate(config, strict=False)
    except (ValueError, ValidationError) as error:
        raise _incompatible(folder, f"{_CONFIG} cannot be read: {error}") from None
    if saved.format != FORMAT or saved.levels != LEVELS:
        found = f"format {saved.format} with {len(saved.levels)} levels"
        raise _incompatible(folder, f"{_CONFIG} has {found}, this version reads format {FORMAT} with {len(LEVELS)} levels")
    return Student(_restore(saved, folder), saved.option, saved.threshold, saved.training)


class _SavedConfig(BaseModel):
    """config.json of a saved student."""

    model_config = ConfigDict(extra="forbid")

    format: int
    levels: tuple[float, ...]
    threshold: float
    option: LateInteraction | CrossEncoder = Field(discriminator="kind")
    training: dict[str, Any]
    encoder: dict[str, Any]


def _restore(saved: _SavedConfig, folder: Path) -> Model:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from judge import cross_encoder, encoders, late_interaction

    model: late_interaction.LateInteractionModel | cross_encoder.CrossEncoderModel
    try:
        encoder = encoders.blank(saved.encoder, folder, is_classifier=isinstance(saved.option, CrossEncoder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _incompatible(folder, f"this version of transformers cannot make its encoder: {error}") from None
    if isinstance(saved.option, LateInteraction):
        model = late_interaction.LateInteractionModel(saved.option, encoder)
    else:
        model = cross_encoder.CrossEncoderModel(saved.option, encoder)
    try:
        model.load_state_dict(load_file(folder / _WEIGHTS))
    except (SafetensorError, RuntimeError) as error:
        raise _incompatible(folder, f"{_WEIGHTS} is cut off or does not fit {_CONFIG}: {error}") from None
    return model


def _incompatible(folder: Path, what: str) -> StudentError:
    return StudentError(
        f"The student in {folder} cannot be loaded: {what}.\n"
        "Next: `dvc repro distil` makes it again; a student of an older version loads with the commit that made it.",
    )
