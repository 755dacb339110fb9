"""What the students with an encoder have in common: how they judge, and what they save."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self

from judge.students import tokenizer_files
from judge.students.evidence import narrowed
from judge.students.options import CrossEncoder, LateInteraction
from judge.students.student import CardTexts, Student, best_epoch, incompatible, judge_worded, with_probability
from judge.students.tempering import Tempering
from judge.tables.items import Item
from judge.tables.levels import Judgment, Slopes

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedTokenizerBase

WEIGHTS = "model.safetensors"
_SLOPES, _TEMPERING = "slopes", "tempering"
_NONE = Tempering()


class Model(Protocol):
    """What such a student is made of: inputs that are prepared once, and members that turn them into logits.

    A member maps a list of inputs to logits of shape (inputs, 11); the student's distribution is the mean over its members'.
    """

    members: "nn.ModuleList"
    tokenizer: "PreTrainedTokenizerBase"
    encoder_config: dict[str, Any]

    def prepare(self, items: Sequence[Item]) -> list[Any]:
        """One input for each item, in order; the items are narrowed to the evidence that the student reads."""
        ...

    def state_dict(self) -> "dict[str, Tensor]":
        """All tensors by name."""
        ...

    def load_state_dict(self, state_dict: "dict[str, Tensor]") -> object:
        """Take the tensors of another model of the same shape; a RuntimeError where they do not fit."""
        ...


class Ensemble(NamedTuple):
    """Members that were trained together, the correction of their mean, and the slopes of its probability of acceptable.

    The slopes are those of `levels.acceptable_probability`.
    """

    members: "nn.ModuleList"
    slopes: Slopes
    tempering: Tempering = _NONE

    def judge(self, inputs: Sequence[Any], threshold: float) -> list[Judgment]:
        """The judgment of each input, in order."""
        corrected = map(self.tempering.apply, probabilities(self.members, inputs))
        return [with_probability(levels, threshold, self.slopes) for levels in corrected]


class EncoderStudent(Student):
    """A student with an encoder; a kind of it says what its model is, trained or not.

    Attributes:
        TRAINS_ON_ONE_THREAD: whether its members are too small for training to gain from several cores.
        model: the encoder with its members.
        slopes: of its probability of acceptable.
        tempering: the correction of its distributions.
        retrained: what was trained again from other seeds; empty for a student that was loaded.
    """

    FILES = (WEIGHTS, "tokenizer.json", "tokenizer_config.json")
    TRAINS_ON_ONE_THREAD: ClassVar[bool] = False

    option: LateInteraction | CrossEncoder

    def __init__(
        self,
        model: Model,
        option: LateInteraction | CrossEncoder,
        threshold: float,
        training: dict[str, Any],
        slopes: Slopes,
        tempering: Tempering = _NONE,
    ) -> None:
        super().__init__(option, threshold, training)
        self.model = model
        self.slopes = slopes
        self.tempering = tempering
        self.retrained: dict[int, Ensemble] = {}

    @classmethod
    @abstractmethod
    def build(cls, option: Any, items: Sequence[Item]) -> tuple[Model, list[Any]]:
        """A model whose members are yet to be trained, and the inputs for the narrowed items that they will be trained on.

        Raises:
            PinError, ModelError: the encoder cannot be loaded.
        """

    @classmethod
    @abstractmethod
    def blank(cls, option: Any, encoder_config: dict[str, Any], folder: Path) -> Model:
        """A model of that architecture, whose weights are yet to be loaded, with the tokenizer of the folder.

        Raises:
            OSError, ValueError, KeyError, TypeError: this version of transformers does not know the architecture.
        """

    @classmethod
    def new_members(cls, model: Any) -> "nn.ModuleList | None":  # noqa: ARG003 - a kind that has some asks it for their shape
        """Members for the same encoder whose weights are yet to be trained; None where the encoder itself is trained.

        Where there are some, training is repeated from other seeds, to see what chance alone moves.
        """
        return None

    def reference(self, items: Sequence[Item]) -> list[Judgment] | None:  # noqa: ARG002 - a kind whose encoder is exported judges them
        """What the student judges with its encoder as it was, where it reads with an exported one; None where it does not.

        Raises:
            StudentError: as `judge`.
        """
        return None

    @abstractmethod
    def method(self) -> str:
        """How it comes to its levels, as the rest of a sentence of the model card."""

    @classmethod
    def restore(cls, option: Any, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path) -> Self:
        """As every student; nothing but the folder is read."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            restored = cls.blank(option, model["encoder"], folder)
            slopes, tempered = Slopes(*map(float, model[_SLOPES])), model[_TEMPERING]
            tempering = Tempering(float(tempered["temperature"]), tuple(map(float, tempered["biases"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise incompatible(folder, f"this version of transformers cannot make its encoder: {error}") from None
        try:
            restored.load_state_dict(load_file(folder / WEIGHTS))
        except (SafetensorError, RuntimeError) as error:
            raise incompatible(folder, f"{WEIGHTS} is cut off or does not fit config.json: {error}") from None
        return cls(restored, option, threshold, training, slopes, tempering)

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """As every student."""
        return judge_worded(items, lambda worded: self._ensemble().judge(self.inputs(worded), self.threshold))

    def describe(self) -> dict[str, Any]:
        """The encoder's own configuration, the slopes and the correction."""
        return {"encoder": self.model.encoder_config, _SLOPES: self.slopes, _TEMPERING: self.tempering._asdict()}

    def write(self, folder: Path) -> None:
        """Weights and tokenizer."""
        write_tensors(folder / WEIGHTS, self.model.state_dict())
        tokenizer_files.write(self.model.tokenizer, folder)

    def _ensemble(self) -> Ensemble:
        return Ensemble(self.model.members, self.slopes, self.tempering)

    def card_texts(self) -> CardTexts:
        """As every student."""
        encoder, training = self.option.encoder, self.training
        return CardTexts(
            method=self.method(),
            model=f"The encoder is {encoder.hub or encoder.embedded}.{_computed(training)}",
            training=(
                f"The objective is α·CE + (1 - α)·T²·KL with α = {training['alpha']} and T = {training['temperature']}.\n"
                f"{best_epoch(training)}"
            ),
            target="class",
            divergence="T² times the divergence",
        )

    def inputs(self, items: Sequence[Item]) -> list[Any]:
        """What the members are given for each item.

        Raises:
            StudentError: an item lacks the evidence that the student is held against.
        """
        return self.model.prepare([narrowed(item, self.option.evidence) for item in items])


def _computed(training: Mapping[str, Any]) -> str:
    """A sentence on the exported encoder, where there is one."""
    if training.get("graph_pearson") is None:
        return ""
    rows, pearson, others = training["graph_rows"], training["graph_pearson"], training["graph_other_classes"]
    return (
        f"\nIt is computed in 8-bit integers: on {rows} training answers scores correlate with those of the encoder as it was at "
        f"r = {pearson:.6f}, and {others} of them have another class."
    )


def probabilities(members: "Iterable[nn.Module]", inputs: Sequence[Any]) -> list[tuple[float, ...]]:
    """The mean distribution of a model's members for each input: 11 probabilities each, which sum to 1."""
    import torch

    with torch.inference_mode():
        each = [torch.softmax(member.eval()(inputs).double(), dim=1) for member in members]
    # Summed in double precision and normalised again, so that a table's rows sum to 1.
    averaged = torch.stack(each).mean(dim=0)
    return [tuple(row) for row in (averaged / averaged.sum(dim=1, keepdim=True)).tolist()]


def write_tensors(path: Path, tensors: "Mapping[str, Tensor]") -> None:
    """Write tensors as a safetensors file that everybody may read."""
    from safetensors.torch import save as to_bytes

    # safetensors' own writer makes a file that only its owner may read.
    path.write_bytes(to_bytes({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}))
