"""Train a student with an encoder on what the teacher said.

Import this module only where a student is trained: it loads torch.
"""

import copy
import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor

from judge.distillation import model_card
from judge.distillation.objective import Terms, terms
from judge.distillation.settings import DistilSettings
from judge.distillation.training_rows import Distilled, OnEpoch, figures, folds, taught
from judge.errors import StudentError
from judge.models.threads import one_thread
from judge.students import cross_encoder, late_interaction
from judge.students.encoder_student import Model, Student, probabilities
from judge.students.evidence import texts_of
from judge.students.options import CrossEncoder, LateInteraction
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, mean
from judge.tables.schema import Row


class _Lesson(NamedTuple):
    """The places of the rows that one member learns from, and of those that tell when to stop."""

    train: list[int]
    validation: list[int]


class _Sums:
    """The terms of the objective, summed over rows and members."""

    def __init__(self) -> None:
        self.ce = self.kl = 0.0
        self.rows = 0

    def add(self, found: Terms, rows: int) -> None:
        self.ce += float(found.cross_entropy.detach()) * rows
        self.kl += float(found.divergence.detach()) * rows
        self.rows += rows

    def means(self, side: str, alpha: float) -> dict[str, float]:
        ce, kl = self.ce / self.rows, self.kl / self.rows
        return {f"{side}_ce": ce, f"{side}_kl": kl, f"{side}_loss": alpha * ce + (1.0 - alpha) * kl}


def distil(
    rows: Sequence[Row],
    option: LateInteraction | CrossEncoder,
    settings: DistilSettings,
    *,
    threshold: float,
    teacher: str,
    seed: int,
    on_epoch: OnEpoch = lambda _epoch, _metrics: None,
) -> Distilled:
    """Train a student on rows of the dataset table.

    Rows without a teacher's judgment, or without words in the answer, teach nothing and are left out.
    Documents are dealt into folds, and each member of the student leaves one fold out for validation (cross-validated
    committees, Parmanto, Munro and Doyle 1996): with as many members as folds every row is learnt from.
    All members stop together, and keep the weights of the epoch with the lowest validation loss.

    Args:
        rows: rows of the dataset table.
        option: the kind of student.
        settings: the objective and the optimiser.
        threshold: the one that the rows were labelled with.
        teacher: the teacher's name, for the model card.
        seed: of the folds, the first weights, dropout, and the order of rows.
        on_epoch: called after each epoch, counted from 1, with the means a row, in nats, of `train_ce`, `train_kl` (T² times
            the divergence), `train_loss`, and the same of `validation_`.

    Raises:
        StudentError: fewer than two documents are left, a row lacks the evidence that the option needs, or the loss grows
            beyond all bounds.
        PinError, ModelError: the encoder cannot be loaded.
    """
    learnt = taught(rows)
    fold_of = folds(learnt, settings.validation_fraction, seed)
    texts = [texts_of(Item.of(row), option.evidence) for row in learnt]
    # The caller's random numbers stay as they were.
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model: Model
        inputs: Sequence[Any]
        if isinstance(option, LateInteraction):
            model, inputs = late_interaction.build(option, texts)
        else:
            model, inputs = cross_encoder.build(option, texts)
        lessons = _lessons(fold_of, len(model.members))
        with one_thread() if isinstance(option, LateInteraction) else nullcontext():
            best = _train(model, inputs, lessons, learnt, settings, threshold, on_epoch)
    found = {
        **figures(rows, learnt, teacher),
        **best,
        **_agreement(model, inputs, lessons, [mean(row["teacher_levels"]) for row in learnt]),
        "seed": seed,
        **settings.model_dump(),
    }
    student = Student(model, option, threshold, found)
    return Distilled(student, model_card.write(student))


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

    def objective(member: torch.nn.Module, places: Sequence[int]) -> Terms:
        logits: Tensor = member([inputs[place] for place in places])
        device, chosen = logits.device, list(places)
        return terms(logits, levels[chosen].to(device), acceptable[chosen].to(device), threshold, settings.temperature)

    best: dict[str, float] = {"epoch": 0, "validation_loss": math.inf}
    best_state: dict[str, Any] = {}
    for epoch in range(1, settings.epochs + 1):
        train, validation = _Sums(), _Sums()
        for member, lesson, optimizer in zip(model.members, lessons, optimizers, strict=True):
            member.train()
            order = torch.randperm(len(lesson.train)).tolist()
            for start in range(0, len(order), settings.batch_size):
                places = [lesson.train[place] for place in order[start : start + settings.batch_size]]
                found = objective(member, places)
                optimizer.zero_grad()
                found.total(settings.alpha).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                train.add(found, len(places))
            member.eval()
            with torch.inference_mode():
                validation.add(objective(member, lesson.validation), len(lesson.validation))
        found_now = train.means("train", settings.alpha) | validation.means("validation", settings.alpha)
        if not math.isfinite(found_now["validation_loss"]):
            raise StudentError(
                f"The validation loss is {found_now['validation_loss']} after epoch {epoch}: the training diverges.\n"
                f"Next: lower distil.learning_rate (it is {settings.learning_rate}).",
            )
        on_epoch(epoch, found_now)
        if found_now["validation_loss"] < best["validation_loss"]:
            best = {"epoch": epoch, **validation.means("validation", settings.alpha)}
            best_state = copy.deepcopy(model.members.state_dict())
        elif epoch - best["epoch"] >= settings.patience:
            break
    model.members.load_state_dict(best_state)
    return best


def _lessons(fold_of: Sequence[int], members: int) -> list[_Lesson]:
    """Member after member leaves the next fold out."""
    count = max(fold_of) + 1
    return [
        _Lesson(
            [place for place, fold in enumerate(fold_of) if fold != member % count],
            [place for place, fold in enumerate(fold_of) if fold == member % count],
        )
        for member in range(members)
    ]


def _agreement(model: Model, inputs: Sequence[Any], lessons: Sequence[_Lesson], teacher_scores: Sequence[float]) -> dict[str, float | None]:
    """Pearson's r with the teacher's scores, for rows judged by the members that did not learn from them; None without variance."""
    scores: dict[int, list[float]] = {}
    for member, lesson in zip(model.members, lessons, strict=True):
        levels = probabilities([member], [inputs[place] for place in lesson.validation])
        for place, distribution in zip(lesson.validation, levels, strict=True):
            scores.setdefault(place, []).append(mean(distribution))
    pairs = torch.tensor([[sum(each) / len(each), teacher_scores[place]] for place, each in sorted(scores.items())], dtype=torch.float64)
    r = float(torch.corrcoef(pairs.T)[0, 1]) if (pairs.std(dim=0) > 0).all() else None
    return {"validation_rows": len(scores), "validation_pearson": r}
