"""A comparison as text: what a terminal gets."""

from dataclasses import replace

from judge.report import compare, compare_page, compare_text
from judge.report.compare import Comparison
from tests.report.by_hand import revision, scores, spreads


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


def compared(a: float | None, b: float | None) -> Comparison:
    """A bad student and a better one, whose figures move so far with the training seed; None where that is not known."""
    teacher, bad, better = scores(90)
    sides = [revision(teacher, student) for student in (bad, better)]
    return compare.compare(
        *(replace(it, figures=spreads(deviation)) if deviation else it for it, deviation in zip(sides, (a, b), strict=True))
    )


def test_a_star_says_which_figure_is_primary_and_that_the_others_are_corrected() -> None:
    """Where a difference is more than documents and seed explain."""
    text = " ".join(compare_text.render(compared(0.001, 0.001), 0).split())

    assert "] *" in text
    assert "* more than chance at 90%: for Pearson's r, the primary figure, the interval excludes 0; the other 14 get a star only" in text
    assert "standard deviation of Pearson's r is 0.0010 in A (of 8) and 0.0010 in B (of 8)." in text
    assert text.count("significant") == 1


def test_what_a_seed_moves_gets_no_star() -> None:
    """The same difference, where another seed moves it as far."""
    text = compare_text.render(compared(0.5, 0.5), 0)

    assert "] *" not in text
    assert "* more than chance" not in text
    assert ", not\nsignificant." in text


def test_without_a_spread_nothing_gets_a_star_and_one_line_says_so() -> None:
    """The side that lacks it is named, on the terminal and on the page; nothing is called significant."""
    comparison = compared(0.001, None)
    text, page = compare_text.render(comparison, 0), compare_page.render(comparison, 0)

    for rendered in (text, page):
        said = " ".join(rendered.split())
        assert "The spread over training seeds (student.seed_spread.pearson) is not known of B" in said
        assert "no difference gets a star" in said
        assert "significant." not in said
    assert "] *" not in text


def test_the_page_says_how_stars_were_given() -> None:
    """The same words as on the terminal."""
    page = compare_page.render(compared(0.001, 0.001), 0)

    assert "Holm&#39;s correction" in page
    assert '<tr class="significant"><th scope="row">Pearson&#39;s r' in page
