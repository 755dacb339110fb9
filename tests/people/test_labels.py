"""Labels of people: one line at a time, the last one counts, nothing of another's."""

import json
from pathlib import Path

import pytest

from judge.errors import TableError
from judge.people import labels
from judge.people.labels import Label


def _file(folder: Path, name: str, *rows: dict[str, object]) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _row(item: str, label: float | None, annotator: str = "anna") -> dict[str, object]:
    return {"item_id": item, "annotator": annotator, "label": label, "comment": None, "queue": "test"}


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    """Two annotators have a file each, and a label comes back as it was given."""
    given = [Label("a", "anna", 1.0, "good", "test"), Label("a", "bela", 0.0), Label("b", "anna", 0.5)]
    for label in given:
        labels.append(label, tmp_path / "labels")
    assert given == labels.read(tmp_path / "labels")
    assert ["anna.jsonl", "bela.jsonl"] == sorted(path.name for path in (tmp_path / "labels").iterdir())


def test_the_last_label_of_an_answer_counts(tmp_path: Path) -> None:
    """Who goes back and thinks again, or takes a label back, is heard."""
    for label in (1.0, 0.0):
        labels.append(Label("a", "anna", label), tmp_path)
    labels.append(Label("b", "anna", 1.0), tmp_path)
    labels.append(Label("b", "anna", None), tmp_path)
    assert {"a": {"anna": 0.0}} == labels.by_item(labels.read(tmp_path))
    assert 4 == len(labels.read_file(tmp_path / "anna.jsonl"))


@pytest.mark.parametrize(
    "left", ['{"item_id": "b", "anno', '{"item_id": "b", "annotator": "anna", "label": 1, "comment": null, "queue": null}']
)
def test_half_a_line_is_not_there_and_does_not_spoil_the_next(tmp_path: Path, left: str) -> None:
    """A crash in the middle of a write leaves a line without an end: it was never said to be on the disk."""
    path = _file(tmp_path, "anna", _row("a", 1.0))
    with path.open("a") as file:
        file.write(left)
    assert ["a"] == list(labels.by_item(labels.read(tmp_path)))
    labels.append(Label("c", "anna", 0.0), tmp_path)
    assert ["a", "c"] == list(labels.by_item(labels.read(tmp_path)))


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (_row("a", 2.0), "label has to be a number from 0 to 1"),
        (_row("a", 1.0, "bela"), "annotator is 'bela', and the file is of 'anna'"),
        ({"item_id": "a"}, "the column annotator, label, comment, queue is missing"),
    ],
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, row: dict[str, object], what: str) -> None:
    """File and line stand in the message: labels are edited by hand at times."""
    _file(tmp_path, "anna", _row("b", 0.0), row)
    with pytest.raises(TableError, match=f"anna.jsonl, line 2: {what}"):
        labels.read(tmp_path)


@pytest.mark.parametrize("name", ["../anna", "", "an na", ".hidden", "x" * 65, "ánna"])
def test_a_name_that_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    """Nobody writes outside the folder of labels."""
    with pytest.raises(TableError, match="is no name for an annotator"):
        labels.append(Label("a", name, 1.0), tmp_path)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([1.0], "acceptable"),
        ([0.8], "unacceptable"),
        ([0.9, 1.0, 0.0], "acceptable"),
        ([1.0, 0.0], "unacceptable"),
        ([1.0, 0.5, 0.0], "unacceptable"),
    ],
)
def test_more_than_half_have_to_accept(given: list[float], expected: str) -> None:
    """A level is acceptable strictly above the threshold, as for every judge; an even division is no acceptance."""
    assert expected == labels.verdict({str(number): label for number, label in enumerate(given)}, 0.8)


def test_labels_of_answers_that_are_gone_are_named() -> None:
    """They are kept, and somebody may want to know."""
    given = [Label("a", "anna", 1.0), Label("b", "anna", 1.0), Label("c", "anna", None)]
    assert ["b"] == labels.lost(given, ["a"])


def test_no_folder_means_no_labels(tmp_path: Path) -> None:
    """Nobody was asked yet."""
    assert [] == labels.read(tmp_path / "none")
