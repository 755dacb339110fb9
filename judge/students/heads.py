"""The small networks of a late-interaction student, and which features each of them reads.

Import this module only where a student is trained or loaded: it loads torch.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from judge.students.options import LateInteraction
from judge.tables.levels import LEVELS


def subspaces(width: int, option: LateInteraction) -> list[Tensor]:
    """Which features each head reads, as ones: (features,) a head.

    Features are dealt like cards, deck after deck, so that each is read about equally often; and by a generator of their own, so that
    every training, from whatever seed, has the same subspaces.
    """
    count = max(1, round(option.subspace * width))
    dealer = torch.Generator().manual_seed(0)
    decks = math.ceil(count * option.heads / width)
    dealt = torch.cat([torch.randperm(width, generator=dealer) for _ in range(decks)])
    return [torch.zeros(width).index_fill(0, dealt[head * count : (head + 1) * count], 1.0) for head in range(option.heads)]


class Head(nn.Module):
    """A head that reads some of the features (random subspaces, Ho 1998): what one feature suggests, others have to bear out."""

    def __init__(self, read: Tensor, option: LateInteraction) -> None:
        super().__init__()
        width, hidden, dropout = len(read), option.hidden, option.dropout
        self.read = nn.Buffer(read)
        self.layers = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, len(LEVELS))
        )

    def forward(self, inputs: Tensor | Sequence[Tensor]) -> Tensor:
        """Logits of shape (inputs, 11); the inputs may be stacked already."""
        features = inputs if isinstance(inputs, Tensor) else torch.stack(list(inputs))
        logits: Tensor = self.layers(features * self.read)
        return logits
