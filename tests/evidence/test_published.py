"""The published files: copied where they stand beside the project, else fetched; never kept with another hash."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from evidence import published
from evidence.published import Published, fetch
from judge.errors import DocumentError
from tests.conftest import ROOT

CONTENT = b'[{"question": "Where?"}]\n'
FILE = Published("one.json", "somebody/data", "0123abcd", "folder/one.json", hashlib.sha256(CONTENT).hexdigest(), "CC0-1.0")
OTHER = FILE._replace(name="two.json", path="folder/two.json")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server on loopback, and the folder in which it looks for a file of `FILE`'s commit."""
    folder = tmp_path / "served" / FILE.repository / FILE.commit / "folder"
    folder.mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_from_its_commit(home: tuple[str, Path], tmp_path: Path) -> None:
    """The address is repository, commit and path; the bytes are those that the server has; a second time nothing is fetched."""
    address, folder = home
    (folder / "one.json").write_bytes(CONTENT)

    said = fetch([FILE], tmp_path / "here", tmp_path / "nothing", address)
    (folder / "one.json").unlink()
    again = fetch([FILE], tmp_path / "here", tmp_path / "nothing", address)

    assert CONTENT == (tmp_path / "here/one.json").read_bytes()
    assert [f"{tmp_path}/here/one.json is fetched from {address}/somebody/data/0123abcd/folder/one.json"] == said
    assert [f"{tmp_path}/here/one.json is there"] == again


def test_a_file_that_stands_beside_the_project_is_copied(tmp_path: Path) -> None:
    """Nothing is asked of any address then: this one would fail."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/one.json").write_bytes(CONTENT)

    fetch([FILE], tmp_path / "here", tmp_path / "shared", "http://127.0.0.1:9")

    assert CONTENT == (tmp_path / "here/one.json").read_bytes()


@pytest.mark.parametrize("source", ["server", "shared"])
def test_another_hash_keeps_nothing_and_names_both(home: tuple[str, Path], tmp_path: Path, source: str) -> None:
    """A file that was changed where it is from, on the server or beside the project, is refused, and an older one stands."""
    address, folder = home
    changed = CONTENT + b"\n"
    target = tmp_path / "here/one.json"
    target.parent.mkdir()
    target.write_bytes(b"older")
    (tmp_path / "shared").mkdir()
    (folder / "one.json" if source == "server" else tmp_path / "shared/one.json").write_bytes(changed)

    with pytest.raises(DocumentError) as error:
        fetch([FILE], tmp_path / "here", tmp_path / "shared", address)

    assert FILE.sha256 in str(error.value)
    assert hashlib.sha256(changed).hexdigest() in str(error.value)
    assert [target] == list(target.parent.iterdir())
    assert b"older" == target.read_bytes()


def test_what_cannot_be_had_is_named_with_its_address(home: tuple[str, Path], tmp_path: Path) -> None:
    """The message has every missing file, its address, its licence and where to put it; what could be had is kept."""
    address, folder = home
    (folder / "one.json").write_bytes(CONTENT)

    with pytest.raises(DocumentError) as error:
        fetch([FILE, OTHER, OTHER._replace(name="three.json")], tmp_path / "here", tmp_path / "nothing", address)

    assert "2 of 3 published files" in str(error.value)
    assert f"{address}/somebody/data/0123abcd/folder/two.json\n    as {tmp_path}/here/two.json (CC0-1.0)" in str(error.value)
    assert "three.json" in str(error.value)
    assert (tmp_path / "here/one.json").is_file()


def test_the_command_exits_with_2_and_says_where_to_get_them(tmp_path: Path) -> None:
    """Without a network and without the files beside the project there is no traceback."""
    asked = subprocess.run(
        [sys.executable, "-m", "evidence.published"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "ALL_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 2 == asked.returncode
    assert "Traceback" not in asked.stderr
    assert not [file for file in published.FILES if file.url() not in asked.stderr]


def test_every_pin_is_a_commit_and_a_hash() -> None:
    """Forty hexadecimal digits and sixty-four; the files that the tasks read are all there."""
    import yaml

    wanted = {entry["file"] for entry in yaml.safe_load((ROOT / "evidence/params.yaml").read_text(encoding="utf-8"))["read"].values()}
    assert wanted == {file.name for file in published.FILES}
    assert all(len(file.commit) == 40 and len(file.sha256) == 64 for file in published.FILES)
    assert all(set(file.commit + file.sha256) <= set("0123456789abcdef") for file in published.FILES)
