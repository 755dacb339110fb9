"""The training of a committee: when it ends, what is kept, and how its members are stepped."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from judge.distillation import ensemble_training, processes
from judge.distillation.processes import Processes
from tests.distillation.committees import THRESHOLD, committee, heads, learnt, settings

FOLD_OF = [0, 1, 2, 3] * 4


def trained(dropout: float = 0.0, **changes: Any) -> tuple[dict[str, Tensor], dict[str, float], list[dict[str, float]]]:
    """The weights that four heads end with, the epoch that was kept, and the terms of all epochs."""
    members, told = heads(4, dropout), []
    inputs, targets = learnt(len(FOLD_OF))
    torch.manual_seed(11)
    best, _ = ensemble_training.train(
        members, inputs, targets, FOLD_OF, settings(**changes), THRESHOLD, lambda _, terms: told.append(dict(terms))
    )
    return members.state_dict(), best, told


def test_members_are_left_at_the_epoch_with_the_lowest_validation_loss() -> None:
    """All at the same one, whose terms they give again; training ends `patience` epochs later."""
    weights, best, told = trained(epochs=200, learning_rate=0.1)
    losses = [each["validation_loss"] for each in told]
    assert len(told) < 200
    assert (best["epoch"], best["validation_loss"]) == (losses.index(min(losses)) + 1, min(losses))
    assert len(told) == best["epoch"] + 3
    again = committee(heads(4), FOLD_OF)
    again.members.load_state_dict(weights)
    assert best["validation_kl"] == pytest.approx(again.validate().means("validation", 0.4)["validation_kl"], abs=1e-6)


def test_the_same_seed_trains_the_same_weights() -> None:
    """To the last bit, with dropout."""
    first, second = (trained(dropout=0.3)[0] for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


class Pair(Processes):
    """The first of two, which has done all the work itself."""

    count = 2

    def __init__(self) -> None:
        self.batches: list[int] = []

    def share(self, batch: Sequence[Any]) -> tuple[list[Any], bool]:
        """All of it."""
        self.batches.append(len(batch))
        return list(batch), True


def test_several_processes_share_the_batches_of_each_member(monkeypatch: pytest.MonkeyPatch) -> None:
    """They step one member after the other, and end with the weights of one process, which steps all at once."""
    alone, _, told = trained(epochs=2)
    pair = Pair()
    monkeypatch.setattr(processes, "joined", lambda: pair)
    together, _, told_together = trained(epochs=2)
    steps = 4 * math.ceil(12 / 4)
    assert 2 * (steps + 4) == len(pair.batches)
    assert all(torch.allclose(alone[name], together[name], rtol=0.0, atol=1e-6) for name in alone)
    for one, other in zip(told, told_together, strict=True):
        assert one == pytest.approx(other, abs=1e-6)
