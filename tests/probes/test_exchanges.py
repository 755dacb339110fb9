"""Exchanges of two names or numbers: which are made, and which would leave a sentence true or ungrammatical."""

import pytest

from judge.probes.donors import Passage
from judge.probes.statements import construct


def _made(kind: str, text: str, title: str = "Land") -> list[str]:
    return [statement.statement for statement in construct([Passage("a", title, text)], 0, [kind])]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Aldmoor", "Aldmoor is the capital of Wessland.", "Wessland is the capital of Aldmoor."),
        ("Ada", "The mill was sold by Ada Brandt in May to Milo Fenner.", "The mill was sold by Milo Fenner in May to Ada Brandt."),
        (
            "Aldmoor",
            "It is the largest city in the United States and the oldest in Wessland.",
            "It is the largest city in Wessland and the oldest in the United States.",
        ),
    ],
)
def test_names_in_plain_frames_change_places_with_their_article(title: str, text: str, expected: str) -> None:
    """Subject and object, giver and receiver, two places: what was said of the one is said of the other."""
    assert expected in _made("exchanged_names", text, title)


@pytest.mark.parametrize(
    "text",
    [
        "The treaty was signed by Norway and Finland in the spring.",
        "The road extends from Lake Vane to Port Osric along the coast.",
        "Milo Fenner married Ada Brandt in the old town hall.",
        "The town is located in Port Vane, Wessland.",
        "The German Empire signed a treaty in the (Upper) Marches.",
    ],
)
def test_names_that_mean_the_same_either_way_stay(text: str) -> None:
    """Members of a list, the ends of a road, a married couple, a town with its country, and what stands in brackets."""
    assert [] == _made("exchanged_names", text)


def test_a_name_is_replaced_by_one_of_another_sentence_in_the_same_frame() -> None:
    """Where a sentence has one name only."""
    text = "The bridge was designed by Clara Osten for the city. The opera house was destroyed by Emil Nolde in the war."
    (made,) = _made("exchanged_names", text)
    assert made in {"The bridge was designed by Emil Nolde for the city.", "The opera house was destroyed by Clara Osten in the war."}


def test_where_something_lies_is_not_replaced() -> None:
    """What lies in one place of the passage may lie in another too."""
    text = "The town is located in Wessland near the sea. The first mayor was born in Europe a long time ago."
    assert "The town is located in Europe near the sea." not in _made("exchanged_names", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He ruled from 1201 until his death in 1230.", "He ruled from 1230 until his death in 1201."),
        ("The town has 12 bridges and 85 churches.", "The town has 85 bridges and 12 churches."),
        (
            "It is the second-largest city by area and the fifth-largest by population.",
            "It is the fifth-largest city by area and the second-largest by population.",
        ),
        ("The hall is 21 km from the lake and 13 km from the sea.", "The hall is 13 km from the lake and 21 km from the sea."),
    ],
)
def test_numbers_before_the_same_unit_change_places(text: str, expected: str) -> None:
    """Years, counts, ranks and measures, each among themselves."""
    assert [expected] == _made("exchanged_numbers", text)


@pytest.mark.parametrize(
    "text",
    [
        "The hall is 21 km (13 mi) from the lake and the sea.",
        "It has over 90 bridges and over 680 churches.",
        "It was built between 1856 and 1863 by monks.",
        "A game has two or three rounds in all.",
        "It is 12 years old and has 85 churches.",
    ],
)
def test_numbers_of_other_units_bounds_and_ranges_stay(text: str) -> None:
    """A conversion, a bound that a larger number meets too, a range, a choice, and a span beside a count."""
    assert [] == _made("exchanged_numbers", text)


def test_a_rough_number_is_not_exchanged_for_one_near_it() -> None:
    """About 100 and about 105 may both be right."""
    assert [] == _made("exchanged_numbers", "It has about 100 bridges and about 105 churches.")
    assert [] != _made("exchanged_numbers", "It has about 100 bridges and about 205 churches.")


def test_two_exchanges_of_a_passage_are_of_two_pairs() -> None:
    """The same two names are not exchanged twice in two forms of a sentence."""
    made = _made("exchanged_numbers", "He lived from 1201 to 1230. It was built in 1300 and burnt in 1412.", "Land")
    assert 2 == len(made)
    assert 2 == len({frozenset(number for number in ("1201", "1230", "1300", "1412") if number in text) for text in made})
