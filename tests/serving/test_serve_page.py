"""The page of `judge serve` in a real browser: a judgment as bars and colours, hostile texts, a narrow screen, a token."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import chromium
from tests.chromium import browser
from tests.serving.served import ROW, Served, served

pytestmark = chromium.needed
__all__ = ["browser"]

HOSTILE = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>"
TOKEN = "page-token"  # noqa: S105 - of a server that a test starts


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small student, with a token."""
    with served(folder, tmp_path_factory.mktemp("page"), "--token-env", "JUDGE_TOKEN", JUDGE_TOKEN=TOKEN) as found:
        yield found


@pytest.fixture
def tab(browser: Any, server: Served) -> Iterator[Any]:
    """The page, once it knows its student."""
    with chromium.new_tab(browser, 20_000) as page:
        page.goto(server.url)
        page.get_by_text("A late-interaction student").wait_for()
        yield page


def judge(tab: Any, **changes: str) -> None:
    """Fill in a row, and the token where it is wanted; the judgment is there afterwards."""
    for name, text in {**ROW, **changes}.items():
        tab.locator(f"#{name}").fill(text)
    tab.keyboard.press("Control+Enter")
    tab.locator("#found:visible, #token:visible").first.wait_for()
    if tab.locator("#token").is_visible():
        tab.locator("#token").fill(TOKEN)
        tab.get_by_role("button", name="Judge").click()
    tab.locator("#found:visible").wait_for()
    tab.locator("button:not([disabled])").wait_for()


def test_a_judgment_is_shown_as_the_server_gives_it(server: Served, tab: Any) -> None:
    """Score, class, a bar for each level, and the words without support, after a sign that is two units of JavaScript's."""
    answer = "🎻 It is a trumpet of brass."
    judge(tab, answer=answer)
    reply = server.post("/v1/judge", {"rows": [{**ROW, "answer": answer}], "explain": True}, authorization=f"Bearer {TOKEN}")
    (judgment,) = reply.json()["judgments"]
    assert (judgment["class"], f"score {judgment['score']:.2f}") == (
        tab.locator("#class").inner_text(),
        tab.locator("#score").inner_text(),
    )
    shares = tab.locator("#levels .share").all_inner_texts()
    assert [f"{100 * mass:.1f}%" for mass in judgment["levels"]] == shares
    widths = [bar.bounding_box()["width"] for bar in tab.locator("#levels .bar").all()]
    assert max(range(11), key=widths.__getitem__) == max(range(11), key=judgment["levels"].__getitem__)
    expected = [span["text"] for span in judgment["spans"] if span["unit"] == "word" and span["unsupported"] >= 0.3]
    assert "trumpet" in expected
    assert expected == tab.locator("#marked mark").all_inner_texts()
    assert answer == tab.locator("#marked").inner_text()
    assert [] == [line for line in tab.said if "401" not in line]


def test_texts_are_shown_and_never_run(tab: Any) -> None:
    """Nothing of an answer becomes an element, and the policy stops what a fault of ours would let in."""
    judge(tab, answer=HOSTILE)
    assert HOSTILE == tab.locator("#marked").inner_text()
    assert 0 == tab.locator("main img, main script").count()
    with pytest.raises(chromium.sync_api.Error, match="requires 'Trusted"):
        tab.evaluate("html => { document.getElementById('marked').innerHTML = html }", HOSTILE)
    assert tab.evaluate("window.ran === undefined")


def test_an_answer_without_words_gets_no_verdict_and_a_fault_is_said(tab: Any) -> None:
    """A missing passage is told in the server's words; the judgment before stays."""
    judge(tab, answer="...")
    assert ("No verdict", "no_verdict") == (tab.locator("#class").inner_text(), tab.locator("#score").inner_text())
    tab.locator("#context").fill("")
    tab.locator("#answer").fill("It is.")
    tab.get_by_role("button", name="Judge").click()
    tab.locator("#message:visible").wait_for()
    assert "the context is missing" in tab.locator("#message").inner_text()


def test_a_narrow_screen_scrolls_one_way(tab: Any) -> None:
    """At 400 pixels nothing is wider than the screen, not even a word without an end."""
    tab.set_viewport_size({"width": 400, "height": 800})
    judge(tab, answer=f"See https://example.org/{'a' * 300}.")
    assert 400 == tab.evaluate("document.documentElement.scrollWidth")
