"""How an answer with its unsupported words is shown."""

import io

import pytest

from judge.tables import spans
from judge.tables.spans import Span

ANSWER = "In <b>1955</b> & Rome"
FOUND = [
    Span(0, 21, ANSWER, 0.9, "sentence"),
    Span(0, 2, "In", 0.1),
    Span(6, 10, "1955", 0.9),
    Span(17, 21, "Rome", 0.35),
]


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.mark.parametrize(("unsupported", "strength"), [(0.0, 0), (0.29, 0), (0.3, 1), (0.5, 2), (0.8, 3), (1.0, 3)])
def test_a_span_is_marked_by_its_strength(unsupported: float, strength: int) -> None:
    """In three steps, from 0.3 on."""
    assert strength == Span(0, 1, "x", unsupported).strength


def test_marked_words_are_coloured_in_a_terminal() -> None:
    """By strength; sentences and supported words are not."""
    assert "In <b>\x1b[1;7;31m1955\x1b[0m</b> & \x1b[4;33mRome\x1b[0m" == spans.coloured(ANSWER, FOUND, is_colour=True)


def test_strengths_differ_without_colours() -> None:
    """By underline, bold and inversion in a terminal; in brackets with a figure where nothing is to be coloured."""
    shown = [spans.coloured("x", [Span(0, 1, "x", least)], is_colour=True) for least in spans.STRENGTHS]
    attributes = [{code for code in text[2 : text.index("m")].split(";") if len(code) == 1} for text in shown]
    assert [{"4"}, {"1", "4"}, {"1", "7"}] == attributes
    assert "In <b>[1955 0.90]</b> & [Rome 0.35]" == spans.coloured(ANSWER, FOUND, is_colour=False)


def test_an_answer_cannot_steer_the_terminal() -> None:
    """Its own control characters are shown as unknown ones, lines and tabs stay."""
    assert "\ufffd[31mred\ufffd\n\tend" == spans.coloured("\x1b[31mred\x07\n\tend", [], is_colour=True)


def test_a_page_gets_escaped_marks() -> None:
    """What looks like markup in an answer is text, marked or not."""
    assert (
        'In &lt;b&gt;<mark class="unsupported-3" title="unsupported: 0.90">1955</mark>&lt;/b&gt; &amp; '
        '<mark class="unsupported-1" title="unsupported: 0.35">Rome</mark>'
    ) == spans.marked_up(ANSWER, FOUND)
    assert "&lt;i&gt;" in spans.marked_up("<i>", [Span(0, 3, "<i>", 1.0)])
    assert all(f"unsupported-{strength} " in spans.STYLE for strength in (1, 2, 3))


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR turns them off, set to anything but nothing."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert (True, False) == (spans.wants_colour(Terminal()), spans.wants_colour(io.StringIO()))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not spans.wants_colour(Terminal())
    monkeypatch.setenv("NO_COLOR", "")
    assert spans.wants_colour(Terminal())


def test_marked_words_are_rows() -> None:
    """Under the id of their answer, in the order of the text; an answer without any has none."""
    rows = spans.rows(["a1", "a2"], [FOUND, []])
    assert [("a1:000006", "a1", 6, 10, "1955", 0.9), ("a1:000017", "a1", 17, 21, "Rome", 0.35)] == [tuple(row.values()) for row in rows]
