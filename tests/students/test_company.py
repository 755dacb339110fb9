"""Which words of an answer stand where the evidence has another."""

import pytest

from judge.students import company, placed_words


def misplaced(answer: str, evidence: str) -> dict[str, float | None]:
    """By the word as it is written."""
    found = company.misplaced(answer, evidence)
    return {answer[word.start : word.end]: value for word, value in zip(placed_words.words(answer), found, strict=True)}


@pytest.mark.parametrize(
    ("answer", "evidence", "expected"),
    [
        # Before it "met" 1 and "we" 0.4 / 2, after it "in" 0.4 and "Rome" 1 / 2, which stands beside Eva alone.
        ("We met Ada in Rome.", "We met Eva in Rome. We met Ada in Bern.", 0.5 / 2.1),
        # The same one word farther: 0.7 for a shift.
        ("We met Ada then in Rome.", "We met Eva in Rome. We met Ada in Bern.", 0.7 / 3 / (1.2 + 0.4 + 0.2 + 1 / 3)),
        # "Today" is beside Eva, and four words before Ada, which is within reach: 0.4.
        ("Today Ada met kings.", "Today Eva met kings. Ada met queens.", (2.5 - 1.4) / 2.5),
        # What is said before Eva's sentence is no company of hers; "woke" is within reach of Ada.
        ("They praised Rome, Ada woke.", "Ada slept. They praised Rome. Eva woke.", (1.0 - 0.4) / (1 + 0.5 + 0.4 / 3 + 1)),
    ],
)
def test_the_excess_is_that_of_the_best_other_name(answer: str, evidence: str, expected: float) -> None:
    """Reckoned by hand."""
    assert misplaced(answer, evidence)["Ada"] == pytest.approx(expected)


def test_a_number_does_not_take_the_place_of_a_name() -> None:
    """Only words of one sort are exchanged."""
    evidence = "By then Isabel opened the bridge in 1877."
    assert misplaced("By then 1877 opened the bridge.", evidence)["1877"] == 0.0
    assert misplaced("By then Isabel opened the bridge in 1877.", evidence)["1877"] == 0.0


def test_a_part_of_a_name_is_in_the_place_of_the_whole() -> None:
    """And the whole is no other."""
    assert misplaced("Yesterday Ada built the ferry house.", "Yesterday Ada Brandt built the ferry house.")["Ada"] == 0.0


def test_what_the_evidence_does_not_have_has_no_place() -> None:
    """A part of a name that is there has one, alone."""
    found = misplaced("Ada Novak built the house", "Ada Brandt built the house.")
    assert (None, 0.0) == (found["Novak"], found["house"])
    assert found["Ada"] is not None


def test_small_words_belong_anywhere() -> None:
    """Whatever stands around them."""
    assert misplaced("Of the mill", "The miller of Rome saw the mill.")["Of"] == 0.0


def test_each_place_of_a_word_is_looked_at_up_to_a_hundred() -> None:
    """One of them is enough; a word that stands everywhere costs no more."""
    assert misplaced("Ada met kings.", "Ada slept. Eva met kings. Ada met kings.")["Ada"] == 0.0
    late = misplaced("Ada met kings.", f"{'Ada slept. ' * 100}Ada met kings. Eva met kings.")["Ada"]
    assert late is not None
    assert late > 0.0
