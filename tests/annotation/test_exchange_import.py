"""What an import would do: everything is checked before anything is written, and no label is lost or guessed."""

from pathlib import Path

import pytest

from judge.annotation import importing
from judge.annotation.exchange import Content, ExchangeError, Said
from judge.people import labels
from judge.people.labels import Label

ITEMS = ["a", "b", "c"]


def _content(*said: tuple[str, str | None, object]) -> Content:
    return Content([Said(f"line {number}", item, who, value, None) for number, (item, who, value) in enumerate(said, start=2)], 0)


def test_new_labels_are_taken_over_in_the_order_of_the_file() -> None:
    """A label and a skip of two people; no queue showed them."""
    found = importing.plan(_content(("b", "anna", "1"), ("a", "bela", "skip")), [], ITEMS)
    assert [Label("b", "anna", 1.0), Label("a", "bela", None)] == found.new


def test_the_same_file_again_adds_nothing(tmp_path: Path) -> None:
    """Neither labels nor skips nor comments."""
    content = Content([Said("x", "a", "anna", "1", "so"), Said("y", "b", "anna", "skip", None)], 0)
    importing.write(importing.plan(content, [], ITEMS).new, tmp_path)
    again = importing.plan(content, labels.read(tmp_path), ITEMS)
    assert ([], 2) == (again.new, again.known)


def test_a_skip_takes_no_label_back_and_a_label_follows_a_skip() -> None:
    """Who skipped in one tool may have judged in the other."""
    before = [Label("a", "anna", 1.0), Label("b", "anna", None)]
    found = importing.plan(_content(("a", "anna", "skip"), ("b", "anna", "0")), before, ITEMS)
    assert [Label("b", "anna", 0.0)] == found.new


def test_a_comment_is_added_to_a_label_that_is_there() -> None:
    """The label is said again, with the comment."""
    content = Content([Said("x", "a", "anna", "1", "why")], 0)
    found = importing.plan(content, [Label("a", "anna", 1.0)], ITEMS)
    assert ([Label("a", "anna", 1.0, "why")], 0) == (found.new, found.overwritten)


def test_another_label_of_the_same_person_is_refused_and_named() -> None:
    """With --overwrite the file has the last word; another person's label is no conflict."""
    before = [Label("a", "anna", 1.0), Label("a", "bela", 1.0)]
    content = _content(("a", "anna", "0"))
    with pytest.raises(ExchangeError, match="line 2: anna says 0 of a, and 1 in data/labels"):
        importing.plan(content, before, ITEMS)
    found = importing.plan(content, before, ITEMS, overwrite=True)
    assert ([Label("a", "anna", 0.0)], 1) == (found.new, found.overwritten)


def test_an_unknown_answer_is_refused_or_kept() -> None:
    """All of them are counted, the first ones named."""
    content = _content(("a", "anna", "1"), *((f"x{number:02d}", "anna", "1") for number in range(12)))
    with pytest.raises(ExchangeError, match=r"12 answers are not in the tables: x00, .*, x09 and 2 more"):
        importing.plan(content, [], ITEMS)
    found = importing.plan(content, [], ITEMS, keep_unknown=True)
    assert (13, 12) == (len(found.new), len(found.lost))


def test_values_that_cannot_be_read_are_all_named() -> None:
    """One message for the whole file."""
    content = _content(("a", "anna", "maybe"), ("b", "anna", "1"), ("c", "anna", None), ("", "anna", "1"))
    places = ("3 values cannot be read", "line 2: 'maybe' is no label", "line 4: 'None' is no label", "line 5: there is no item_id")
    with pytest.raises(ExchangeError, match=r"(.|\n)*".join(places)):
        importing.plan(content, [], ITEMS, keep_unknown=True)


def test_a_file_that_contradicts_itself_is_refused() -> None:
    """The same thing said twice is said once; a label beats a skip; two labels are refused with both places."""
    found = importing.plan(_content(("a", "anna", "skip"), ("a", "anna", "1"), ("a", "anna", True), ("a", "anna", "skip")), [], ITEMS)
    assert [Label("a", "anna", 1.0)] == found.new
    with pytest.raises(ExchangeError, match="line 3: anna says 0 of a, and 1 at line 2"):
        importing.plan(_content(("a", "anna", "1"), ("a", "anna", "0")), [], ITEMS)


@pytest.mark.parametrize(
    ("people", "names", "made"),
    [
        ([None, None], ["anna"], ["anna", "anna"]),
        (["1", "1"], ["anna"], ["anna", "anna"]),
        (["1", "2"], ["1=anna"], ["anna", "2"]),
        (["1", None], ["anna"], ["anna", "anna"]),
        (["a@x.org", "b@x.org"], [], ["a-x.org", "b-x.org"]),
    ],
)
def test_people_get_the_names_that_the_command_gives_them(people: list[str | None], names: list[str], made: list[str]) -> None:
    """One name where the file knows nobody or one person; OLD=NEW for one of several; else the tool's own."""
    found = importing.plan(_content(("a", people[0], "1"), ("b", people[1], "1")), [], ITEMS, names)
    assert made == [label.annotator for label in found.new]


@pytest.mark.parametrize(
    ("people", "names", "what"),
    [
        ([None, "anna"], [], "line 2 does not say who gave the label"),
        (["1", "2"], ["anna"], "the file has labels of 1, 2"),
        (["1", "2"], ["1=x", "2=X"], "Two people would have the same name: 1 and 2"),
        (["a b", "a@b"], [], "Two people would have the same name: a b and a@b"),
        (["1", "2"], ["3=x"], "renames 3; the file has labels of 1, 2"),
        (["王", "2"], [], "has no letter or digit"),
    ],
)
def test_two_people_never_become_one(people: list[str | None], names: list[str], what: str) -> None:
    """A name that is missing or would stand for two people is refused."""
    with pytest.raises(ExchangeError, match=what):
        importing.plan(_content(("a", people[0], "1"), ("b", people[1], "1")), [], ITEMS, names)


def test_a_full_disk_is_told_and_the_import_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written stays, and the message says how much."""
    real, calls = labels.append, iter([True, False])

    def full(label: Label, folder: Path) -> None:
        if not next(calls):
            raise OSError(28, "No space left on device")
        real(label, folder)

    monkeypatch.setattr(labels, "append", full)
    content = _content(("a", "anna", "1"), ("b", "anna", "0"))
    with pytest.raises(ExchangeError, match="1 of 2 labels are there"):
        importing.write(importing.plan(content, [], ITEMS).new, tmp_path)
    assert [Label("b", "anna", 0.0)] == importing.plan(content, labels.read(tmp_path), ITEMS).new
