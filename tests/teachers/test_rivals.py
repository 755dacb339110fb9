"""What stands against the names and numbers of an answer, and what is measured of it."""

from judge.models.contests import Contest
from judge.models.local_chat import Reading
from judge.tables.items import Item
from judge.teachers import rivals

PASSAGE = "The Marsh Museum in Bremen was founded in 1931 by Clara Osten, and moved to Hamburg in 1946."


def _contests(answer: str) -> dict[str, tuple[str, ...]]:
    return {answer[one.start : one.end]: one.others for one in rivals.contests(Item("When?", answer, PASSAGE))}


def test_each_name_and_number_of_the_passage_is_held_against_the_others_of_its_sort() -> None:
    """Years against years, names against names."""
    contests = _contests("It came to Hamburg in 1931.")
    assert contests["1931"] == ("1946",)
    assert "Bremen" in contests["Hamburg"]
    assert not {"1931", "1946", "Hamburg"} & set(contests["Hamburg"])


def test_what_the_passage_does_not_have_is_no_matter_of_rivals() -> None:
    """Word overlap sees it, and no passage means no rivals."""
    assert not _contests("It came to Lisbon in 1999.")
    assert () == rivals.contests(Item("When?", "In 1931.", None))


def test_a_part_of_a_name_is_none_of_its_rivals() -> None:
    """Clara Osten is Osten."""
    passage = "In Bremen it was founded by Clara Osten. The painter Osten lived in Hamburg."
    (contest,) = rivals.contests(Item("Who?", "It was Osten.", passage))
    assert contest == Contest(7, 12, ("Bremen", "Hamburg"))


def test_the_likeliest_rival_of_any_counts() -> None:
    """Where the answer's own are the likeliest, or nothing can be compared, it is 0; it is cut at 8."""
    margins = [(None, -3.0), (), (1.5, None, -2.0), (40.0,)]
    readings = [Reading({"yes": -1.0, "no": -1.0}, is_cut=False, margins=one) for one in margins]
    assert [[0.0], [0.0], [1.5], [8.0]] == rivals.measure(readings).tolist()
    assert rivals.measure([]).shape == (0, 1)
