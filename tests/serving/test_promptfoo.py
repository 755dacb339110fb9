"""The configuration for promptfoo of docs/serve.md, run by promptfoo itself against `judge serve`."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.serving.served import PATIENCE_S, ROW, Served, served

_PROMPTFOO = shutil.which("promptfoo")
pytestmark = pytest.mark.skipif(_PROMPTFOO is None, reason="promptfoo is not on the PATH: npm install --global promptfoo, Node.js 22.22")

# The second would be arithmetic in promptfoo's templates, and is text; the third gets no verdict.
ANSWERS = (ROW["answer"], 'A "trumpet"\nof {{ 7 * 7 }} \\ bräss.', "...")


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that wants a token."""
    with served(folder, tmp_path_factory.mktemp("served"), "--token-env", "ASKED", ASKED="a-token") as started:
        yield started


def _evaluated(server: Served, folder: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What promptfoo says of each row, in order."""
    page = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    config = yaml.safe_load(text.replace("http://127.0.0.1:8000", server.url))
    raw = "{% raw %}"
    config["tests"] = [{"vars": row | {"answer": f"{raw}{row['answer']}{raw.replace('raw', 'endraw')}"}} for row in rows]
    (folder / "promptfooconfig.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    # Nobody listens at the port of the proxy, so nothing but loopback is reached.
    environment = {
        **os.environ,
        "JUDGE_TOKEN": "a-token",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
        "PROMPTFOO_CONFIG_DIR": str(folder / "promptfoo"),
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
    }
    command = [str(_PROMPTFOO), "eval", "--no-cache", "--no-share", "--no-write", "-o", "out.json"]
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (folder / "out.json").exists(), done.stderr
    found = json.loads((folder / "out.json").read_text(encoding="utf-8"))["results"]["results"]
    return sorted(found, key=lambda each: int(each["testIdx"]))


def test_promptfoo_has_the_students_scores_and_classes(server: Served, tmp_path: Path) -> None:
    """Those of /v1/judge, for an answer full of what JSON and templates would read; what gets no verdict is an error and says why."""
    rows = [{**ROW, "answer": answer} for answer in ANSWERS]
    *judged, failed = _evaluated(server, tmp_path, rows)
    said = [server.post("/v1/judge", {"rows": [row]}, authorization="Bearer a-token").json()["judgments"][0] for row in rows[:2]]
    assert [ANSWERS[0], ANSWERS[1]] == [each["response"]["output"] for each in judged]
    assert [each["class"] == "acceptable" for each in said] == [each["success"] for each in judged]
    assert [pytest.approx(each["score"], abs=1e-6) for each in said] == [each["score"] for each in judged]
    assert (False, True) == (failed["success"], "gives no verdict on this answer" in failed["error"])
