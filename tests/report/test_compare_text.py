"""A comparison as text: what a terminal gets."""

from judge.report import compare_text
from judge.report.compare import Comparison


def test_the_tables_command_no_terminal_and_fit_into_it(comparison: Comparison) -> None:
    """A colour code in an answer is gone, and no line is wider than 110 columns."""
    text = compare_text.render(comparison, 10)

    assert "\x1b" not in text
    assert "<script>alert(1)</script> [31mred" in text
    assert max(map(len, text.splitlines())) <= 110


def test_as_many_rows_are_shown_as_asked_for(comparison: Comparison) -> None:
    """One of each kind in the tables; none with 0."""
    assert "The student's score moved most: 11 of 22 common answers, 1 shown" in compare_text.render(comparison, 1)
    assert compare_text.render(comparison, 1).count("    question") == 5
    assert "    question" not in compare_text.render(comparison, 0)


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    """Line breaks become spaces, and what is too long ends with an ellipsis at the width."""
    assert compare_text.cut("one\ntwo   three", 20) == "one two three"
    assert compare_text.cut("abcdef", 4) == "abc…"


def test_without_answers_each_side_has_its_own_interval(incomplete: Comparison) -> None:
    """The figures with the interval of each side and why one is missing, how many answers they are of, and that nothing is paired."""
    text = compare_text.render(incomplete, 10)

    assert f"{'':<36}{'A, n = 23':<26}{'B, n = 23':<26}B - A" in text
    assert f"{'Mean absolute error':<36}{'–':<26}{'–':<26}–" in text
    assert f"{'0.500 [0.250, 0.625]':<26}{'0.750 [0.500, 0.875]':<26}+0.250" in text
    assert f"{'0.250 (a)':<26}{'0.250 (a)':<26}+0.000" in text
    assert "(a) no interval: fewer than 10 documents" in text
    assert "Intervals that overlap do\nnot show that a difference is chance" in text
    assert "paired B - A" not in text


def test_what_a_side_lacks_is_said_with_its_md5_and_what_to_do(incomplete: Comparison) -> None:
    """The reasons stand below the head, each once; no line is wider than 110 columns."""
    text = compare_text.render(incomplete, 10)

    assert text.count("data/test.jsonl of one is neither in the cache nor in a remote that answers (its MD5 is 0123).") == 1
    assert "Next: `dvc pull`." in text
    assert "A  one" in text.splitlines()[0]
    assert "test answers not at hand" in text.splitlines()[0]
    assert max(map(len, text.splitlines())) <= 110
