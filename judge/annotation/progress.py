"""How far an annotator is in a queue: nothing but the queue and the annotator's own lines decides it, so a restart changes nothing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from judge.people.labels import Label


class Progress(NamedTuple):
    """Where an annotator stands.

    `said` has what was last said of each answer of the queue, skips among it, in the order of these last lines.
    `waiting` has the answers that are still to be labelled: those never shown in the order of the queue, then those that were skipped.
    """

    said: dict[str, Label]
    waiting: list[str]

    @property
    def labelled(self) -> int:
        """How many answers have a label."""
        return sum(label.label is not None for label in self.said.values())

    @property
    def skipped(self) -> int:
        """How many were skipped, or had their label taken back."""
        return len(self.said) - self.labelled

    def shown(self, back: int) -> tuple[str | None, int]:
        """The answer that stands so many steps back from the one whose turn it is, and how many steps there really were.

        None where it is the turn of none, because all are labelled.
        """
        turn = self.waiting[0] if self.waiting else None
        before = [item for item in self.said if item != turn]
        back = min(back, len(before))
        return (before[-back], back) if back else (turn, 0)


def progress(queue: Sequence[str], lines: Iterable[Label]) -> Progress:
    """Where an annotator stands in a queue.

    Args:
        queue: the answers in their order.
        lines: everything that the annotator said, in the order in which it was said; of other answers too.
    """
    last: dict[str, Label] = {}
    for label in lines:
        # Taken out first, so that the order is that of the last lines.
        last.pop(label.item_id, None)
        last[label.item_id] = label
    asked = set(queue)
    said = {item: label for item, label in last.items() if item in asked}
    new = [item for item in queue if item not in said]
    return Progress(said, new + [item for item, label in said.items() if label.label is None])
