"""The members of a student while they are trained: what each one learns from, and what its objective is.

Each leaves one fold of the documents out (cross-validated committees, Parmanto, Munro and Doyle 1996).
Import this module only where a student is trained: it loads torch.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from judge.distillation import processes
from judge.distillation.objective import Sums, Terms, terms
from judge.distillation.settings import DistilSettings

# The slope that training begins with. On the default's training answers, judged out of fold, 5 was better than 10, 20 or 40: where
# it is steep, answers far below the threshold have no gradient and those near it all.
_FIRST_SLOPE = 5.0


class Targets(NamedTuple):
    """What the teacher said of the rows, and which of them tell when to stop.

    Attributes:
        levels: (rows, 11) its distributions.
        acceptable: (rows,) the classes to be learnt: 1 acceptable, 0 not, NaN none (`objective.terms`).
        weights: (rows,) what each row weighs in the objective.
        answers: how many rows are answers; they come first, and what follows are statements, which are learnt from alone.
    """

    levels: Tensor
    acceptable: Tensor
    weights: Tensor
    answers: int


class Lesson(NamedTuple):
    """The indices of the rows that one member learns from, and of those that tell when to stop."""

    train: list[int]
    validation: list[int]


class Committee:
    """Members with their lessons.

    Args:
        members: each maps a list of inputs to logits, (inputs, 11).
        inputs: one for each row.
        targets: what they learn.
        fold_of: the fold of each row, from 0; member after member leaves the next one out.
        settings: the objective, and how it is minimised.
        threshold: of the class.

    Attributes:
        lessons: one a member.
        log_slopes: of each member the logarithm of its slope, a scalar that is learnt with it.
    """

    def __init__(
        self,
        members: nn.ModuleList,
        inputs: Sequence[Any],
        targets: Targets,
        fold_of: Sequence[int],
        settings: DistilSettings,
        threshold: float,
    ) -> None:
        self.members, self.inputs, self.targets = members, inputs, targets
        self.settings, self.threshold = settings, threshold
        self.lessons = _lessons(fold_of, len(members), targets.answers)
        self.log_slopes = [nn.Parameter(torch.tensor(math.log(_FIRST_SLOPE))) for _ in members]

    def terms(self, number: int, indices: Sequence[int]) -> Terms:
        """The terms of these rows for a member; of several processes each has its part of them, which they sum up to."""
        chosen, counts = processes.joined().share(indices)
        logits: Tensor = self.members[number]([self.inputs[index] for index in chosen])
        device, targets, slope = logits.device, self.targets, self.log_slopes[number].exp()
        levels, acceptable = targets.levels[chosen].to(device), targets.acceptable[chosen].to(device)
        weights = targets.weights[chosen].to(device)
        reached = terms(logits, levels, acceptable, self.threshold, self.settings.temperature, slope.to(device), weights)
        part = float(targets.weights[chosen].sum() / targets.weights[list(indices)].sum()) * counts
        return reached if part == 1.0 else Terms(reached.cross_entropy * part, reached.divergence * part)

    def validate(self) -> Sums:
        """The terms over what each member has left out; of several processes each has its part of them."""
        validation = Sums()
        self.members.eval()
        with torch.inference_mode():
            for number, lesson in enumerate(self.lessons):
                validation.add(*self.terms(number, lesson.validation).floats(), len(lesson.validation))
        return validation


def adamw(weights: Iterable[Tensor], log_slope: Tensor, settings: DistilSettings, *, fused: bool = False) -> torch.optim.Optimizer:
    """The optimizer of a member's weights and the logarithm of its slope, or of several members'."""
    # Decay would pull the slope towards 1, where it means nothing.
    groups: list[dict[str, Any]] = [{"params": list(weights)}, {"params": [log_slope], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=fused)


def _lessons(fold_of: Sequence[int], members: int, answers: int) -> list[Lesson]:
    """Member after member leaves the next fold out, among those that have answers."""
    folds = sorted(set(fold_of[:answers]))
    return [
        Lesson(
            [index for index, fold in enumerate(fold_of) if fold != folds[member % len(folds)]],
            [index for index, fold in enumerate(fold_of[:answers]) if fold == folds[member % len(folds)]],
        )
        for member in range(members)
    ]
