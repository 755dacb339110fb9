"""A comparison as a page: what a browser gets."""

import re

from judge.report import compare_page
from judge.report.compare import Comparison


def test_the_page_escapes_what_a_model_wrote(comparison: Comparison) -> None:
    """A script in an answer is text, the page asks for nothing from elsewhere, and holds both sides of a flip."""
    page = compare_page.render(comparison, 10)

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search(r"https?:|src=|@import|url\(", page)
    assert "0.500 unacceptable → 0.950 acceptable" in page


def test_as_many_rows_are_on_the_page_as_asked_for(comparison: Comparison) -> None:
    """One of each kind."""
    assert compare_page.render(comparison, 1).count("<article>") == 5


def test_without_answers_the_page_has_the_intervals_of_each_side(incomplete: Comparison) -> None:
    """Own figures with own intervals and the letter of what is missing, why nothing is paired, and no rows."""
    page = compare_page.render(incomplete, 10)

    assert '0.500 <span class="soft">[0.250, 0.625]</span>' in page
    assert '0.250 <span class="soft"></span><sup>a</sup>' in page
    assert "its MD5 is 0123" in page
    assert "Not all answers are at hand" in page
    assert "<article>" not in page
