"""Note which of the project's files a stage opens: Python imports this file by itself where its folder is on PYTHONPATH.

A process `python -m stages.NAME` writes OPENED_FILES/NAME.json: the paths that it read or listed, and those that it wrote.
With arguments the file is named as DVC names such a stage: answer@gemma-passage for `generator=gemma-passage`.
What native code opens is not seen (the weights in a folder of safetensors, say); the files beside them are.
"""

import atexit
import json
import os
import sys
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _watch(stage: str, log: Path) -> None:
    root = Path.cwd()
    opened: dict[str, set[str]] = {"read": set(), "listed": set(), "written": set()}

    def note(kind: str, path: Any) -> None:
        # A folder is opened to be flushed; when it is listed, that is an event of its own.
        if isinstance(path, int | None) or (kind == "read" and os.path.isdir(path)):  # noqa: PTH112
            return
        absolute = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - resolve() would open links, and this runs inside open()
        # A name with a dot in front is a cache, or a file on its way to its real name.
        if absolute.is_relative_to(root) and not any(part.startswith(".") for part in absolute.relative_to(root).parts):
            opened[kind].add(absolute.relative_to(root).as_posix())

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            note("written" if flags & _WRITES else "read", path)
        elif event in ("os.listdir", "os.scandir"):
            note("listed", arguments[0])
        elif event == "os.rename":
            note("written", arguments[1])

    def write() -> None:
        log.mkdir(parents=True, exist_ok=True)
        (log / f"{stage}.json").write_text(json.dumps({kind: sorted(paths) for kind, paths in opened.items()}), encoding="utf-8")

    atexit.register(write)
    sys.addaudithook(hook)


if sys.orig_argv[1:2] == ["-m"] and sys.orig_argv[2].startswith("stages.") and "OPENED_FILES" in os.environ:
    _stage = sys.orig_argv[2].removeprefix("stages.")
    _items = [argument.partition("=")[2] for argument in sys.orig_argv[3:]]
    _watch("@".join([_stage, *_items]), Path(os.environ["OPENED_FILES"]))
