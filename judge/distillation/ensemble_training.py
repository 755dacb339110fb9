"""Train the members of a student with an encoder, side by side, each without one fold of the documents.

Import this module only where a student is trained: it loads torch.
"""

import copy
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from judge.distillation import processes
from judge.distillation.objective import Sums, Terms, require_finite, terms
from judge.distillation.settings import DistilSettings
from judge.distillation.trainer import OnEpoch
from judge.students.encoder_student import probabilities
from judge.tables.levels import average

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


class _Lesson(NamedTuple):
    """The indices of the rows that one member learns from, and of those that tell when to stop."""

    train: list[int]
    validation: list[int]


def train(
    members: nn.ModuleList,
    inputs: Sequence[Any],
    targets: Targets,
    fold_of: Sequence[int],
    settings: DistilSettings,
    threshold: float,
    on_epoch: OnEpoch,
) -> tuple[dict[str, float], dict[int, tuple[float, ...]]]:
    """Train members in step, and leave them at the epoch with the lowest validation loss.

    Args:
        members: each maps a list of inputs to logits, (inputs, 11).
        inputs: one for each row.
        targets: what they learn.
        fold_of: the fold of each row, from 0; member after member leaves the next one out.
        settings: the objective, and how it is minimised.
        threshold: of the class.
        on_epoch: called after each epoch, as `trainer.TrainingRun` says.

    Returns:
        That epoch with its validation terms, and the distribution of each answer, by its index, as the members give it that did not
        learn from its fold.

    Raises:
        StudentError: the training diverges.
    """
    lessons = _lessons(fold_of, len(members), targets.answers)
    slopes = [nn.Parameter(torch.tensor(math.log(_FIRST_SLOPE))) for _ in members]
    optimizers = [_optimizer(member, slope, settings) for member, slope in zip(members, slopes, strict=True)]

    together = processes.joined()
    together.equalise(members.state_dict().values())

    def objective(number: int, indices: Sequence[int]) -> Terms:
        """The terms of these rows; of several processes each has its part of them, which they sum up to."""
        chosen, counts = together.share(indices)
        logits: Tensor = members[number]([inputs[index] for index in chosen])
        device = logits.device
        levels, acceptable = targets.levels[chosen].to(device), targets.acceptable[chosen].to(device)
        weights = targets.weights[chosen].to(device)
        reached = terms(logits, levels, acceptable, threshold, settings.temperature, slopes[number].exp().to(device), weights)
        part = float(targets.weights[chosen].sum() / targets.weights[list(indices)].sum()) * counts
        return reached if part == 1.0 else Terms(reached.cross_entropy * part, reached.divergence * part)

    best: dict[str, float] = {"epoch": 0, "validation_loss": math.inf}
    best_state: dict[str, Any] = {}
    for epoch in range(1, settings.epochs + 1):
        learnt, validation = Sums(), Sums()
        for number, (lesson, optimizer) in enumerate(zip(lessons, optimizers, strict=True)):
            members[number].train()
            order = together.agreed(torch.randperm(len(lesson.train)).tolist())
            for start in range(0, len(order), settings.batch_size):
                batch = [lesson.train[index] for index in order[start : start + settings.batch_size]]
                reached = objective(number, batch)
                optimizer.zero_grad()
                reached.total(settings.alpha).backward()  # type: ignore[no-untyped-call]
                together.sum_gradients([*members[number].parameters(), slopes[number]])
                optimizer.step()
                learnt.add(*_floats(reached), len(batch))
            members[number].eval()
            with torch.inference_mode():
                validation.add(*_floats(objective(number, lesson.validation)), len(lesson.validation))
        learnt = learnt.summed(together.sums, sum(len(lesson.train) for lesson in lessons))
        validation = validation.summed(together.sums, sum(len(lesson.validation) for lesson in lessons))
        means = learnt.means("train", settings.alpha) | validation.means("validation", settings.alpha)
        require_finite(means["validation_loss"], epoch, f"distil.learning_rate (it is {settings.learning_rate})")
        on_epoch(epoch, means)
        if means["validation_loss"] < best["validation_loss"]:
            best = {"epoch": epoch, **validation.means("validation", settings.alpha)}
            best_state = copy.deepcopy(members.state_dict())
        elif epoch - best["epoch"] >= settings.patience:
            break
    members.load_state_dict(best_state)
    return best, _out_of_fold(members, inputs, lessons)


def _optimizer(member: nn.Module, slope: nn.Parameter, settings: DistilSettings) -> torch.optim.Optimizer:
    # Decay would pull the slope towards 1, where it means nothing.
    groups: list[dict[str, Any]] = [{"params": list(member.parameters())}, {"params": [slope], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay)


def _floats(reached: Terms) -> tuple[float, float]:
    return float(reached.cross_entropy.detach()), float(reached.divergence.detach())


def _lessons(fold_of: Sequence[int], members: int, answers: int) -> list[_Lesson]:
    """Member after member leaves the next fold out, among those that have answers."""
    folds = sorted(set(fold_of[:answers]))
    return [
        _Lesson(
            [index for index, fold in enumerate(fold_of) if fold != folds[member % len(folds)]],
            [index for index, fold in enumerate(fold_of[:answers]) if fold == folds[member % len(folds)]],
        )
        for member in range(members)
    ]


def _out_of_fold(members: nn.ModuleList, inputs: Sequence[Any], lessons: Sequence[_Lesson]) -> dict[int, tuple[float, ...]]:
    """Of each answer the mean distribution of the members that left it out, by its index."""
    given: dict[int, list[tuple[float, ...]]] = {}
    for member, lesson in zip(members, lessons, strict=True):
        distributions = probabilities([member], [inputs[index] for index in lesson.validation])
        for index, distribution in zip(lesson.validation, distributions, strict=True):
            given.setdefault(index, []).append(distribution)
    return {index: average(distributions) for index, distributions in sorted(given.items())}
