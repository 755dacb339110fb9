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

from judge.distillation import chat_file, model_card
from judge.distillation.settings import DistilSettings
from judge.distillation.training_rows import Distilled, OnEpoch, figures, folds, taught
from judge.errors import StudentError
from judge.models import language_models
from judge.students import adapters
from judge.students.causal_lm import CausalLMStudent, Reader, levels_of
from judge.students.options import CausalLM
from judge.tables.items import Item
from judge.tables.levels import mean, nearest
from judge.tables.schema import Row

# Steps of a few rows each vary much in size; longer ones are cut to this length.
_LONGEST_GRADIENT = 1.0


class _Lesson(NamedTuple):
    """A training row as the model sees it, the share of its copies with each verdict, and what the teacher said."""

    prompt: list[int]
    shares: Tensor
    levels: Tensor
    reported: Tensor


class _Sums:
    """The terms of the objective, summed over rows."""

    def __init__(self) -> None:
        self.ce = self.kl = 0.0
        self.rows = 0

    def add(self, log_probabilities: Tensor, lesson: _Lesson) -> None:
        """Take in what the model said of a row: CE of the reported level and KL from the teacher, over the 11 levels."""
        student = torch.log_softmax(log_probabilities.detach().double().cpu(), dim=0)
        self.ce -= float(student @ lesson.reported)
        self.kl += float((torch.xlogy(lesson.levels, lesson.levels) - lesson.levels * student).sum())
        self.rows += 1

    def means(self, side: str, alpha: float) -> dict[str, float]:
        """The means a row, in nats."""
        ce, kl = self.ce / self.rows, self.kl / self.rows
        return {f"{side}_ce": ce, f"{side}_kl": kl, f"{side}_loss": alpha * ce + (1.0 - alpha) * kl}


def distil(
    rows: Sequence[Row],
    option: CausalLM,
    settings: DistilSettings,
    *,
    threshold: float,
    teacher: str,
    seed: int,
    on_epoch: OnEpoch = lambda _epoch, _metrics: None,
) -> Distilled:
    """Fine-tune a language model on rows of the dataset table; of `settings` only alpha is followed.

    Each step's loss is the cross-entropy of the verdicts' tokens, and of the ends of their turns, over all copies of its rows; no
    other token carries loss. The weights of the epoch with the lowest validation loss are kept.

    Args:
        rows: rows of the dataset table.
        option: the model, its prompt, and how it is trained.
        settings: the objective.
        threshold: the one that the rows were labelled with.
        teacher: the teacher's name, for the model card.
        seed: of the folds, the copies, the adapter's first weights, dropout, and the order of rows.
        on_epoch: called after each epoch, counted from 1, with the means a row, in nats, of `train_ce` (of the reported level),
            `train_kl`, `train_loss`, and the same of `validation_`.

    Raises:
        StudentError: fewer than two documents are left, a row lacks the evidence, the package is missing, or the loss grows
            beyond all bounds.
        PinError, ModelError: the model cannot be loaded.
    """
    learnt = taught(rows)
    fold_of = folds(learnt, option.validation_fraction, seed)
    examples = chat_file.examples(learnt, option, settings.alpha, seed)
    # The caller's random numbers stay as they were.
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        loaded = language_models.load(option.model)
        model = adapters.add(loaded, option)
        reader = Reader(model.base_model.model, loaded.tokenizer, option)
        lessons = [
            _Lesson(
                reader.encode(Item.of(row)),
                torch.tensor(example.counts, dtype=torch.float32) / option.copies,
                torch.tensor(row["teacher_levels"], dtype=torch.float64),
                torch.tensor(nearest(row["teacher_score"]), dtype=torch.float64),
            )
            for row, example in zip(learnt, examples, strict=True)
        ]
        train = [lesson for lesson, fold in zip(lessons, fold_of, strict=True) if fold]
        validation = [lesson for lesson, fold in zip(lessons, fold_of, strict=True) if not fold]
        best, adapter = _train(model, reader, train, validation, option, settings.alpha, on_epoch)
        adapters.put(model, adapter)
    found = {
        **figures(rows, learnt, teacher),
        **best,
        "validation_rows": len(validation),
        "examples": sum(sum(example.counts) for example, fold in zip(examples, fold_of, strict=True) if fold),
        "alpha": settings.alpha,
        "trained_parameters": sum(tensor.numel() for tensor in adapter.values()),
        "seed": seed,
    }
    text = chat_file.write([example for example, fold in zip(examples, fold_of, strict=True) if fold], seed)
    student = CausalLMStudent(option, threshold, found, model, loaded.tokenizer, text)
    return Distilled(student, model_card.write(student))


def _train(
    model: Any,
    reader: Reader,
    train: Sequence[_Lesson],
    validation: Sequence[_Lesson],
    option: CausalLM,
    alpha: float,
    on_epoch: OnEpoch,
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The best epoch with its validation figures, and the adapter as it was then."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=option.learning_rate)
    best: dict[str, Any] = {"epoch": 0, "validation_loss": math.inf}
    adapter: dict[str, Tensor] = {}
    with tqdm(total=option.epochs * len(train), unit="row", desc="fine-tuning", disable=None, file=sys.stderr) as bar:
        for epoch in range(1, option.epochs + 1):
            sums = _Sums()
            model.train()
            order = torch.randperm(len(train)).tolist()
            for start in range(0, len(order), option.batch_size):
                batch = [train[place] for place in order[start : start + option.batch_size]]
                for lesson in batch:
                    # Row by row: the gradients add up, and no memory is held for more than one.
                    found = reader(lesson.prompt)
                    (-(found @ lesson.shares.to(found.device)) / len(batch)).backward()
                    sums.add(found, lesson)
                    bar.update()
                torch.nn.utils.clip_grad_norm_(trained, _LONGEST_GRADIENT)
                optimizer.step()
                optimizer.zero_grad()
            validated, pearson = _validate(model, reader, validation)
            now = sums.means("train", alpha) | validated.means("validation", alpha)
            if not math.isfinite(now["validation_loss"]):
                raise StudentError(
                    f"The validation loss is {now['validation_loss']} after epoch {epoch}: the training diverges.\n"
                    f"Next: lower `learning_rate` in the option file of conf/student (it is {option.learning_rate}).",
                )
            on_epoch(epoch, now)
            if now["validation_loss"] < best["validation_loss"]:
                best = {"epoch": epoch, **validated.means("validation", alpha), "validation_pearson": pearson}
                adapter = adapters.tensors_of(model)
    return best, adapter


def _validate(model: Any, reader: Reader, validation: Sequence[_Lesson]) -> tuple[_Sums, float | None]:
    """The terms over the validation rows, and Pearson's r with the teacher's scores; None without variance."""
    sums = _Sums()
    scores: list[tuple[float, float]] = []
    model.eval()
    with torch.inference_mode():
        for lesson in validation:
            found = reader(lesson.prompt)
            sums.add(found, lesson)
            scores.append((mean(levels_of(found)), mean(lesson.levels.tolist())))
    try:
        return sums, statistics.correlation(*zip(*scores, strict=True))
    except statistics.StatisticsError:
        return sums, None
