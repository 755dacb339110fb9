"""Train the members of a student with an encoder, side by side, until what they have left out gets no better.

Import this module only where a student is trained: it loads torch.
"""

import copy
import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from judge.distillation import processes
from judge.distillation.committee import Committee, Lesson, Targets
from judge.distillation.objective import require_finite
from judge.distillation.separate_members import SeparateMembers
from judge.distillation.settings import DistilSettings
from judge.distillation.stacked_members import StackedMembers
from judge.distillation.trainer import OnEpoch
from judge.students.encoder_student import probabilities
from judge.tables.levels import average


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

    Members that read tensors are heads of one shape, and a process that is alone steps all of them at once; a member that holds a whole
    encoder reads tokens, and is stepped by itself, as all are by several processes.

    Args:
        members: each maps a list of inputs to logits, (inputs, 11); one that reads tensors, (features,), takes them stacked as well.
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
    together = processes.joined()
    together.equalise(members.state_dict().values())
    committee = Committee(members, inputs, targets, fold_of, settings, threshold)
    stacks = isinstance(inputs[0], Tensor) and together.count == 1
    learners = StackedMembers(committee) if stacks else SeparateMembers(committee)
    learnt_rows, left_out_rows = (sum(map(len, side)) for side in zip(*committee.lessons, strict=True))

    best: dict[str, float] = {"epoch": 0, "validation_loss": math.inf}
    best_state: dict[str, Any] = {}
    for epoch in range(1, settings.epochs + 1):
        learnt = learners.learn().summed(together.sums, learnt_rows)
        validation = committee.validate().summed(together.sums, left_out_rows)
        means = learnt.means("train", settings.alpha) | validation.means("validation", settings.alpha)
        require_finite(means["validation_loss"], epoch, f"distil.learning_rate (it is {settings.learning_rate})")
        on_epoch(epoch, means)
        if means["validation_loss"] < best["validation_loss"]:
            best = {"epoch": epoch, **validation.means("validation", settings.alpha)}
            best_state = copy.deepcopy(members.state_dict())
        elif epoch - best["epoch"] >= settings.patience:
            break
    learners.part()
    members.load_state_dict(best_state)
    return best, _out_of_fold(members, inputs, committee.lessons)


def _out_of_fold(members: nn.ModuleList, inputs: Sequence[Any], lessons: Sequence[Lesson]) -> dict[int, tuple[float, ...]]:
    """Of each answer the mean distribution of the members that left it out, by its index."""
    given: dict[int, list[tuple[float, ...]]] = {}
    for member, lesson in zip(members, lessons, strict=True):
        distributions = probabilities([member], [inputs[index] for index in lesson.validation])
        for index, distribution in zip(lesson.validation, distributions, strict=True):
            given.setdefault(index, []).append(distribution)
    return {index: average(distributions) for index, distributions in sorted(given.items())}
