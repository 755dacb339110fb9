"""How far the labelling is: who labelled what, how often two people agree, and what to do next."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations
from typing import NamedTuple

from judge.people import labels
from judge.people.labels import Label
from judge.tables.levels import ACCEPTABLE, classify

NOBODY = "Nobody has labelled an answer.\nNext: `judge annotate`, or `judge labels --export FILE --format csv` for another tool."
_MANY = 3
_SHOWN = 10


class Annotator(NamedTuple):
    """What one person did: labels, how many of them say acceptable, and skips."""

    name: str
    labels: int
    acceptable: int
    skips: int


class Status(NamedTuple):
    """The labels, counted; those of answers that are gone count in `annotators` and `lost` alone.

    Attributes:
        annotators: what each person did, by name.
        by_people: answers that one person labelled, that two did, and that three or more did.
        acceptable: of these answers how many people call acceptable, by majority.
        pairs: pairs of labels that two people gave to the same answer.
        agreeing: how many of the pairs are of the same class.
        lost: answers that have labels and are not in the tables, sorted.
        items: answers that there are.
        test: of the answers of test how many are labelled, and how many there are.
    """

    annotators: list[Annotator]
    by_people: tuple[int, int, int]
    acceptable: int
    pairs: int
    agreeing: int
    lost: list[str]
    items: int
    test: tuple[int, int] = (0, 0)


def status(given: Sequence[Label], items: Collection[str], threshold: float, test: Collection[str] = ()) -> Status:
    """Count the labels that count (`labels.read`); `items` are the ids of the answers that there are, `test` those of test."""
    names = sorted({label.annotator for label in given})
    there = {item: by for item, by in labels.by_item(given).items() if item in set(items)}
    classes = {item: [classify(label, threshold) for label in by.values()] for item, by in there.items()}
    people = Counter(min(len(by), _MANY) for by in there.values())
    pairs = [pair for said in classes.values() for pair in combinations(said, 2)]
    return Status(
        [_annotator(name, [label.label for label in given if label.annotator == name], threshold) for name in names],
        (people[1], people[2], people[_MANY]),
        sum(labels.verdict(by, threshold) == ACCEPTABLE for by in there.values()),
        len(pairs),
        sum(one == other for one, other in pairs),
        labels.lost(given, list(items)),
        len(items),
        (len(there.keys() & set(test)), len(test)),
    )


def as_text(found: Status) -> str:
    """The counts for a terminal, and the next step."""
    if not found.annotators:
        return NOBODY + "\n"
    width = max(len("annotator"), *(len(each.name) for each in found.annotators))
    lines = [f"{'annotator':<{width}}  labels  acceptable  skips"]
    lines += [f"{each.name:<{width}}  {each.labels:>6}  {each.acceptable:>10}  {each.skips:>5}" for each in found.annotators]
    labelled = sum(found.by_people)
    one, two, many = found.by_people
    lines += ["", f"{labelled} of {found.items} answers have a label: {one} by one person, {two} by two, {many} by three or more."]
    if found.test[1]:
        lines.append(f"Of test, on which judges are measured, {found.test[0]} of {found.test[1]}.")
    if labelled:
        lines.append(f"People call {found.acceptable} of them acceptable ({found.acceptable / labelled:.0%}), by majority.")
    if found.pairs:
        lines.append(f"Of {found.pairs} pairs of labels of the same answer {found.agreeing} agree ({found.agreeing / found.pairs:.0%}).")
    if found.lost:
        more = " …" if len(found.lost) > _SHOWN else ""
        lines.append(
            f"{len(found.lost)} labelled answers are not in the tables; their labels are kept: {', '.join(found.lost[:_SHOWN])}{more}"
        )
    return "\n".join([*lines, f"Next: {_next(found)}"]) + "\n"


def _annotator(name: str, given: Sequence[float | None], threshold: float) -> Annotator:
    said = [label for label in given if label is not None]
    return Annotator(name, len(said), sum(classify(label, threshold) == ACCEPTABLE for label in said), len(given) - len(said))


def _next(found: Status) -> str:
    labelled = sum(found.by_people)
    if not labelled:
        return "`judge annotate` asks about the answers of this run."
    if not found.pairs:
        return "have a second person label some of the same answers: only then can it be told how far people agree."
    return "`dvc repro` holds every judge against these labels, where it has not yet."
