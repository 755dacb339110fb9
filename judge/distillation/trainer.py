"""What every trainer is told, and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from judge.distillation.settings import DistilSettings
from judge.students.student import Student
from judge.tables.schema import Row

OnEpoch = Callable[[int, Mapping[str, float]], None]


def _ignore(_epoch: int, _terms: Mapping[str, float]) -> None:
    """What is done after an epoch where nobody asks."""


class TrainingRun(NamedTuple):
    """What a training is told besides rows and settings.

    Attributes:
        threshold: the one that the rows were labelled with.
        teacher: the teacher's name, for the model card.
        seed: of every choice that is left to chance: folds, first weights, dropout, order of rows, verdict copies, and a server's own.
        budget_usd: dollars that all runs with this cache may pay together; None is no limit.
        statements: rows of the statements table, which the teacher has judged as well; of no document that is tested on.
        constructed: rows of the constructed table, whose truth is known; of no document that is tested on.
        on_epoch: called after each epoch, counted from 1, with the means a row, in nats, of `train_ce`, `train_kl`, `train_loss`, and
            the same of `validation_`; by a trainer at a server once for each step that it reports, with the losses that it tells.
    """

    threshold: float
    teacher: str
    seed: int
    budget_usd: float | None = None
    statements: Sequence[Row] = ()
    constructed: Sequence[Row] = ()
    on_epoch: OnEpoch = _ignore


class Trainer(Protocol):
    """Trains a student of a kind; the registry has one for each."""

    def __call__(self, rows: Sequence[Row], option: Any, settings: DistilSettings, run: TrainingRun) -> Student:
        """Train a student on rows of the dataset table.

        Rows without a teacher's judgment, or without words in the answer, teach nothing and are left out.

        Args:
            rows: rows of the dataset table.
            option: what kind of student, and all that is its own; from conf/student.
            settings: the objective, and what else of it the trainer follows.
            run: what it is told besides.

        Raises:
            StudentError: fewer than two documents are left, a row lacks the evidence that the option needs, a package is missing, or
                the training fails or diverges.
            BudgetError: the training could pass the budget; nothing was sent.
            PinError, ModelError: a model cannot be loaded, or a server refuses or cannot be reached.
            Planned: in a dry run, with what would be asked.
        """
        ...
