"""The command `judge labels`: there and back through files, and how far the labelling is."""

import csv
import json
from pathlib import Path

import pytest

from judge.annotation import labels_status
from judge.people import inclusion, labels
from judge.people.labels import Label
from tests.annotation.exchange_rows import ITEMS, made_up_project, run


@pytest.fixture
def project(workspace: Path) -> Path:
    """A folder with the tables of three answers."""
    made_up_project(workspace)
    return workspace


def test_answers_go_to_a_spreadsheet_and_labels_come_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column is filled in, and each answer has the label that stands in its line; the same file again adds nothing."""
    assert 0 == run(capsys, "--export", "sheet.csv", "--rows", "all")[0]
    with (project / "sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    at = header.index("label")
    wanted = dict(zip(ITEMS, ("1", "skip", "no"), strict=True))
    for line in lines:
        # An id that is all digits has an apostrophe, or a spreadsheet would take it for a number.
        line[at] = wanted[line[0].removeprefix("'")]
    with (project / "sheet.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *lines])
    for news in ("New: 2 labels and 1 skips by anna;", "New: 0 labels and 0 skips;"):
        code, out, _ = run(capsys, "--import", "sheet.csv", "--annotator", "anna")
        assert (0, True) == (code, news in out)
    assert [Label(item, "anna", label) for item, label in zip(ITEMS, (1.0, None, 0.0), strict=True)] == labels.read()


def test_answers_go_to_label_studio_with_its_config(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Filled in as Label Studio exports it, they come back; answers of train are not asked about unless wanted."""
    assert 0 == run(capsys, "--export", "tasks.json", "--format", "label-studio")[0]
    assert (project / "tasks.config.xml").read_text(encoding="utf-8").startswith("<View>")
    entries = json.loads((project / "tasks.json").read_text(encoding="utf-8"))
    assert inclusion.random_order(ITEMS[:2], 17) == [entry["data"]["item_id"] for entry in entries]
    result = {"from_name": "label", "to_name": "answer", "type": "choices", "value": {"choices": ["acceptable"]}}
    for entry in entries:
        entry["annotations"] = [{"completed_by": {"id": 1, "email": "anna@example.org"}, "was_cancelled": False, "result": [result]}]
    (project / "export.json").write_text(json.dumps(entries), encoding="utf-8")
    assert 0 == run(capsys, "--import", "export.json", "--format", "label-studio", "--annotator", "anna@example.org=anna")[0]
    assert [Label(item, "anna", 1.0) for item in ITEMS[:2]] == labels.read()


def test_a_file_that_is_there_is_not_written_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It may hold an afternoon's labels; and a folder that is not there is not made."""
    assert 0 == run(capsys, "--export", "sheet.csv")[0]
    (project / "sheet.csv").write_text("filled in", encoding="utf-8")
    assert (2, True) == ((code := run(capsys, "--export", "sheet.csv"))[0], "sheet.csv is there already" in code[2])
    assert "filled in" == (project / "sheet.csv").read_text(encoding="utf-8")
    assert 0 == run(capsys, "--export", "sheet.csv", "--force")[0]
    assert (2, False) == (run(capsys, "--export", "no/sheet.csv")[0], (project / "no").exists())


def test_one_person_has_one_spelling(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who labelled as anna is not Anna as well: she would agree with herself."""
    labels.append(Label("a1", "anna", 1.0))
    (project / "sheet.csv").write_text(f"item_id,label\n{ITEMS[0]},1\n", encoding="utf-8")
    code, _, err = run(capsys, "--import", "sheet.csv", "--annotator", "Anna")
    assert (2, True) == (code, "Anna and anna, who has labels in data/labels, differ in their capitals alone" in err)
    assert ["anna.jsonl"] == [path.name for path in (project / "data/labels").glob("*.jsonl")]


def test_only_unlabelled_answers_are_exported_where_wanted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A skipped answer is asked about again."""
    labels.append(Label(ITEMS[0], "anna", 1.0))
    labels.append(Label(ITEMS[1], "anna", None))
    run(capsys, "--export", "records.json", "--format", "argilla", "--unlabelled", "--rows", "all")
    assert set(ITEMS[1:]) == {record["id"] for record in json.loads((project / "records.json").read_text(encoding="utf-8"))}
    assert (project / "records.settings.json").exists()


def test_nothing_is_written_when_one_line_is_wrong(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import is whole or not at all: exit code 2, and the place."""
    (project / "x.csv").write_text("item_id,label,annotator\na1,1,anna\nb2,perhaps,anna\n", encoding="utf-8")
    code, _, err = run(capsys, "--import", "x.csv")
    assert (2, True) == (code, "x.csv, line 3: 'perhaps' is no label" in err)
    assert [] == labels.read()


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--import", "nothing.csv"], "There is no file nothing.csv"),
        (["--import", "tasks.json"], "add --format label-studio, argilla or csv"),
        (["--import", "latin.csv"], "byte 0 is not UTF-8"),
        (["--import", "."], "add --format"),
        (["--import", ".", "--format", "csv"], "cannot be read: Is a directory"),
        (["--export", "x.json", "--format", "argilla", "--with-labels"], "leave out --with-labels"),
    ],
)
def test_what_cannot_be_done_is_said(project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], what: str) -> None:
    """Exit code 2, a sentence, and nothing written."""
    (project / "latin.csv").write_bytes(b"\xe9")
    code, _, err = run(capsys, *arguments)
    assert (2, True) == (code, what in err)
    assert not (project / "x.json").exists()


def test_the_state_of_the_labels(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each annotator, the answers, their agreement, and the labels of an answer that is gone; half is not acceptable."""
    assert project.is_dir()
    assert "Nobody has labelled an answer" in run(capsys)[1]
    given = [
        ("a1", "anna", 1.0),
        ("a1", "bela", 0.0),
        ("b2", "anna", 1.0),
        ("b2", "bela", 0.9),
        (ITEMS[0], "anna", None),
        ("gone", "anna", 1.0),
    ]
    for item, who, label in given:
        labels.append(Label(item, who, label))
    code, out, _ = run(capsys)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert 0 == code
    assert ["anna 3 3 1", "bela 2 1 0"] == lines[1:3]
    assert "Of test, on which judges are measured, 1 of 2." in lines
    assert "2 of 3 answers have a label: 0 by one person, 2 by two, 0 by three or more." in lines
    assert "People call 1 of them acceptable (50%), by majority." in lines
    assert "Of 2 pairs of labels of the same answer 1 agree (50%)." in lines
    assert "1 labelled answers are not in the tables; their labels are kept: gone" in lines


def test_pairs_are_counted_over_all_people_of_an_answer() -> None:
    """Three people make three pairs; a label of an answer that is gone makes none."""
    given = [Label("a", name, label) for name, label in (("x", 1.0), ("y", 1.0), ("z", 0.0))] + [Label("gone", name, 1.0) for name in "xy"]
    found = labels_status.status(given, ["a"], 0.8)
    assert (3, 1, (0, 0, 1), 1) == (found.pairs, found.agreeing, found.by_people, found.acceptable)
