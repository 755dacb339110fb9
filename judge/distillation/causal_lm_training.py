"""Fine-tune an open language model on verdicts in words, with a low-rank adapter (LoRA, Hu et al. 2021).

Import this module only where such a student is trained: it loads torch and peft.
"""

import math
import statistics
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from tqdm import tqdm

from judge.distillation import chat_file, processes
from judge.distillation.objective import Sums, require_finite
from judge.distillation.settings import DistilSettings
from judge.distillation.trainer import OnEpoch, TrainingRun
from judge.distillation.training_rows import figures, folds, reported, require_classes, taught
from judge.models import language_models
from judge.students import adapters
from judge.students.causal_lm import CausalLMStudent
from judge.students.options import CausalLM
from judge.students.verdict_reader import VerdictReader, levels_of
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.items import Item
from judge.tables.levels import LEVELS, mean, nearest
from judge.tables.schema import Row

# Steps of a few rows each vary much in size; longer ones are cut to this length.
_LONGEST_GRADIENT = 1.0


class _Lesson(NamedTuple):
    """A training row as the model sees it, the share of its copies with each verdict, and what the teacher said."""

    prompt: list[int]
    shares: Tensor
    levels: Tensor
    reported: Tensor


def distil(rows: Sequence[Row], option: CausalLM, settings: DistilSettings, run: TrainingRun) -> CausalLMStudent:
    """Fine-tune a language model: a `Trainer`; of `settings` only target and alpha are followed.

    Each step's loss is the cross-entropy of the verdicts' tokens, and of the ends of their turns, over all copies of its rows; no
    other token carries loss. The weights of the epoch with the lowest validation loss are kept.
    The `train_ce` and `validation_ce` of its epochs are of the level that the teacher reported.
    """
    if DRY_RUN.get():
        raise Planned("training", len(rows), 0)
    learnt = taught(rows)
    require_classes(learnt, settings.target)
    fold_of = folds(learnt, option.validation_fraction, run.seed)
    examples = chat_file.examples(learnt, option, settings, run.seed)
    together = processes.joined()
    # The caller's random numbers stay as they were.
    with torch.random.fork_rng():
        torch.manual_seed(run.seed)
        loaded = language_models.load(option.model)
        model = adapters.add(loaded, option)
        together.seed()
        reader = VerdictReader(model.base_model.model, loaded.tokenizer, option)
        lessons = [
            _Lesson(
                reader.encode(Item.of(row)),
                torch.tensor(example.counts, dtype=torch.float32) / option.copies,
                torch.tensor(row["teacher_levels"], dtype=torch.float64),
                _one_hot(reported(row, settings.target)),
            )
            for row, example in zip(learnt, examples, strict=True)
        ]
        train = [lesson for lesson, fold in zip(lessons, fold_of, strict=True) if fold]
        validation = [lesson for lesson, fold in zip(lessons, fold_of, strict=True) if not fold]
        best, adapter = _train(model, reader, train, validation, option, settings.alpha, run.on_epoch)
        adapters.put(model, adapter)
    training = {
        **figures(rows, learnt, run.teacher),
        **best,
        "validation_rows": len(validation),
        "examples": sum(sum(example.counts) for example, fold in zip(examples, fold_of, strict=True) if fold),
        "target": settings.target,
        "alpha": settings.alpha,
        "trained_parameters": sum(tensor.numel() for tensor in adapter.values()),
        "seed": run.seed,
    }
    text = chat_file.write([example for example, fold in zip(examples, fold_of, strict=True) if fold], run.seed)
    return CausalLMStudent(option, run.threshold, training, model, loaded.tokenizer, text)


def _one_hot(score: float | None) -> Tensor:
    """The level of a score, shape (11,); zeros where there is none, so that it has no cross-entropy."""
    return torch.zeros(len(LEVELS), dtype=torch.float64) if score is None else torch.tensor(nearest(score), dtype=torch.float64)


def _train(
    model: Any,
    reader: VerdictReader,
    train: Sequence[_Lesson],
    validation: Sequence[_Lesson],
    option: CausalLM,
    alpha: float,
    on_epoch: OnEpoch,
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The best epoch with its validation figures, and the adapter as it was then."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    together = processes.joined()
    together.equalise(trained)
    optimizer = torch.optim.AdamW(trained, lr=option.learning_rate)
    best: dict[str, Any] = {"epoch": 0, "validation_loss": math.inf}
    adapter: dict[str, Tensor] = {}
    is_silent = None if together.is_first else True
    with tqdm(total=option.epochs * len(train), unit="row", desc="fine-tuning", disable=is_silent, file=sys.stderr) as bar:
        for epoch in range(1, option.epochs + 1):
            sums = Sums()
            model.train()
            order = together.agreed(torch.randperm(len(train)).tolist())
            for start in range(0, len(order), option.batch_size):
                batch = [train[index] for index in order[start : start + option.batch_size]]
                part, counts = together.share(batch)
                for lesson in part:
                    # Row by row: the gradients add up, and no memory is held for more than one.
                    verdicts = reader(lesson.prompt)
                    (-(verdicts @ lesson.shares.to(verdicts.device)) / len(batch) * counts).backward()
                    if counts:
                        sums.add(*_terms(verdicts, lesson))
                together.sum_gradients(trained)
                bar.update(len(batch))
                torch.nn.utils.clip_grad_norm_(trained, _LONGEST_GRADIENT)
                optimizer.step()
                optimizer.zero_grad()
            validated, pearson = _validate(model, reader, validation)
            sums = sums.summed(together.sums, len(train))
            means = sums.means("train", alpha) | validated.means("validation", alpha)
            advice = f"`learning_rate` in the option file of conf/student (it is {option.learning_rate})"
            require_finite(means["validation_loss"], epoch, advice)
            on_epoch(epoch, means)
            if means["validation_loss"] < best["validation_loss"]:
                best = {"epoch": epoch, **validated.means("validation", alpha), "validation_pearson": pearson}
                adapter = adapters.tensors_of(model)
    return best, adapter


def _validate(model: Any, reader: VerdictReader, validation: Sequence[_Lesson]) -> tuple[Sums, float | None]:
    """The terms over the validation rows, and Pearson's r with the teacher's scores; None without variance."""
    sums = Sums()
    scores: list[tuple[float, float]] = []
    model.eval()
    with torch.inference_mode():
        together = processes.joined()
        for lesson in validation[together.index :: together.count]:
            verdicts = reader(lesson.prompt)
            sums.add(*_terms(verdicts, lesson))
            scores.append((mean(levels_of(verdicts)), mean(lesson.levels.tolist())))
    sums, scores = sums.summed(together.sums, len(validation)), together.gathered(scores)
    try:
        return sums, statistics.correlation(*zip(*scores, strict=True))
    except statistics.StatisticsError:
        return sums, None


def _terms(log_probabilities: Tensor, lesson: _Lesson) -> tuple[float, float]:
    """Of one row: cross-entropy of the reported level, and divergence from the teacher, over the 11 levels, in nats."""
    student = torch.log_softmax(log_probabilities.detach().double().cpu(), dim=0)
    divergence = (torch.xlogy(lesson.levels, lesson.levels) - lesson.levels * student).sum()
    return -float(student @ lesson.reported), float(divergence)
