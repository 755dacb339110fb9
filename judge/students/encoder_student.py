"""The students with an encoder: how they judge, and what they save."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from judge.students.evidence import Texts, texts_of
from judge.students.options import CrossEncoder, LateInteraction
from judge.tables.items import Item, Judge, has_words
from judge.tables.levels import Judgment

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedTokenizerBase

from judge.students.student import AnyStudent, incompatible

# What else makes a complete folder, by the kind of its student.
_WEIGHTS = "model.safetensors"
FILES = (_WEIGHTS, "tokenizer.json", "tokenizer_config.json")


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
        from judge.students.baseline import Cosine

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


def restore(option: LateInteraction | CrossEncoder, encoder_config: dict[str, Any], folder: Path) -> Model:
    """The model of a saved folder.

    Raises:
        StudentError: its weights do not fit, or this version of transformers cannot make its encoder.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from judge.models import encoders
    from judge.students import cross_encoder, late_interaction

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
        raise incompatible(folder, f"{_WEIGHTS} is cut off or does not fit config.json: {error}") from None
    return model
