"""The student `late-interaction`: a frozen encoder's token matches, and small networks that turn them into levels.

Several heads of one hidden layer are trained from different seeds and averaged (deep ensembles, Lakshminarayanan et al.
2017): a few hundred rows leave a single one to chance.
Import this module only where a student is trained or loaded: it loads torch.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from judge.models import encoders
from judge.models.threads import one_thread
from judge.students import token_matches
from judge.students.evidence import Texts
from judge.students.options import LateInteraction
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

    def prepare(self, texts: Sequence[Texts]) -> list[Tensor]:
        """Standardised features of each item."""
        return self.standardise(self.measure(texts))

    def standardise(self, measured: Tensor) -> list[Tensor]:
        """Inputs of the heads from measured features."""
        return list(((measured - self.centers) / self.scales).clamp(-_LIMIT, _LIMIT))

    def measure(self, texts: Sequence[Texts]) -> Tensor:
        """Features as they are measured: (items, features)."""
        tokens = encoders.read(encoders.Encoder(self.encoder, self.tokenizer), [part for text in texts for part in text])
        with one_thread():
            rows = [token_matches.measure(text, *tokens[3 * place : 3 * place + 3]) for place, text in enumerate(texts)]
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


def build(option: LateInteraction, texts: Sequence[Texts]) -> tuple[LateInteractionModel, list[Tensor]]:
    """A model with untrained heads, whose features are standardised on the texts that it is to be trained on, and their inputs.

    Raises:
        PinError, ModelError: the encoder cannot be loaded.
    """
    model = LateInteractionModel(option, encoders.load(option.encoder))
    measured = model.measure(texts)
    model.centers.copy_(measured.mean(dim=0))
    # A feature that never varies teaches nothing; with scale 1 it stays 0 for all of these texts.
    scales = measured.std(dim=0, correction=0)
    model.scales.copy_(torch.where(scales > 0, scales, torch.ones_like(scales)))
    return model, model.standardise(measured)
