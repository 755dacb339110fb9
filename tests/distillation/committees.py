"""What the tests of a committee's training share: small heads, rows with targets, and their folds."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from judge.distillation.committee import Committee, Targets
from judge.distillation.settings import DistilSettings
from judge.tables.levels import LEVELS

FEATURES, THRESHOLD = 6, 0.8


class Head(nn.Module):
    """A network that reads every second feature."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.read = nn.Buffer(torch.tensor([1.0, 0.0] * (FEATURES // 2)))
        self.layers = nn.Sequential(nn.Dropout(dropout), nn.Linear(FEATURES, 5), nn.GELU(), nn.Linear(5, len(LEVELS)))

    def forward(self, inputs: Tensor | list[Tensor]) -> Tensor:
        """Logits of shape (inputs, 11)."""
        logits: Tensor = self.layers(self.read * (inputs if isinstance(inputs, Tensor) else torch.stack(inputs)))
        return logits


def heads(count: int, dropout: float = 0.0) -> nn.ModuleList:
    """Heads with other weights each, the same ones at each call."""
    torch.manual_seed(3)
    return nn.ModuleList(Head(dropout) for _ in range(count))


def settings(**changes: Any) -> DistilSettings:
    """With weight decay, so that a step moves what has no gradient too."""
    values: dict[str, Any] = {
        "alpha": 0.4,
        "temperature": 2.0,
        "epochs": 30,
        "patience": 3,
        "learning_rate": 0.01,
        "weight_decay": 0.1,
        "batch_size": 4,
        "statements": True,
        "retrainings": 0,
        "validation_fraction": 0.25,
    }
    return DistilSettings(**{**values, **changes})


def learnt(rows: int) -> tuple[list[Tensor], Targets]:
    """Rows that can be learnt, the last without a class, every third of less weight, each one an answer."""
    drawn = torch.Generator().manual_seed(5)
    inputs = torch.randn(rows, FEATURES, generator=drawn)
    levels = torch.softmax(torch.outer(inputs[:, 0], torch.linspace(-2.0, 2.0, len(LEVELS))), dim=1)
    acceptable = (inputs[:, 0] > 0).float()
    acceptable[-1] = math.nan
    weights = torch.tensor([0.2 if row % 3 == 0 else 1.0 for row in range(rows)])
    return list(inputs), Targets(levels, acceptable, weights, rows)


def committee(members: nn.ModuleList, fold_of: list[int], **changes: Any) -> Committee:
    """Members with a row for each fold that is named."""
    return Committee(members, *learnt(len(fold_of)), fold_of, settings(**changes), THRESHOLD)
