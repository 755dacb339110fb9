"""The student `cross-encoder`: a Hugging Face encoder that reads question, answer and evidence in one row.

A sequence classifier over the levels (BERT's sentence-pair classification, Devlin et al. 2019), fine-tuned as a whole.
Import this module only where a student is trained or loaded: it loads torch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from judge.models import encoders
from judge.students.encoder_student import EncoderStudent
from judge.students.options import CrossEncoder
from judge.tables.items import Item
from judge.tables.levels import LEVELS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Token ids and what belongs to them, by the tokenizer's names.
Encoded = dict[str, list[int]]

_BATCH_SIZE = 32


class CrossEncoderModel(nn.Module):
    """A single member: the classifier. Its inputs are tokenised items."""

    def __init__(self, option: CrossEncoder, encoder: encoders.Encoder) -> None:
        super().__init__()
        self.tokenizer = encoder.tokenizer
        self.encoder_config = encoders.describe(encoder)
        self.max_tokens = option.max_tokens
        self.members = nn.ModuleList([_Classifier(encoder)])

    def prepare(self, items: Sequence[Item]) -> list[Encoded]:
        """Tokenise (question and answer, evidence) pairs; the longer of the two loses its end where a pair is too long."""
        first, second = [f"{item.question} {item.answer or ''}" for item in items], [item.context or "" for item in items]
        encoded = self.tokenizer(first, second, truncation="longest_first", max_length=self.max_tokens)
        return [{name: encoded[name][index] for name in encoded} for index in range(len(items))]


class _Classifier(nn.Module):
    def __init__(self, encoder: encoders.Encoder) -> None:
        super().__init__()
        self.classifier = encoder.model
        self._tokenizer: PreTrainedTokenizerBase = encoder.tokenizer

    def forward(self, inputs: Sequence[Encoded]) -> Tensor:
        """Logits of shape (inputs, 11)."""
        # Inputs of similar length share a batch, so that little is computed for padding.
        order = sorted(range(len(inputs)), key=lambda index: len(inputs[index]["input_ids"]))
        parts = []
        for start in range(0, len(order), _BATCH_SIZE):
            batch: Any = self._tokenizer.pad([inputs[index] for index in order[start : start + _BATCH_SIZE]], return_tensors="pt")
            parts.append(self.classifier(**batch.to(self.classifier.device)).logits)
        logits: Tensor = torch.cat(parts)
        return logits[torch.tensor(order).argsort().to(logits.device)]


class CrossEncoderStudent(EncoderStudent):
    """A student that is a fine-tuned encoder with a head over the levels."""

    option: CrossEncoder

    @classmethod
    def build(cls, option: CrossEncoder, items: Sequence[Item]) -> tuple[CrossEncoderModel, list[Encoded]]:
        """The encoder that the option names, with a head over the levels that is not trained yet, and the items' inputs."""
        model = CrossEncoderModel(option, encoders.load(option.encoder, labels=len(LEVELS)))
        return model, model.prepare(items)

    @classmethod
    def blank(cls, option: CrossEncoder, encoder_config: dict[str, Any], folder: Path) -> CrossEncoderModel:
        """As every student with an encoder."""
        return CrossEncoderModel(option, encoders.blank(encoder_config, folder, is_classifier=True))

    def method(self) -> str:
        """As every student with an encoder."""
        return "a fine-tuned encoder reads question, answer and evidence together, and gives a distribution over the levels 0.0, 0.1, … 1.0"
