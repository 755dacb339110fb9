"""The student `late-interaction`: a frozen encoder's token matches, and small networks that turn them into levels.

Several heads of one hidden layer are trained from different seeds and averaged (deep ensembles, Lakshminarayanan et al.
2017): a few hundred rows leave a single one to chance.
Import this module only where a student is trained or loaded: it loads torch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from judge.models import encoders
from judge.models.threads import one_thread
from judge.students import token_matches
from judge.students.encoder_student import EncoderStudent
from judge.students.options import LateInteraction
from judge.tables.items import Item
from judge.tables.levels import LEVELS

# A standardised feature is cut here, so that one odd answer cannot push the heads to where they never learned anything.
_LIMIT = 4.0


class LateInteractionModel(nn.Module):
    """The encoder, the centers and scales of the features, and the heads; its inputs are standardised features, (features,)."""

    def __init__(self, option: LateInteraction, encoder: encoders.Encoder) -> None:
        super().__init__()
        self.tokenizer = encoder.tokenizer
        self.encoder_config = encoders.describe(encoder)
        self.encoder = encoder.model.requires_grad_(requires_grad=False)
        width = len(token_matches.FEATURES)
        self.centers = nn.Buffer(torch.zeros(width))
        self.scales = nn.Buffer(torch.ones(width))
        self.members = nn.ModuleList(_Head(width, option.hidden, option.dropout) for _ in range(option.heads))

    def prepare(self, items: Sequence[Item]) -> list[Tensor]:
        """Standardised features of each narrowed item: (features,)."""
        return self.standardise(self.measure(items))

    def standardise(self, measured: Tensor) -> list[Tensor]:
        """Inputs of the heads from measured features."""
        return list(((measured - self.centers) / self.scales).clamp(-_LIMIT, _LIMIT))

    def measure(self, items: Sequence[Item]) -> Tensor:
        """Features of narrowed items as they are measured: (items, features)."""
        texts = [text or "" for item in items for text in (item.question, item.answer, item.context)]
        tokens = encoders.read(encoders.Encoder(self.encoder, self.tokenizer), texts)
        with one_thread():
            rows = [token_matches.measure(item, *tokens[3 * index : 3 * index + 3]) for index, item in enumerate(items)]
        return torch.from_numpy(np.stack(rows))


class _Head(nn.Module):
    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, len(LEVELS))
        )

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Logits of shape (inputs, 11)."""
        logits: Tensor = self.layers(torch.stack(list(inputs)))
        return logits


class LateInteractionStudent(EncoderStudent):
    """A student that reads the pooled matches of an answer's tokens."""

    TRAINS_ON_ONE_THREAD = True

    option: LateInteraction

    @classmethod
    def build(cls, option: LateInteraction, items: Sequence[Item]) -> tuple[LateInteractionModel, list[Tensor]]:
        """A model with untrained heads, whose features are standardised on the items, and their inputs."""
        model = LateInteractionModel(option, encoders.load(option.encoder))
        measured = model.measure(items)
        model.centers.copy_(measured.mean(dim=0))
        # A feature that never varies teaches nothing; with scale 1 it stays 0 for all of these items.
        scales = measured.std(dim=0, correction=0)
        model.scales.copy_(torch.where(scales > 0, scales, torch.ones_like(scales)))
        return model, model.standardise(measured)

    @classmethod
    def blank(cls, option: LateInteraction, encoder_config: dict[str, Any], folder: Path) -> LateInteractionModel:
        """As every student with an encoder."""
        return LateInteractionModel(option, encoders.blank(encoder_config, folder, is_classifier=False))

    def method(self) -> str:
        """As every student with an encoder."""
        return (
            f"each token of the answer is held against its best match in the evidence, and {self.option.heads} small networks turn "
            "the pooled matches into a distribution over the levels 0.0, 0.1, … 1.0"
        )
