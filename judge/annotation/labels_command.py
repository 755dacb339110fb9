"""The command `judge labels`: how far the labelling is, answers for another tool, and labels from one."""

import argparse
import sys
from pathlib import Path

from pydantic import Field

from judge import tables
from judge.annotation import argilla, exchange, importing, label_studio, labels_expected, labels_status, spreadsheet
from judge.annotation.exchange import Content, ExchangeError
from judge.evaluation import figures
from judge.people import inclusion, labels
from judge.settings import Settings, check, read_params
from judge.tables import atomic
from judge.tables.levels import LabelSettings

FORMATS = ("label-studio", "argilla", "csv")
ROWS = {"test": tables.TEST, "train": tables.TRAIN, "all": tables.DATASET}


class _Section(Settings):
    """The part of params.yaml that is read here; it gives a fault its full key."""

    seed: int = Field(ge=0, description="of the order in which answers are shown")
    label: LabelSettings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--export", metavar="FILE", type=Path, help="write answers to be labelled in another tool, without generator or score")
    way.add_argument("--import", metavar="FILE", type=Path, dest="source", help="take labels over from another tool: all of them or none")
    parser.add_argument("--format", choices=FORMATS, help="what FILE is; told by its name where that ends in .csv")
    parser.add_argument("--rows", choices=tuple(ROWS), default="test", help="which answers to export; default test")
    parser.add_argument("--force", action="store_true", help="export onto a file that is there")
    parser.add_argument("--unlabelled", action="store_true", help="export only answers that nobody has labelled")
    parser.add_argument("--with-labels", action="store_true", help="export the labels that there are as well; their readers are not blind")
    parser.add_argument(
        "--annotator",
        action="append",
        default=[],
        metavar="NAME",
        help="who gave the imported labels; OLD=NEW gives a person of the file another name, and may be repeated",
    )
    parser.add_argument("--keep-unknown", action="store_true", help="import labels of answers that are not in the tables as well")
    parser.add_argument("--overwrite", action="store_true", help="where a person gave an answer another label before, take the file's")


def command(given: argparse.Namespace) -> None:
    """Print the state of the labels, or export, or import.

    Raises:
        ExchangeError: the file cannot be read or taken over; nothing was written.
        TableError: a table or a file of labels cannot be read.
        SettingsError: params.yaml cannot be used.
    """
    if given.export is not None:
        _export(given)
    elif given.source is not None:
        _import(given)
    else:
        sys.stdout.write(_status() + _expected())


def _status() -> str:
    test = [str(row["answer_id"]) for row in tables.read(tables.TEST)] if Path(tables.TEST.path).exists() else []
    return labels_status.as_text(labels_status.status(labels.read(), _items(), _settings().label.threshold, test))


def _settings() -> _Section:
    return check(_Section, {key: value for key, value in read_params().items() if key in _Section.model_fields})


def _expected() -> str:
    """What labels of test would tell, by the figures of the run; empty where it was not measured yet."""
    if not figures.FIGURES_CSV.exists():
        return ""
    return labels_expected.as_text(figures.read())


def _export(given: argparse.Namespace) -> None:
    form, existing = _format(given), labels.read()
    if given.export.exists() and not given.force:
        raise ExchangeError(
            f"{given.export} is there already, and may hold labels that were not imported yet.\nNext: name another file, or add --force."
        )
    if not given.export.absolute().parent.is_dir():
        raise ExchangeError(f"There is no folder {given.export.parent}.\nNext: make it, or name another file.")
    rows = {str(row["answer_id"]): row for row in tables.read(ROWS[given.rows])}
    # In the order of the page, so that whoever labels here and whoever labels there begin with the same answers.
    chosen = exchange.tasks([rows[item] for item in inclusion.random_order(list(rows), _settings().seed)])
    if given.unlabelled:
        labelled = labels.by_item(existing)
        chosen = [task for task in chosen if task.item_id not in labelled]
    shown = existing if given.with_labels else []
    beside = given.export.with_name(f"{given.export.stem}.{'config.xml' if form == 'label-studio' else 'settings.json'}")
    if form == "label-studio":
        atomic.write_text(given.export, label_studio.write(chosen, shown))
        atomic.write_text(beside, label_studio.CONFIG)
        then = f"Label Studio: paste {beside} under Settings, Labeling Interface, Code; import {given.export}; export as JSON when done"
    elif form == "argilla":
        if given.with_labels:
            raise ExchangeError("Argilla knows people by ids of its own server, so labels cannot go along.\nNext: leave out --with-labels.")
        atomic.write_text(given.export, argilla.write(chosen))
        atomic.write_text(beside, argilla.settings())
        then = (
            f"Argilla: dataset = rg.Dataset(name=..., settings=rg.Settings.from_json({str(beside)!r})); dataset.create(); "
            f"dataset.records.from_json({str(given.export)!r}); and when done {argilla.EXPORT}"
        )
    else:
        # The mark at the beginning tells spreadsheets that it is UTF-8.
        atomic.write_bytes(given.export, spreadsheet.write(chosen, shown).encode("utf-8-sig"))
        then = "write 1 or 0 into the column label, and a name into annotator"
    back = given.export if form == "csv" else "FILE"
    sys.stdout.write(f"{len(chosen)} answers are in {given.export}\nNext: {then}.\n      judge labels --import {back} --format {form}\n")


def _import(given: argparse.Namespace) -> None:
    content = _read(given.source, _format(given))
    found = importing.plan(content, labels.read(), _items(), given.annotator, keep_unknown=given.keep_unknown, overwrite=given.overwrite)
    importing.write(found.new)
    skips = sum(label.label is None for label in found.new)
    who = ", ".join(sorted({label.annotator for label in found.new}))
    parts = [
        f"New: {len(found.new) - skips} labels and {skips} skips" + (f" by {who}" if who else ""),
        f"there already: {found.known}",
        f"entries without a label: {found.without_label}",
    ]
    if found.overwritten:
        parts.append(f"other labels replaced: {found.overwritten}")
    if found.lost:
        parts.append(f"answers that are not in the tables: {len(found.lost)}")
    sys.stdout.write("; ".join(parts) + ".\n" + _status())


def _read(path: Path, form: str) -> Content:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ExchangeError(f"There is no file {path}.") from None
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{path}: byte {error.start} is not UTF-8.\nNext: save it again as UTF-8 (in Excel: CSV UTF-8).") from None
    reader = {"label-studio": label_studio.read, "argilla": argilla.read, "csv": spreadsheet.read}[form]
    return reader(text, str(path))


def _items() -> list[str]:
    return [str(row["answer_id"]) for row in tables.read(tables.DATASET)]


def _format(given: argparse.Namespace) -> str:
    path: Path = given.export or given.source
    if given.format is None and path.suffix != ".csv":
        raise ExchangeError(
            f"The name {path} does not say what kind of file it is.\nNext: add --format {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        )
    return given.format or "csv"
