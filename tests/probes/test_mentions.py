"""Sentences, names and numbers of English prose, by their spelling."""

import pytest

from judge.probes.mentions import names, numbers, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Vogel met J. R. Ash at St. Olaf. She left.", ["Dr. Vogel met J. R. Ash at St. Olaf.", "She left."]),
        ("It weighs 3.5 tons. Really? Yes.", ["It weighs 3.5 tons.", "Really?", "Yes."]),
        ('He said "Go." Then he went.', ['He said "Go."', "Then he went."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    """Abbreviations, initials and decimal points do not end a sentence."""
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He met the King of Spain in Paris, France.", ["King of Spain", "Paris", "France"]),
        ("In Ulm's centre stands a German church.", ["Ulm", "German"]),
        ("Birds fly over Lake Van in May.", ["Lake Van", "May"]),
        ("Part II begins.", ["Part II"]),
        ("nothing here", []),
    ],
)
def test_names_are_runs_of_capitalised_words(text: str, expected: list[str]) -> None:
    """Connecting words join a name, commas end it, and the first word's capital says nothing."""
    assert [mention.surface for mention in names(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 1850 and the 1960s", [("1850", "year"), ("1960s", "s")]),
        ("the 19th of 12,500", [("19th", "th"), ("12,500", "grouped")]),
        ("3.5 of 7 and 450", [("3.5", "decimal"), ("7", "small"), ("450", "count")]),
        ("007 or 00032", [("007", "small"), ("00032", "count")]),
        ("9" * 5000, [("9" * 5000, "count")]),
        ("three birds", [("three", "spelled")]),
        ("COVID-19, H2O, 1914–18 and (1) first", []),
    ],
)
def test_numbers_are_told_apart_by_their_form(text: str, expected: list[tuple[str, str]]) -> None:
    """Only numbers of one form can replace each other; those inside names, ranges and list labels are left out."""
    assert [(mention.surface, mention.sort) for mention in numbers(text)] == expected


def test_a_mention_knows_where_it_stands() -> None:
    """`text[start:end]` is the surface."""
    text = "Ada moved to Bern in 1924 with Carl's two sisters."
    assert all(text[m.start : m.end] == m.surface for m in [*names(text), *numbers(text)])
