"""Labels from another tool: checked as a whole, and only then written, each behind the others of its annotator."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from judge.annotation.exchange import Content, ExchangeError, Said, annotator_of, label_of
from judge.people import labels
from judge.people.labels import FOLDER, Label

SHOWN = 10
"""How many of many faults a message names."""


class Plan(NamedTuple):
    """What an import would do.

    Attributes:
        new: the labels to be written, in the order of the file.
        known: how many there are already.
        without_label: how many entries of the file say nothing yet.
        overwritten: how many of the new ones stand in the place of another label of the same person.
        lost: answers of the new ones that are not in the tables, sorted.
    """

    new: list[Label]
    known: int
    without_label: int
    overwritten: int
    lost: list[str]


def plan(
    content: Content,
    existing: Iterable[Label],
    items: Collection[str],
    names: Sequence[str] = (),
    *,
    keep_unknown: bool = False,
    overwrite: bool = False,
) -> Plan:
    """Check all that a file says against the labels and answers that there are.

    Args:
        content: what the file says.
        existing: the labels that count.
        items: the ids of the answers that there are.
        names: who the annotators are: NAME, where the file names nobody or one person, and OLD=NEW to give a person another name.
        keep_unknown: take labels of answers that are not among `items` as well.
        overwrite: where a person has another label of an answer already, take the file's.

    Raises:
        ExchangeError: a value is no label, a person has no name or two have the same, the file contradicts itself, an answer is unknown,
            or a label would be overwritten; the message names the places.
    """
    said = _one_of_each(_labelled(content.said, _namer(content.said, names)))
    lost = sorted({label.item_id for _, label in said} - set(items))
    if lost and not keep_unknown:
        raise ExchangeError(
            f"{len(lost)} answers are not in the tables: {_some(lost)}.\n"
            "Next: import labels of this run's answers, or add --keep-unknown to keep these for when their answers are back."
        )
    _require_one_spelling({label.annotator for _, label in said}, {label.annotator for label in existing})
    before = {(label.item_id, label.annotator): label for label in existing}
    new, clashes, known = [], [], 0
    for where, label in said:
        old = before.get((label.item_id, label.annotator))
        if old is None or (old.label is None and label.label is not None):
            new.append(label)
        elif label.label is None or (old.label == label.label and label.comment in (None, old.comment)):
            # A skip takes no label back: whoever skipped here has judged elsewhere.
            known += 1
        else:
            new.append(label)
            if old.label != label.label:
                clashes.append(f"{where}: {label.annotator} says {label.label:g} of {label.item_id}, and {old.label:g} in data/labels")
    if clashes and not overwrite:
        raise ExchangeError(
            f"{len(clashes)} labels are others than those that the same people gave before.\n{_lines(clashes)}\n"
            "Next: take them out of the file, or add --overwrite to let the file have the last word."
        )
    kept = {label.item_id for label in new}
    return Plan(new, known, content.without_label, len(clashes), [item for item in lost if item in kept])


def write(new: Sequence[Label], folder: Path = FOLDER) -> None:
    """Append the labels.

    Raises:
        ExchangeError: the disk is full or the folder cannot be written; the message says how many were written.
    """
    for number, label in enumerate(new):
        try:
            labels.append(label, folder)
        except OSError as error:
            raise ExchangeError(
                f"{folder} could not be written: {error.strerror or error}. {number} of {len(new)} labels are there.\n"
                "Next: free some space or fix the folder's rights, and import the same file again: it goes on where it stopped."
            ) from error


def _namer(said: Iterable[Said], names: Sequence[str]) -> Callable[[Said], str]:
    """What gives each entry the name of its annotator, by what the command says about names."""
    renamed = dict(name.split("=", 1) for name in names if "=" in name)
    general = [name for name in names if "=" not in name]
    people = sorted({each.annotator for each in said if each.annotator is not None})
    if len(general) > 1 or (general and len(people) > 1):
        raise ExchangeError(
            f"--annotator {' '.join(general)} gives one name, and the file has labels of {_some(people) or 'nobody'}.\n"
            "Next: give each person a name, as in --annotator OLD=NEW; people stay apart."
        )
    strangers = sorted(set(renamed) - set(people))
    if strangers:
        raise ExchangeError(f"--annotator renames {_some(strangers)}; the file has labels of {_some(people) or 'nobody'}.")
    try:
        made = {person: annotator_of(renamed.get(person) or next(iter(general), person)) for person in people}
    except ValueError as error:
        raise ExchangeError(f"{error}.\nNext: name the person, as in --annotator OLD=NEW.") from None
    twins = _twins(made)
    if twins:
        raise ExchangeError(
            f"Two people would have the same name: {_some(twins)}.\nNext: give one of them another, as in --annotator OLD=NEW."
        )

    def name(entry: Said) -> str:
        if entry.annotator is not None:
            return made[entry.annotator]
        if not general:
            raise ExchangeError(f"{entry.where} does not say who gave the label.\nNext: add --annotator NAME.")
        return annotator_of(general[0])

    return name


def _twins(made: Mapping[str, str]) -> list[str]:
    """Pairs of people whose names are the same, also on a disk that does not tell upper from lower case."""
    first: dict[str, str] = {}
    pairs = []
    for person, name in made.items():
        other = first.setdefault(name.lower(), person)
        if other != person:
            pairs.append(f"{other} and {person}")
    return pairs


def _require_one_spelling(names: Iterable[str], existing: Iterable[str]) -> None:
    """Refuse a name that differs from that of somebody who labelled before in its capitals alone: it would be a second person."""
    known = {name.lower(): name for name in existing}
    for name in sorted(names):
        there = known.get(name.lower(), name)
        if there != name:
            raise ExchangeError(
                f"{name} and {there}, who has labels in data/labels, differ in their capitals alone.\n"
                f"Next: --annotator {name}={there} where they are one person, --annotator {name}=OTHER where they are two."
            )


def _labelled(said: Iterable[Said], name: Callable[[Said], str]) -> list[tuple[str, Label]]:
    """The labels that the entries stand for, each with its place in the file."""
    made, faults = [], []
    for entry in said:
        if not entry.item_id:
            faults.append(f"{entry.where}: there is no item_id")
            continue
        try:
            made.append((entry.where, Label(entry.item_id, name(entry), label_of(entry.value), entry.comment)))
        except ValueError as error:
            faults.append(f"{entry.where}: {error}")
    if faults:
        raise ExchangeError(f"{len(faults)} values cannot be read, and none is guessed.\n{_lines(faults)}\nNext: mend them in the file.")
    return made


def _one_of_each(said: Iterable[tuple[str, Label]]) -> list[tuple[str, Label]]:
    """One label of each person and answer; a label beats a skip. Refuses a file in which a person says two things of an answer."""
    found: dict[tuple[str, str], tuple[str, Label]] = {}
    faults = []
    for where, label in said:
        key = (label.item_id, label.annotator)
        there = found.get(key)
        if there is None or there[1].label is None:
            found[key] = (where, label)
        elif label.label not in (None, there[1].label):
            faults.append(f"{where}: {label.annotator} says {label.label:g} of {label.item_id}, and {there[1].label:g} at {there[0]}")
    if faults:
        raise ExchangeError(f"The file contradicts itself.\n{_lines(faults)}\nNext: take out what does not count.")
    return list(found.values())


def _lines(faults: Sequence[str]) -> str:
    more = [f"  and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    return "\n".join([f"  {fault}" for fault in faults[:SHOWN]] + more)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
