"""How likely each answer was to be put before people: what an estimate from the labelled ones is weighted by.

A label counts for as many answers as its own had chances against it (Horvitz and Thompson, Journal of the American Statistical
Association 47, 1952), so that answers which were chosen because judges are unsure of them do not stand for all.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from judge.errors import TableError
from judge.people.labels import FOLDER, Label
from judge.tables import files
from judge.tables.identity import shuffled
from judge.tables.schema import QUEUE, Row

QUEUES = FOLDER / "queues"


def read_queues(folder: Path = QUEUES) -> dict[str, list[Row]]:
    """The rows of every queue that is drawn by chances, by its name; raises as `tables.read` does."""
    return {path.stem: files.read(replace(QUEUE, path=str(path))) for path in sorted(folder.glob("*.jsonl"))}


def random_order(items: Sequence[str], seed: int) -> list[str]:
    """The answers in the order of a split's queue; a new answer slots in, and moves none of the others past each other."""
    return shuffled(items, "annotate", seed)


def inclusion(labels: Iterable[Label], queues: Mapping[str, Sequence[Row]], populations: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """For each answer the probability that one of the queues, as far as people have come in it, shows it: in (0, 1].

    A queue is read from its start, so the answers up to the last one that somebody has labelled or skipped in it are a sample; those in
    between that another queue had shown before are not asked again, and are of the sample all the same.
    What a queue holds does not depend on the other queues: an answer is in none of the samples with the product of the chances.
    Labels of no queue, which were imported, count as drawn at random from all answers: nobody knows how they were chosen. So do labels
    whose answer is no longer in the queue that had shown it, as after another split.
    Skipped answers count as missing by chance. Answers that are gone do not count at all.

    Args:
        labels: the labels that count, skips among them.
        queues: the rows of each queue that is drawn by chances (the queue table), by its name.
        populations: the answers of each queue that is in random order, such as `test`, in that order, by its name; at least one.

    Returns:
        The probability of every answer of the populations that may have been shown, sorted by answer.

    Raises:
        TableError: a label names a queue that is neither in `queues` nor in `populations`.
    """
    everything = frozenset[str]().union(*populations.values())
    shown: dict[str | None, set[str]] = {}
    holds = {name: frozenset(order) for name, order in populations.items()}
    holds |= {name: frozenset(row["item_id"] for row in rows) for name, rows in queues.items()}
    for label in labels:
        if label.item_id in everything:
            # Another split may have moved an answer out of the queue that had shown it.
            queue = label.queue if label.item_id in holds.get(str(label.queue), everything) else None
            shown.setdefault(queue, set()).add(label.item_id)
    missed = dict.fromkeys(sorted(everything), 1.0)
    for queue in sorted(shown, key=str):
        for item, chance in _of_queue(queue, shown[queue], queues, populations, everything).items():
            missed[item] *= 1 - chance
    return {item: 1 - none for item, none in missed.items() if none < 1}


def capped(chances: Mapping[str, float], n: int) -> dict[str, float]:
    """The probability of each answer to be among the first n, in proportion to its chance and at most 1; they add up to n.

    The queue is in the order of sequential Poisson sampling, where this holds nearly (Ohlsson, Journal of Official Statistics 14, 1998).

    Args:
        chances: of each answer, 0 or more; they need not add up to 1.
        n: how many were shown, at most as many as have a chance above 0.
    """
    certain: set[str] = set()
    while True:
        rest = {item: chance for item, chance in chances.items() if item not in certain}
        total, left = sum(rest.values()), n - len(certain)
        full = {item for item, chance in rest.items() if total > 0 and left * chance >= total}
        if not full:
            scale = left / total if total else 0.0
            return {item: 1.0 if item in certain else chance * scale for item, chance in chances.items()}
        certain |= full


def _of_queue(
    queue: str | None,
    shown: Collection[str],
    queues: Mapping[str, Sequence[Row]],
    populations: Mapping[str, Sequence[str]],
    everything: Collection[str],
) -> dict[str, float]:
    if queue is None:
        return dict.fromkeys(everything, len(shown) / len(everything))
    if queue in populations:
        order = populations[queue]
        return dict.fromkeys(order, _reached(order, shown) / len(order)) if order else {}
    if queue not in queues:
        raise TableError(
            f"Labels of {len(shown)} answers are of the queue {queue!r}, and data/labels/queues/{queue}.jsonl is missing: without it "
            "nobody can tell how they were chosen.\n"
            f"Next: `git checkout data/labels/queues/{queue}.jsonl` restores it where it was committed."
        )
    rows = sorted((row for row in queues[queue] if row["item_id"] in everything), key=lambda row: int(row["position"]))
    return capped({row["item_id"]: row["chance"] for row in rows}, _reached([row["item_id"] for row in rows], shown))


def _reached(order: Sequence[str], shown: Collection[str]) -> int:
    """How many answers of a queue people have come past, up to the last one that it has shown."""
    return max((place + 1 for place, item in enumerate(order) if item in shown), default=0)
