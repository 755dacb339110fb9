"""Made-up rows: long enough, several answers to a passage, no text twice."""

from bench import rows
from tests.bench.conftest import SOURCE


def test_no_text_stands_twice_but_a_passage_for_its_answers() -> None:
    """Nor in the rows of another turn."""
    made = rows.items(SOURCE, 0, 30) + rows.items(SOURCE, 10, 30)
    assert len({item.context for item in made}) == 20
    assert len({item.question for item in made}) == len({item.answer for item in made}) == 60


def test_texts_are_as_long_as_stated() -> None:
    """1,000 and 170 characters are about 230 and 40 tokens."""
    (item,) = rows.items(SOURCE, 5, 1)
    assert (1000, 170) == (len(item.context or ""), len(item.answer or ""))


def test_the_same_numbers_give_the_same_rows() -> None:
    """So that a peer judges what ours judged."""
    assert rows.items(SOURCE, 3, 7) == rows.items(SOURCE, 3, 9)[:7]
