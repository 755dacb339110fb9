"""Train a student with an encoder on what the teacher said.

Import this module only where a student is trained: it loads torch.
"""

import copy
import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor

from judge.distillation.objective import Sums, Terms, require_finite, terms
from judge.distillation.settings import DistilSettings
from judge.distillation.trainer import OnEpoch, TrainingRun
from judge.distillation.training_rows import figures, folds, taught
from judge.models.threads import one_thread
from judge.students import registry
from judge.students.encoder_student import EncoderStudent, Model, probabilities
from judge.students.evidence import narrowed
from judge.students.options import CrossEncoder, LateInteraction
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, mean
from judge.tables.schema import Row


class _Lesson(NamedTuple):
    """The indices of the rows that one member learns from, and of those that tell when to stop."""

    train: list[int]
    validation: list[int]


def distil(
    rows: Sequence[Row],
    option: LateInteraction | CrossEncoder,
    settings: DistilSettings,
    run: TrainingRun,
) -> EncoderStudent:
    """Train a student with an encoder: a `Trainer`.

    Documents are dealt into folds, and each member of the student leaves one fold out for validation (cross-validated
    committees, Parmanto, Munro and Doyle 1996): with as many members as folds every row is learnt from.
    All members stop together, and keep the weights of the epoch with the lowest validation loss.

    The `train_kl` and `validation_kl` of its epochs are T² times the divergence.
    """
    if DRY_RUN.get():
        raise Planned("training", len(rows), 0)
    kind = cast("type[EncoderStudent]", registry.student_class(option.kind))
    learnt = taught(rows)
    fold_of = folds(learnt, settings.validation_fraction, run.seed)
    items = [narrowed(Item.of(row), option.evidence) for row in learnt]
    # The caller's random numbers stay as they were.
    with torch.random.fork_rng():
        torch.manual_seed(run.seed)
        model, inputs = kind.build(option, items)
        lessons = _lessons(fold_of, len(model.members))
        with one_thread() if kind.TRAINS_ON_ONE_THREAD else nullcontext():
            best = _train(model, inputs, lessons, learnt, settings, run.threshold, run.on_epoch)
    training = {
        **figures(rows, learnt, run.teacher),
        **best,
        **_agreement(model, inputs, lessons, [mean(row["teacher_levels"]) for row in learnt]),
        "seed": run.seed,
        **settings.model_dump(),
    }
    return kind(model, option, run.threshold, training)


def _train(
    model: Model,
    inputs: Sequence[Any],
    lessons: Sequence[_Lesson],
    rows: Sequence[Row],
    settings: DistilSettings,
    threshold: float,
    on_epoch: OnEpoch,
) -> dict[str, float]:
    """Train the members in step, leave them at their best epoch, and return that epoch with its validation terms."""
    levels = torch.tensor([row["teacher_levels"] for row in rows], dtype=torch.float32)
    acceptable = torch.tensor([row["teacher_class"] == ACCEPTABLE for row in rows])
    optimizers = [
        torch.optim.AdamW(member.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay) for member in model.members
    ]

    def objective(member: torch.nn.Module, indices: Sequence[int]) -> Terms:
        logits: Tensor = member([inputs[index] for index in indices])
        device, chosen = logits.device, list(indices)
        return terms(logits, levels[chosen].to(device), acceptable[chosen].to(device), threshold, settings.temperature)

    best: dict[str, float] = {"epoch": 0, "validation_loss": math.inf}
    best_state: dict[str, Any] = {}
    for epoch in range(1, settings.epochs + 1):
        train, validation = Sums(), Sums()
        for member, lesson, optimizer in zip(model.members, lessons, optimizers, strict=True):
            member.train()
            order = torch.randperm(len(lesson.train)).tolist()
            for start in range(0, len(order), settings.batch_size):
                batch = [lesson.train[index] for index in order[start : start + settings.batch_size]]
                reached = objective(member, batch)
                optimizer.zero_grad()
                reached.total(settings.alpha).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                train.add(*_floats(reached), len(batch))
            member.eval()
            with torch.inference_mode():
                validation.add(*_floats(objective(member, lesson.validation)), len(lesson.validation))
        means = train.means("train", settings.alpha) | validation.means("validation", settings.alpha)
        require_finite(means["validation_loss"], epoch, f"distil.learning_rate (it is {settings.learning_rate})")
        on_epoch(epoch, means)
        if means["validation_loss"] < best["validation_loss"]:
            best = {"epoch": epoch, **validation.means("validation", settings.alpha)}
            best_state = copy.deepcopy(model.members.state_dict())
        elif epoch - best["epoch"] >= settings.patience:
            break
    model.members.load_state_dict(best_state)
    return best


def _floats(reached: Terms) -> tuple[float, float]:
    return float(reached.cross_entropy.detach()), float(reached.divergence.detach())


def _lessons(fold_of: Sequence[int], members: int) -> list[_Lesson]:
    """Member after member leaves the next fold out."""
    count = max(fold_of) + 1
    return [
        _Lesson(
            [index for index, fold in enumerate(fold_of) if fold != member % count],
            [index for index, fold in enumerate(fold_of) if fold == member % count],
        )
        for member in range(members)
    ]


def _agreement(model: Model, inputs: Sequence[Any], lessons: Sequence[_Lesson], teacher_scores: Sequence[float]) -> dict[str, float | None]:
    """Pearson's r with the teacher's scores, for rows judged by the members that did not learn from them; None without variance."""
    scores: dict[int, list[float]] = {}
    for member, lesson in zip(model.members, lessons, strict=True):
        levels = probabilities([member], [inputs[index] for index in lesson.validation])
        for index, distribution in zip(lesson.validation, levels, strict=True):
            scores.setdefault(index, []).append(mean(distribution))
    pairs = torch.tensor([[sum(each) / len(each), teacher_scores[index]] for index, each in sorted(scores.items())], dtype=torch.float64)
    r = float(torch.corrcoef(pairs.T)[0, 1]) if (pairs.std(dim=0) > 0).all() else None
    return {"validation_rows": len(scores), "validation_pearson": r}
