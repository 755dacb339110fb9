"""The student judge: how it judges, and the folder that it is saved in and loaded from.

Nothing here needs the stages, Hydra or DVC; torch and transformers load when a student does.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from judge.errors import StudentError
from judge.students.options import StudentOption
from judge.tables.items import Item, Judge, has_words
from judge.tables.levels import Judgment, mean, probability_above


class AnyStudent(ABC):
    """A judge of answers that was distilled, whatever it is made of.

    Attributes:
        option: what kind of student it is, and what evidence it needs.
        threshold: of the class; an answer is acceptable with its mass on the levels strictly above it.
        training: what it was trained on, how, and the figures of its validation, name to value.
    """

    def __init__(self, option: StudentOption, threshold: float, training: dict[str, Any]) -> None:
        self.option = option
        self.threshold = threshold
        self.training = training

    @abstractmethod
    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order; one without a letter or digit gets no verdict.

        Raises:
            StudentError: an item lacks the evidence that this student needs.
        """

    @abstractmethod
    def baseline(self) -> Judge:
        """What this student has to beat: what there was of it before distillation."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """What of the model is needed to load it, besides option and files; JSON."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the model's own files."""

    def score(self, question: str, answer: str, *, context: str | None = None, reference: str | None = None) -> float:
        """The score of one answer, in [0, 1].

        Raises:
            StudentError: the answer is empty, or the evidence that this student needs is missing, or it gave no verdict.
        """
        return mean(self._levels(Item(question, answer, context, reference)))

    def acceptable(self, question: str, answer: str, *, context: str | None = None, reference: str | None = None) -> float:
        """The probability that one answer is acceptable, in [0, 1]; raises as `score` does."""
        return probability_above(self._levels(Item(question, answer, context, reference)), self.threshold)

    def _levels(self, item: Item) -> tuple[float, ...]:
        if not has_words(item.answer):
            raise StudentError("An empty answer has no score.\nNext: leave it out, or use judge(items), which gives it no verdict.")
        (judgment,) = self.judge([item])
        if judgment.levels is None:
            said = f": {judgment.rationale}" if judgment.rationale else ""
            raise StudentError(
                f"The student gave no verdict ({judgment.reason}){said}.\nNext: ask again, or use judge(items), which tells."
            )
        return judgment.levels


def incompatible(folder: Path, what: str) -> StudentError:
    """The error of a folder that cannot be loaded."""
    return StudentError(
        f"The student in {folder} cannot be loaded: {what}.\n"
        "Next: `dvc repro distil` makes it again; a student of an older version loads with the commit that made it.",
    )
