"""Which answers people are asked about, and in what order.

The queue of a split is a shuffle that needs no file: a hash orders it, so it is the same for every annotator and after every restart.
A queue that was chosen by what there is to learn is written down once, with the chances that it was drawn by: judges are trained again,
and who estimates from its labels has to know how likely each answer was.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from judge import tables
from judge.errors import TableError
from judge.people import labels
from judge.people.inclusion import QUEUES
from judge.tables.identity import unit_hash
from judge.tables.levels import classify
from judge.tables.schema import BASELINES, BASELINES_OUT_OF_FOLD, QUEUE, STUDENT_OUT_OF_FOLD, STUDENT_SCORES, Row, Table, judgments_in

SPLITS: Mapping[str, Table] = {"test": tables.TEST, "train": tables.TRAIN, "all": tables.DATASET}
"""The tables whose answers can be shown, by the name of their random queue."""


class Opinion(NamedTuple):
    """What the judges say of one answer: the student's probability of acceptable, and every judge's score; None: it has none."""

    probability: float | None
    scores: tuple[float | None, ...]


def informative(opinion: Opinion, threshold: float) -> float:
    """How much there is to learn from one answer, in [0, 2].

    4p(1 - p) of the student's probability p, which is 1 where it cannot tell the class and where it gave no probability;
    and 1 more where the judges are not of one mind about the class.
    """
    unsure = 1.0 if opinion.probability is None else 4 * opinion.probability * (1 - opinion.probability)
    classes = {classify(score, threshold) for score in opinion.scores if score is not None}
    return unsure + float(len(classes) > 1)


def chances(informative_by_item: Mapping[str, float], random_share: float) -> dict[str, float]:
    """The chance of each answer to be drawn first; they add up to 1.

    A share of the draws is uniform, so that every answer has a chance and no weight of an estimate grows beyond 1 / `random_share`;
    the others go by what there is to learn.

    Args:
        informative_by_item: at least 0 each; all 0: every draw is uniform.
        random_share: in (0, 1].
    """
    size, total = len(informative_by_item), math.fsum(informative_by_item.values())
    share = random_share if total else 1.0
    return {item: share / size + ((1 - share) * value / total if total else 0.0) for item, value in informative_by_item.items()}


def drawn_order(chance_by_item: Mapping[str, float], *salt: object) -> list[str]:
    """The answers by sequential Poisson sampling (Ohlsson 1998): sorted by a uniform number of their own over their chance.

    So the first n of them are, for every n, a sample in which an answer is with a probability of about min(1, n * chance).
    """
    return sorted(chance_by_item, key=lambda item: (unit_hash("annotate", *salt, item) / chance_by_item[item], item))


def opinions(rows: Sequence[Row]) -> dict[str, Opinion]:
    """What student, teacher and strongest baseline say of the rows; of training rows those that had not learnt from them.

    Raises:
        TableError: data/baselines.json or a table of judgments is missing or broken.
    """
    from judge.students import baseline

    best = baseline.read().best
    student = _judgments(STUDENT_SCORES, STUDENT_OUT_OF_FOLD)
    simple = _judgments(judgments_in(BASELINES, best), judgments_in(BASELINES_OUT_OF_FOLD, best))
    said = {}
    for row in rows:
        item = row["answer_id"]
        of_student, of_simple = student.get(item, {}), simple.get(item, {})
        said[item] = Opinion(of_student.get("acceptable"), (of_student.get("score"), row["teacher_score"], of_simple.get("score")))
    return said


def write(name: str, chance_by_item: Mapping[str, float], seed: int) -> None:
    """Draw a queue and write it to data/labels/queues; the name is part of the salt, so that another queue is another draw.

    Raises:
        JudgeError: the folder cannot be written.
    """
    order = drawn_order(chance_by_item, seed, name)
    rows = [{"item_id": item, "position": place, "chance": chance_by_item[item]} for place, item in enumerate(order)]
    tables.write(_table(name), rows)


def exists(name: str) -> bool:
    """Whether a queue of this name was written.

    Raises:
        TableError: the name is none that a queue may have.
    """
    return Path(_table(name).path).exists()


def read(name: str) -> list[str]:
    """The answers of a written queue in its order.

    Raises:
        TableError: the file is missing, a line is none of a queue, or its positions or chances do not add up.
    """
    table = _table(name)
    try:
        rows = sorted(tables.read(table), key=lambda row: row["position"])
    except TableError as error:
        raise _broken(table, str(error).partition("\nNext:")[0]) from None
    if [row["position"] for row in rows] != list(range(len(rows))):
        raise _broken(table, f"{table.path}: the positions are not the numbers from 0 to {len(rows) - 1}, each once.")
    total = math.fsum(row["chance"] for row in rows)
    if not math.isclose(total, 1.0, abs_tol=1e-6) or min(row["chance"] for row in rows) <= 0:
        raise _broken(table, f"{table.path}: the chances have to be above 0 and add up to 1; they add up to {total:.6g}.")
    return [row["item_id"] for row in rows]


def _table(name: str) -> Table:
    if name in SPLITS:
        raise TableError(f"The queue of the split {name} is random and has no file.\nNext: give the chosen queue another name.")
    try:
        path = labels.path_of(name, QUEUES)
    except TableError as error:
        raise TableError(str(error).replace("an annotator", "a queue").replace("anna", "uncertain-2")) from None
    return replace(QUEUE, path=path.as_posix())


def _broken(table: Table, what: str) -> TableError:
    return TableError(
        f"{what}\nNext: a queue is written once and not edited. `git checkout {table.path}` restores a committed one, "
        "`--queue NAME` starts another."
    )


def _judgments(*places: Table) -> dict[str, dict[str, Any]]:
    """The judgments of one judge by answer: those of test, and where there are any those of training answers out of fold."""
    first, *others = places
    found = [first, *(place for place in others if Path(place.path).exists())]
    return {row["item_id"]: row for table in found for row in tables.read(table)}
