"""The student `cross-encoder`: a Hugging Face encoder that reads question, answer and evidence in one row.

A sequence classifier over the levels (BERT's sentence-pair classification, Devlin et al. 2019), fine-tuned as a whole.
Import this module only where a student is trained or loaded: it loads torch.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from judge.models import encoders
from judge.students.evidence import Texts
from judge.students.options import CrossEncoder
from judge.tables.levels import LEVELS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


Row = dict[str, list[int]]

_BATCH_SIZE = 32


class CrossEncoderModel(nn.Module):
    """A single member: the classifier. Its inputs are token ids with what belongs to them, by the tokenizer's names."""

    def __init__(self, option: CrossEncoder, encoder: encoders.Encoder) -> None:
        super().__init__()
        self.tokenizer = encoder.tokenizer
        self.encoder_config = encoders.describe(encoder)
        self.max_tokens = option.max_tokens
        self.members = nn.ModuleList([_Classifier(encoder)])

    def prepare(self, texts: Sequence[Texts]) -> list[Row]:
        """Tokenise (question and answer, evidence) pairs; the longer of the two loses its end where a pair is too long."""
        first, second = [f"{text.question} {text.answer}" for text in texts], [text.evidence for text in texts]
        encoded = self.tokenizer(first, second, truncation="longest_first", max_length=self.max_tokens)
        return [{name: encoded[name][place] for name in encoded} for place in range(len(texts))]


class _Classifier(nn.Module):
    def __init__(self, encoder: encoders.Encoder) -> None:
        super().__init__()
        self.classifier = encoder.model
        self._tokenizer: PreTrainedTokenizerBase = encoder.tokenizer

    def forward(self, rows: Sequence[Row]) -> Tensor:
        """Logits of shape (rows, 11)."""
        # Rows of similar length share a batch, so that little is computed for padding.
        order = sorted(range(len(rows)), key=lambda place: len(rows[place]["input_ids"]))
        parts = []
        for start in range(0, len(order), _BATCH_SIZE):
            batch: Any = self._tokenizer.pad([rows[place] for place in order[start : start + _BATCH_SIZE]], return_tensors="pt")
            parts.append(self.classifier(**batch.to(self.classifier.device)).logits)
        logits: Tensor = torch.cat(parts)
        return logits[torch.tensor(order).argsort().to(logits.device)]


def build(option: CrossEncoder, texts: Sequence[Texts]) -> tuple[CrossEncoderModel, list[Row]]:
    """The encoder that the option names, with a head over the levels that is not trained yet, and the inputs for the texts.

    Raises:
        PinError, ModelError: the encoder cannot be loaded.
    """
    model = CrossEncoderModel(option, encoders.load(option.encoder, labels=len(LEVELS)))
    return model, model.prepare(texts)
