"""Train a student with an encoder on what the teacher said.

Import this module only where a student is trained: it loads torch.
"""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, cast

import torch
from torch import nn
from tqdm import tqdm

from judge.distillation import ensemble_training, graph_agreement, processes, recalibration, slope
from judge.distillation.committee import Targets
from judge.distillation.settings import DistilSettings
from judge.distillation.trainer import OnEpoch, TrainingRun
from judge.distillation.training_rows import as_judged, figures, folds, is_acceptable, require_classes, taught
from judge.models.threads import one_thread
from judge.students import registry
from judge.students.encoder_student import EncoderStudent, Ensemble, Model
from judge.students.evidence import narrowed
from judge.students.options import CrossEncoder, LateInteraction
from judge.students.student import with_probability
from judge.students.tempering import Tempering
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.items import Item
from judge.tables.levels import Slopes, average, mean
from judge.tables.schema import Row


class _Training(NamedTuple):
    """All of a training but the members and the seed."""

    inputs: Sequence[Any]
    targets: Targets
    answers: Sequence[Row]
    statements: Sequence[Row]
    settings: DistilSettings
    threshold: float

    def of(self, members: nn.ModuleList, seed: int, on_epoch: OnEpoch) -> "_Trained":
        """Train members; what they say of the answers that they had left out is what their slopes are to be fitted on."""
        best, left_out = ensemble_training.train(
            members, self.inputs, self.targets, self._folds(seed), self.settings, self.threshold, on_epoch
        )
        return _Trained(members, best, left_out)

    def tempering(self, left_out: Mapping[int, tuple[float, ...]]) -> Tempering:
        """The correction of distributions of answers, by their index, that were given out of fold."""
        if not self.settings.recalibrate:
            return Tempering()
        teacher = self.targets.levels[list(left_out)].tolist()
        return recalibration.fit(list(left_out.values()), teacher, self._classes(left_out), self.threshold, self.settings.alpha)

    def slopes(self, left_out: Mapping[int, tuple[float, ...]]) -> Slopes:
        """The slopes that corrected distributions of answers, given out of fold, ask for."""
        known = [(mean(levels), is_one) for levels, is_one in zip(left_out.values(), self._classes(left_out), strict=True)]
        classed = [(score, is_one) for score, is_one in known if is_one is not None]
        return slope.fit([score for score, _ in classed], [is_one for _, is_one in classed], self.threshold)

    def _classes(self, indices: Iterable[int]) -> list[bool | None]:
        classes = self.targets.acceptable[list(indices)].tolist()
        return [None if math.isnan(one) else bool(one) for one in classes]

    def _folds(self, seed: int) -> list[int]:
        """The fold of each row; a statement has one only where its document has answers too: else no member leaves it out."""
        own = folds(self.answers, self.settings.validation_fraction, seed)
        fold_of = dict(zip((row["document_id"] for row in self.answers), own, strict=True))
        return [*own, *(fold_of.get(row["document_id"], -1) for row in self.statements)]


class _Trained(NamedTuple):
    """What came of a training: the members, their best epoch, and the distribution of each answer by members that left it out."""

    members: nn.ModuleList
    best: dict[str, float]
    left_out: dict[int, tuple[float, ...]]


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
    Statements that the teacher has judged (`TrainingRun.statements`) are learnt from like answers, and constructed ones by their truth
    and with a weight of their own; none of them is in validation.
    The judgments out of fold are the mean over all trainings, those from other seeds too: the shipped student is a mean of as many.
    On them its distributions are corrected (`recalibration`), and then the slopes of its probability of acceptable are fitted on the
    answers as members judge them that had left them out.

    The `train_kl` and `validation_kl` of its epochs are T² times the divergence.
    """
    if DRY_RUN.get():
        raise Planned("training", len(rows), 0)
    kind = cast("type[EncoderStudent]", registry.student_class(option.kind))
    answers = taught(rows)
    require_classes(answers, settings.target)
    # A statement has a passage and no reference answer, so it teaches nothing to a student that is held against one.
    judged = list(run.statements) if settings.statements and option.evidence == "context" else []
    constructed = as_judged(run.constructed) if settings.truth_weight and option.evidence == "context" else []
    statements = [*judged, *constructed]
    learnt = [*answers, *statements]
    classes = [is_acceptable(row, run.threshold, settings.target) for row in learnt]
    targets = Targets(
        torch.tensor([row["teacher_levels"] for row in learnt], dtype=torch.float32),
        torch.tensor([math.nan if is_one is None else float(is_one) for is_one in classes]),
        torch.tensor([1.0] * (len(answers) + len(judged)) + [settings.truth_weight] * len(constructed)),
        len(answers),
    )
    together = processes.joined()
    # The caller's random numbers stay as they were.
    with torch.random.fork_rng(), one_thread() if kind.TRAINS_ON_ONE_THREAD else nullcontext():
        torch.manual_seed(run.seed)
        model, inputs = kind.build(option, [narrowed(Item.of(row), option.evidence) for row in learnt])
        together.seed()
        training = _Training(inputs, targets, answers, statements, settings, run.threshold)
        trained = training.of(model.members, run.seed, run.on_epoch)
        again = _again(kind, model, training, range(run.seed + 1, run.seed + 1 + settings.retrainings))
    out_of_fold = _mean([trained, *again.values()])
    tempering = training.tempering(out_of_fold)
    left_out = _corrected(out_of_fold, tempering)
    figures_of_training = {
        **figures(rows, answers, run.teacher),
        "statement_rows": len(judged),
        "constructed_rows": len(constructed),
        **trained.best,
        **_agreement(left_out, [row["teacher_score"] for row in answers]),
        "seed": run.seed,
        **settings.model_dump(),
    }
    slopes = {seed: training.slopes(_corrected(each.left_out, tempering)) for seed, each in {run.seed: trained, **again}.items()}
    own = slopes[run.seed]
    student = kind(model, option, run.threshold, figures_of_training, own, tempering)
    student.training |= graph_agreement.require(student, [Item.of(row) for row in answers])
    student.retrained = {seed: Ensemble(each.members, slopes[seed], tempering) for seed, each in again.items()}
    student.out_of_fold = {answers[index]["answer_id"]: with_probability(levels, run.threshold, own) for index, levels in left_out.items()}
    return student


def _again(kind: type[EncoderStudent], model: Model, training: _Training, seeds: Sequence[int]) -> dict[int, _Trained]:
    """The same training from other seeds, which draw other folds, first weights and batches; none for a kind without new members."""
    retrained = {}
    for seed in tqdm(seeds, desc="training again", unit="seed", disable=None if processes.joined().is_first else True, file=sys.stderr):
        torch.manual_seed(seed)
        members = kind.new_members(model)
        if members is not None:
            retrained[seed] = training.of(members, seed, lambda _epoch, _terms: None)
    return retrained


def _mean(trained: Sequence[_Trained]) -> dict[int, tuple[float, ...]]:
    """The mean distribution of each answer, by its index, over the trainings in which a member left it out."""
    indices = sorted({index for each in trained for index in each.left_out})
    return {index: average([each.left_out[index] for each in trained if index in each.left_out]) for index in indices}


def _corrected(left_out: Mapping[int, tuple[float, ...]], tempering: Tempering) -> dict[int, tuple[float, ...]]:
    return {index: tempering.apply(levels) for index, levels in left_out.items()}


def _agreement(left_out: dict[int, tuple[float, ...]], teacher_scores: Sequence[float]) -> dict[str, float | None]:
    """Pearson's r with the teacher's scores, for answers judged by the members that did not learn from them; None without variance."""
    pairs = torch.tensor([[mean(levels), teacher_scores[index]] for index, levels in left_out.items()], dtype=torch.float64)
    r = float(torch.corrcoef(pairs.T)[0, 1]) if (pairs.std(dim=0) > 0).all() else None
    return {"validation_rows": len(left_out), "validation_pearson": r}
