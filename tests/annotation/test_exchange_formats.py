"""The files of other tools: what is written is blind, and what these tools export is read as it is meant."""

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from judge.annotation import argilla, exchange, label_studio, spreadsheet
from judge.annotation.exchange import SKIP, ExchangeError, Said
from judge.people.labels import Label
from tests.annotation.exchange_rows import HOSTILE, ITEMS, rows

TASKS = exchange.tasks(rows())
LABELS = [Label("a1", "anna", 1.0, "=1+1"), Label("a1", "bela", None), Label("b2", "anna", 0.0), Label("b2", "007", 0.3, "'=1")]


@pytest.mark.parametrize("text", [label_studio.write(TASKS, []), argilla.write(TASKS), spreadsheet.write(TASKS, [])])
def test_a_task_is_blind(text: str) -> None:
    """Neither the generator nor anything that the teacher said is in a file for another tool."""
    assert not [word for word in ("secret-generator", "0.123", "teacher", "generator", "unacceptable", "score") if word in text]


def test_tasks_are_in_the_order_of_the_rows_and_rows_without_an_answer_are_left_out() -> None:
    """The command gives them in the order of the page, which says nothing of the generator."""
    without = rows()[0] | {"answer_id": "0", "answer": None}
    assert ITEMS[::-1] == [task.item_id for task in exchange.tasks([*reversed(rows()), without])]
    assert "Rome\nRoma" == TASKS[0].reference


def test_the_labelling_config_shows_every_text_of_a_task_and_offers_both_verdicts() -> None:
    """It is well-formed, and its variables are keys of the data."""
    config = ET.fromstring(label_studio.CONFIG)  # noqa: S314 - our own text
    (entry, *_) = json.loads(label_studio.write(TASKS, []))
    assert {"question", "context", "reference", "answer"} == {tag.attrib["value"].removeprefix("$") for tag in config.iter("Text")}
    assert set(entry["data"]) >= {tag.attrib["value"].removeprefix("$") for tag in config.iter("Text")}
    assert ["acceptable", "unacceptable"] == [tag.attrib["value"] for tag in config.iter("Choice")]


def test_labels_go_to_label_studio_and_come_back() -> None:
    """An exported label keeps its annotator and comment; skips, and levels between the two choices, stay here."""
    content = label_studio.read(label_studio.write(TASKS, LABELS), "f")
    assert [
        Said("f, task 2, annotation 1", "a1", "anna", "acceptable", "=1+1"),
        Said("f, task 3, annotation 1", "b2", "anna", "unacceptable", None),
    ] == content.said
    assert 1 == content.without_label


def _annotation(who: Any, *choices: str, **more: Any) -> dict[str, Any]:
    result = {"id": "x", "type": "choices", "from_name": "label", "to_name": "answer", "value": {"choices": list(choices)}}
    return {"id": 1, "completed_by": who, "was_cancelled": False, "result": [result] if choices else []} | more


def test_an_export_of_label_studio_is_read() -> None:
    """Annotators are told by e-mail or number, cancelled annotations are skips; drafts and predictions are left out."""
    predicted = {"result": _annotation(1, "acceptable")["result"], "model_version": "m"}
    entries = [
        {
            "id": 1,
            "data": {"item_id": "a1"},
            "annotations": [_annotation({"id": 1, "email": "anna@example.org"}, "acceptable"), _annotation(2, was_cancelled=True)],
            "drafts": [predicted],
            "predictions": [predicted],
        },
        {"id": 2, "data": {"item_id": "b2"}, "annotations": [], "predictions": [predicted]},
    ]
    content = label_studio.read(json.dumps(entries), "f")
    assert [("a1", "anna@example.org", "acceptable"), ("a1", "2", SKIP)] == [each[1:4] for each in content.said]
    assert 1 == content.without_label


def test_an_export_json_min_of_label_studio_is_read() -> None:
    """It has an entry an annotation; an answer that was not labelled has no label."""
    labelled = {"item_id": "a1", "answer": "x", "label": "unacceptable", "comment": ["no", "source"], "annotator": 3, "annotation_id": 9}
    content = label_studio.read(json.dumps([labelled, {"item_id": "b2", "answer": "x", "annotator": "None"}]), "f")
    assert [Said("f, task 1", "a1", "3", "unacceptable", "no\nsource")] == content.said
    assert 1 == content.without_label


def _flat(item: str, *responses: tuple[str, str | None, str], comments: tuple[tuple[str, str, str], ...] = ()) -> dict[str, Any]:
    made: dict[str, Any] = {"id": item, "status": "completed", "answer": "x"}
    for name, given in (("label", responses), ("comment", comments)):
        for at, end in enumerate((".users", "", ".status")):
            made[f"{name}.responses{end}"] = [each[at] for each in given] or None
    return made


def test_flattened_records_of_argilla_are_read() -> None:
    """Submitted is said, discarded is a skip, a draft is not said yet."""
    records = [
        _flat("a1", ("u1", "acceptable", "submitted"), ("u2", "acceptable", "draft"), comments=(("u1", "so", "submitted"),)),
        _flat("b2", ("u1", "acceptable", "discarded"), ("u2", "unacceptable", "submitted")),
        _flat("c3"),
    ]
    content = argilla.read(json.dumps(records), "f")
    assert [("u1", "acceptable", "so"), ("u1", SKIP, None), ("u2", "unacceptable", None)] == [each[2:] for each in content.said]
    assert 1 == content.without_label


def test_argilla_shows_texts_as_they_are() -> None:
    """No field is Markdown, so nothing that a model wrote is rendered; only what every answer has must be there."""
    made = json.loads(argilla.settings())
    assert [False] * 4 == [field["settings"]["use_markdown"] for field in made["fields"]]
    assert set(json.loads(argilla.write(TASKS))[1]["fields"]) == {field["name"] for field in made["fields"] if field["required"]}


def test_no_cell_of_a_spreadsheet_runs_and_every_text_comes_back() -> None:
    """A formula and an id that looks like a number get an apostrophe; comments, ids and names are as before when they are read."""
    text = spreadsheet.write(TASKS, LABELS)
    cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    assert "'1234567890123456" in cells
    assert f"'{HOSTILE}" in cells
    said = [("a1", "anna", "1", "=1+1"), ("a1", "bela", "skip", None), ("b2", "anna", "0", None), ("b2", "007", "0.3", "'=1")]
    assert said == [each[1:] for each in spreadsheet.read(text, "f").said]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_spreadsheet_may_be_saved_with_another_separator(separator: str) -> None:
    """Where commas are decimal marks, spreadsheets write semicolons; columns may stand anywhere, and empty lines say nothing."""
    lines = [["label", "note", "item_id"], ["1", "a, b", "'123"], [" ", "x", "b2"], ["", "", ""]]
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines)
    content = spreadsheet.read(text, "f")
    assert [Said("f, line 2", "123", None, "1", None)] == content.said
    assert 1 == content.without_label


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("Acceptable", 1.0),
        (" unacceptable ", 0.0),
        (True, 1.0),
        ("FALSE", 0.0),
        ("yes", 1.0),
        ("no", 0.0),
        (1, 1.0),
        ("0.3", 0.3),
        (SKIP, None),
    ],
)
def test_values_that_have_one_meaning_are_labels(value: object, label: float | None) -> None:
    """As spreadsheets and tools write them."""
    assert label == exchange.label_of(value)


@pytest.mark.parametrize("value", ["", "maybe", "5", 5, -1, float("nan"), None, [], {}, "0,5", "1e-1", "²"])
def test_no_value_is_guessed(value: object) -> None:
    """A number of another scale, a mark of another alphabet or nothing is no label."""
    with pytest.raises(ValueError, match="is no label"):
        exchange.label_of(value)


@pytest.mark.parametrize(
    ("name", "made"),
    [("Anna", "Anna"), ("anna@example.org", "anna-example.org"), ("Jürgen Müller", "Jurgen-Muller"), ("../etc", "etc"), ("7", "7")],
)
def test_a_person_gets_a_name_that_a_file_may_have(name: str, made: str) -> None:
    """The same name each time, without a way out of the folder."""
    assert made == exchange.annotator_of(name)


@pytest.mark.parametrize(
    ("read", "text", "what"),
    [
        (label_studio.read, "{", "no valid JSON"),
        (label_studio.read, "{}", "a list of tasks"),
        (label_studio.read, '[{"data": {"answer": "x"}}]', "task 1 has no item_id"),
        (label_studio.read, '[{"data": {"item_id": "a"}, "annotations": [1]}]', "task 1: annotations has to be a list of objects"),
        (
            label_studio.read,
            json.dumps([{"data": {"item_id": "a"}, "annotations": [_annotation(1, "a", "b")]}]),
            "annotation 1 has 2 choices",
        ),
        (argilla.read, "[1]", "record 1 has no text as id"),
        (argilla.read, '[{"id": "a", "responses": {}}]', "does not say which responses were submitted"),
        (argilla.read, '[{"id": "a", "label.responses": ["acceptable"]}]', "lists of the same length"),
        (argilla.read, json.dumps([_flat("a", ("u", "acceptable", "None"))]), "has the status 'None'"),
        (spreadsheet.read, "", "columns have to include item_id, label"),
        (spreadsheet.read, "item_id,label,label\n", "columns have to include label, once each"),
        (spreadsheet.read, "item_id,label\na,1,2\n", "line 2: 3 cells, and the first line has 2"),
        (spreadsheet.read, 'item_id,label\n"a,1\n', "line 2: unexpected end of data"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_place(read: Any, text: str, what: str) -> None:
    """The message names file and place, and what to do next."""
    with pytest.raises(ExchangeError, match=what) as caught:
        read(text, "f")
    assert str(caught.value).startswith("f")
    assert "\nNext: " in str(caught.value)
