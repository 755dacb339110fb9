"""The pictures of the page in docs/: starts `judge annotate` on the project's test answers and takes it at 1280 and at 400 pixels.

Needs a built project, its folder as the current one, and Chromium (JUDGE_BROWSER, where it is not found by its name):
`python bench/annotate_pictures.py [--to FOLDER] [--levels] [--dark]`. The labels are written to a scratch copy, never to data/labels.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WIDTHS = {1280: 800, 400: 820}
LABELLED = 27
# What keeps Chromium from calling its makers, and lets it run in a container.
FLAGS = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update")


def main() -> None:
    """Label a few answers, then take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("docs"), metavar="FOLDER")
    parser.add_argument("--levels", action="store_true")
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "data").mkdir()
        for name in ("params.yaml", "data/test.jsonl"):
            shutil.copy(name, Path(scratch) / name)
        with serving(Path(scratch), *(["--levels"] if given.levels else [])) as address:
            take(address, given.to, "dark" if given.dark else "light", "-levels" if given.levels else "")


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """`judge annotate` for anna on the tables of a folder; yields its address."""
    command = [sys.executable, "-m", "judge", "annotate", "--annotator", "anna", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            for line in server.stdout or ():
                if line.startswith("Open "):
                    yield line.split()[1]
                    break
        finally:
            server.send_signal(signal.SIGINT)


def take(address: str, folder: Path, scheme: str, suffix: str) -> None:
    """Take the page at each width, some answers labelled, and save it as annotate-WIDTH.png."""
    from playwright.sync_api import sync_playwright

    browser_path = os.environ.get("JUDGE_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=[f"--{flag}" for flag in FLAGS])
        for width, height in WIDTHS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=width == 400)  # type: ignore[arg-type] # light or dark
            page = context.new_page()
            page.goto(address)
            page.locator("main:not([aria-busy])").wait_for()
            page.locator("#row").wait_for()
            while int(page.locator("#counts").inner_text().split()[0]) < LABELLED:
                page.keyboard.press("1")
                page.locator("main[aria-busy]").wait_for()
                page.locator("main:not([aria-busy])").wait_for()
            page.locator("main:not([aria-busy])").wait_for()
            path = folder / f"annotate{suffix}-{width}.png"
            page.screenshot(path=path)
            print(f"{path}: {path.stat().st_size // 1000} kB")
        browser.close()


if __name__ == "__main__":
    main()
