"""A student whose judgments a test can foresee."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from judge.students.student import CardTexts, Student, judge_worded
from judge.tables.items import Item
from judge.tables.levels import Judgment, interpolate
from tests.students.examples import late_interaction


class Fixed(Student):
    """A student that says of an answer the level that stands in it, and refuses all others."""

    def __init__(self) -> None:
        super().__init__(late_interaction(), threshold=0.8, training={})
        self.asked: list[Item] = []

    @classmethod
    def restore(cls, option: Any, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path) -> Self:
        """Not needed here."""
        raise NotImplementedError

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """By the answer."""
        self.asked += items
        return judge_worded(items, lambda worded: [self._judgment(item) for item in worded])

    def describe(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def write(self, folder: Path) -> None:
        """Nothing."""

    def card_texts(self) -> CardTexts:
        """Not needed here."""
        raise NotImplementedError

    def _judgment(self, item: Item) -> Judgment:
        try:
            return Judgment(interpolate(float(item.answer or "")))
        except ValueError:
            return Judgment(None, "refused", rationale="I would rather not.")
