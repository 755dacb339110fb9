"""A real Chromium for tests of pages: import `browser`, which is a fixture, and mark the file with `needed`."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install -e '.[dev]'")

BROWSER = os.environ.get("JUDGE_BROWSER") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needed = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium: install it, or name it in JUDGE_BROWSER")

# It runs in a container without a sandbox of its own, and calls nobody.
_FLAGS = (
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a file."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=[f"--{flag}" for flag in _FLAGS])
        yield chromium
        chromium.close()


@contextmanager
def new_tab(chromium: Any, timeout_ms: int) -> Iterator[Any]:
    """A tab of a browser that nobody used before; what its console says goes to `tab.said`, and nothing may take longer than that."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(timeout_ms)
    tab = context.new_page()
    tab.said = []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    yield tab
    context.close()
