"""The page in a real browser: labelling by keys, reloads and a killed server, a narrow screen, hostile texts, strangers."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judge.people import labels
from tests import chromium
from tests.annotation.made_up_project import SECRETS, row, served, write
from tests.chromium import browser

pytestmark = chromium.needed
__all__ = ["browser"]

HOSTILE = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'><a href='javascript:window.ran = 3'>x</a>"
LONG = "https://example.org/" + "a" * 300
ROWS = [row(f"answer-{number:02}") for number in range(24)]


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab of its own for each test; no answer takes longer than 10 s."""
    with chromium.new_tab(browser, 10_000) as found:
        yield found


def ready(tab: Any) -> Any:
    """Wait until the page listens to keys again."""
    tab.locator("#controls:visible, #who:visible").wait_for()
    tab.locator("main:not([aria-busy])").wait_for()
    return tab


def press(tab: Any, *keys: str) -> None:
    """Press keys as a person does, who waits for the next answer."""
    for key in keys:
        ready(tab).keyboard.press(key)
        ready(tab)


def counts(tab: Any) -> str:
    """What the page says of the progress."""
    return str(ready(tab).locator("#counts").inner_text())


def given(name: str = "anna") -> list[float | None]:
    """The labels in the file of an annotator, line by line."""
    return [label.label for label in labels.read_file(labels.path_of(name))]


def test_twenty_answers_by_keys_with_a_reload_and_a_killed_server(workspace: Path, tab: Any) -> None:
    """Each key is a line of the file, and after reload and kill the page goes on with the answer that was next."""
    write(ROWS, workspace)
    with served(workspace) as server:
        ready(tab.goto(server.page) and tab)
        tab.keyboard.type("anna")
        press(tab, "Enter", *"1011010110")
        question = tab.locator("#question").inner_text()
        tab.reload()
        assert ("10 of 24 labelled", question) == (counts(tab), tab.locator("#question").inner_text())
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(20)
        tab.keyboard.press("1")
        tab.locator("#message:visible").wait_for()
        assert "The server does not answer" in tab.locator("#message").inner_text()
        assert question == tab.locator("#question").inner_text()
    with served(workspace, "--annotator", "anna") as server:
        tab.goto(server.page)
        assert ("10 of 24 labelled", question) == (counts(tab), tab.locator("#question").inner_text())
        press(tab, *"0110100101")
        assert "20 of 24 labelled" == counts(tab)
    assert [float(key) for key in "10110101100110100101"] == given()
    assert 20 == len(labels.read())
    assert [] == [line for line in tab.said if "Failed to load resource" not in line]


def test_skip_back_and_comment_have_keys(workspace: Path, tab: Any) -> None:
    """A skipped answer comes again, a label can be changed or taken back, keys in a comment are text, a held key is one key."""
    write(ROWS[:3], workspace)
    with served(workspace, "--annotator", "anna") as server:
        tab.goto(server.page)
        press(tab, "s", "c")
        tab.keyboard.type("10 s b")
        press(tab, "Escape", "1")
        assert "1 of 3 labelled, 1 skipped" == counts(tab)
        press(tab, "b")
        assert "You said acceptable. Another label takes its place." == tab.locator("#before").inner_text()
        assert "10 s b" == tab.locator("#comment").input_value()
        press(tab, "f", "b", "0")
        tab.keyboard.down("1")
        tab.keyboard.down("1")
        tab.keyboard.up("1")
        assert "2 of 3 labelled, 1 skipped" == counts(tab)
        assert "You skipped this one before." == tab.locator("#before").inner_text()
        press(tab, "1")
        assert "You labelled all 3 answers. Your labels are in data/labels/anna.jsonl." == tab.locator("#done-text").inner_text()
        press(tab, "1", "b", "s")
        assert "2 of 3 labelled, 1 skipped" == counts(tab)
    assert [None, 1.0, 0.0, 1.0, 1.0, None] == given()
    assert ["10 s b", "10 s b"] == [label.comment for label in labels.read_file(labels.path_of("anna")) if label.comment]
    assert [] == tab.said


def test_a_key_that_is_struck_twice_labels_one_answer(workspace: Path, tab: Any) -> None:
    """Neither before the next answer is there nor just after it: nobody has read it yet."""
    write(ROWS[:3], workspace)
    strike = "document.dispatchEvent(new KeyboardEvent('keydown', {key: '1'}))"
    with served(workspace, "--annotator", "anna") as server:
        ready(tab.goto(server.page) and tab)
        # In the page itself, where 50 ms after the next answer are that, however busy the machine is.
        tab.evaluate(
            f"() => {{ const strike = () => {strike}; const later = new MutationObserver(() => setTimeout(strike, 50));"
            "later.observe(document.getElementById('counts'), {childList: true}); strike(); strike() }"
        )
        tab.get_by_text("1 of 3 labelled").wait_for()
        tab.wait_for_timeout(400)
        assert "1 of 3 labelled" == counts(tab)
    assert [1.0] == given()


def test_what_could_not_be_written_stays_on_the_page(workspace: Path, tab: Any) -> None:
    """The page says what is wrong and keeps answer and comment; when it can be written the same key goes on."""
    write(ROWS[:2], workspace)
    with served(workspace, "--annotator", "anna") as server:
        ready(tab.goto(server.page) and tab)
        question = tab.locator("#question").inner_text()
        (workspace / "data/labels").write_text("a file where the folder should be")
        press(tab, "c")
        tab.keyboard.type("so far")
        press(tab, "Escape", "1")
        assert "The label could not be written: File exists." in tab.locator("#message").inner_text()
        assert (question, "so far") == (tab.locator("#question").inner_text(), tab.locator("#comment").input_value())
        (workspace / "data/labels").unlink()
        press(tab, "1")
        assert ("1 of 2 labelled", False) == (counts(tab), tab.locator("#message").is_visible())
    assert ["so far"] == [label.comment for label in labels.read()]


@pytest.mark.parametrize("arguments", [(), ("--levels",)])
def test_a_narrow_screen_scrolls_one_way_and_is_labelled_by_touch(workspace: Path, browser: Any, arguments: tuple[str, ...]) -> None:
    """At 400 pixels nothing is wider than the screen, not even a word without an end; buttons are large enough for a finger."""
    write([row("long", f"{LONG} {LONG}", [LONG, "In Ghana."], LONG), row("empty", None, None, None)], workspace)
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    tab = context.new_page()
    with served(workspace, *arguments) as server:
        ready(tab.goto(server.page) and tab)
        wide = [tab.evaluate("document.documentElement.scrollWidth")]
        tab.locator("#name").fill("anna")
        tab.get_by_role("button", name="Start").tap()
        for _ in range(2):
            ready(tab)
            tab.locator("#comment-button").tap()
            wide.append(tab.evaluate("document.documentElement.scrollWidth"))
            sizes = [button.bounding_box() for button in tab.locator("#controls button:visible").all()]
            assert [] == [size for size in sizes if size["height"] < 40 or size["width"] < 40]
            tab.locator("#labels button").last.tap()
        assert "2 of 2 labelled" == counts(tab)
        assert [400, 400, 400] == wide
    assert [1.0 if arguments else 0.0] * 2 == given()
    context.close()


def test_eleven_levels_have_eleven_keys(workspace: Path, tab: Any) -> None:
    """0 to 9 are tenths; x and Enter are 1.0."""
    write(ROWS[:4], workspace)
    with served(workspace, "--annotator", "anna", "--levels") as server:
        tab.goto(server.page)
        press(tab, "0", "7", "x", "Enter", "b")
        assert "You said 1.0. Another label takes its place." == tab.locator("#before").inner_text()
    assert [0.0, 0.7, 1.0, 1.0] == given()


def test_what_models_wrote_is_shown_and_never_run(workspace: Path, tab: Any) -> None:
    """Every field of a row is hostile: it stands there letter for letter, nothing of it becomes an element, and nothing runs."""
    write([{**row("a", HOSTILE, [HOSTILE], HOSTILE), "question": HOSTILE}], workspace)
    with served(workspace, "--annotator", "anna") as server:
        ready(tab.goto(server.page) and tab)
        assert [HOSTILE] * 4 == [tab.locator(place).inner_text() for place in ("#question", "#answer", "#passage", "#reference li")]
        assert 0 == tab.locator("main img, main script, main a").count()
        # What a fault of ours would let in is stopped as well: the policy refuses to make an element or a handler of a text.
        for fault in ("innerHTML = html", "setAttribute('onclick', html)", "insertAdjacentHTML('beforeend', html)"):
            with pytest.raises(chromium.sync_api.Error, match="requires 'Trusted"):
                tab.evaluate(f"html => {{ document.getElementById('answer').{fault} }}", HOSTILE)
        # Nor is anything fetched that the page does not need.
        tab.evaluate("() => { const image = new Image(); image.src = '/none.png'; document.body.append(image) }")
        tab.wait_for_timeout(200)
        assert tab.evaluate("window.ran === undefined")
    assert any("Content Security Policy" in line for line in tab.said)


def test_a_stranger_gets_nothing(workspace: Path, tab: Any) -> None:
    """Without the token, or with that of an earlier start, there is no page, and another page cannot read the data."""
    write(ROWS[:2], workspace)
    with served(workspace) as server:
        origin = server.page.rsplit("/", 2)[0]
        for path in ("/", "/page.html", "/wrong-token/"):
            response = tab.goto(origin + path)
            assert (403, 0) == (response.status, tab.locator("script, form").count())
        tab.goto("data:text/html,<p>another page</p>")
        reads = f"fetch('{origin}/api/row?annotator=anna', {{headers: {{'X-Judge-Token': '{server.headers['X-Judge-Token']}'}}}})"
        assert "refused" == tab.evaluate(f"{reads}.then(() => 'read', () => 'refused')")
    assert not Path("data/labels").exists()


def test_two_people_and_two_tabs_label_at_one_server(workspace: Path, tab: Any) -> None:
    """Each name has its own progress and file; what one tab labelled the other tab of the same person does not ask again."""
    write(ROWS[:4], workspace)
    with served(workspace) as server:
        tabs = [tab, *(tab.context.new_page() for _ in range(2))]
        for each, name in zip(tabs, ("anna", "bela", "anna"), strict=True):
            ready(each.goto(server.page) and each)
            each.locator("#name").fill(name)
            press(each, "Enter")
        press(tabs[0], "1", "1")
        press(tabs[1], "0")
        assert ["2 of 4 labelled", "1 of 4 labelled", "0 of 4 labelled"] == [counts(each) for each in tabs]
        press(tabs[2], "0")
        assert "2 of 4 labelled" == counts(tabs[2])
        assert tabs[0].locator("#question").inner_text() == tabs[2].locator("#question").inner_text()
        assert [] == [secret for secret in SECRETS if any(secret in each.content() for each in tabs)]
    assert ([1.0, 1.0, 0.0], [0.0]) == (given("anna"), given("bela"))
