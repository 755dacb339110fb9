"""Put the published files into evidence/data/published, each pinned by its commit and its SHA-256: `python -m evidence.published`.

They are taken from ../shared/data where that stands beside the project, else from their public homes, and are never committed.
"""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from judge.errors import DocumentError, JudgeError
from judge.tables import atomic

FOLDER = Path("evidence/data/published")
SHARED = Path("../shared/data")
HOME = "https://raw.githubusercontent.com"
_TIMEOUT_S = 60.0


class Published(NamedTuple):
    """A file that others have published: the name it gets here, and where it is from."""

    name: str
    repository: str
    commit: str
    path: str
    sha256: str
    licence: str

    def url(self, home: str = HOME) -> str:
        """Where it can be fetched."""
        return f"{home}/{self.repository}/{self.commit}/{self.path}"


_BEGIN = ("google/BEGIN-dataset", "78e2215a158744b14d080e90c8135a2039f52eb8")
FILES = (
    Published(
        "evouna_NQ.json",
        "wangcunxiang/QA-Eval",
        "5e82f3cb5b7e9a583803e4fc6fe4b5c794f74024",
        "EVOUNA/NQ.json",
        "617c7fd95fe4177f39e2304c943cc0abbdbf539bc8a4fb61aeaef255bed503a1",
        "Apache-2.0",
    ),
    Published(
        "begin_dev_wow.tsv",
        *_BEGIN,
        "wow/begin_dev_wow.tsv",
        "2ebfc95a1ff267e12dcce3250da4d158e1811c62e9e1a0d56f110efc9ace0178",
        "CC-BY-4.0",
    ),
    Published(
        "begin_dev_tc.tsv",
        *_BEGIN,
        "topicalchat/begin_dev_tc.tsv",
        "d799a8cb3635de41b7f284dcfc872544ddeadcbae0c2ffd684270cce671f7711",
        "CDLA-Sharing-1.0",
    ),
    Published(
        "begin_dev_cmu.tsv",
        *_BEGIN,
        "cmu-dog/begin_dev_cmu.tsv",
        "9482294df23cf08a976773ca73203b84f7178534ecab1a206eaade365e97071c",
        "CC-BY-4.0",
    ),
    # Later commits have moved the file to eval/benchmark/data; its bytes are the same.
    Published(
        "vicuna_eval.json",
        "prometheus-eval/prometheus-eval",
        "49068950830a718f84d919c567d415e5628a6916",
        "src/evaluation/benchmark/data/vicuna_eval.json",
        "131550a5815f75014a3ea71b0f534fb7ef0ca49b714c4e66935c35fdee1daacc",
        "Apache-2.0",
    ),
)


def fetch(files: Sequence[Published] = FILES, folder: Path = FOLDER, shared: Path = SHARED, home: str = HOME) -> list[str]:
    """Put every file into the folder; one that is there already, with its hash, is kept.

    Args:
        files: what is wanted.
        folder: where they go.
        shared: a folder that may have them, under the same names.
        home: what the public addresses begin with.

    Returns:
        For each file a line that says where it came from.

    Raises:
        DocumentError: a file has another hash than the pinned one, and was not kept; or some can be had nowhere, and are named with
            their addresses.
    """
    said: list[str] = []
    missing: list[Published] = []
    for file in files:
        target = folder / file.name
        if target.is_file() and _hash(target.read_bytes()) == file.sha256:
            said.append(f"{target} is there")
        elif (shared / file.name).is_file():
            _keep(file, (shared / file.name).read_bytes(), target, str(shared / file.name))
            said.append(f"{target} is copied from {shared}")
        else:
            # Where one address cannot be reached, the next one is not waited for.
            content = None if missing else _download(file.url(home))
            if content is None:
                missing.append(file)
            else:
                _keep(file, content, target, file.url(home))
                said.append(f"{target} is fetched from {file.url(home)}")
    if missing:
        wanted = "".join(f"\n  {file.url(home)}\n    as {folder / file.name} ({file.licence})" for file in missing)
        raise DocumentError(
            f"{len(missing)} of {len(files)} published files are neither in {shared} nor to be had from here.\n"
            f"Next: fetch them where there is a network, and put them into {folder}:{wanted}",
        )
    return said


def _keep(file: Published, content: bytes, target: Path, source: str) -> None:
    found = _hash(content)
    if found != file.sha256:
        raise DocumentError(
            f"{source} is not the file that is pinned as {file.name}; it is not kept.\n"
            f"  expected SHA-256 {file.sha256}\n"
            f"  found    SHA-256 {found}\n"
            f"Next: get the one of {file.repository} at commit {file.commit}, {file.path}.",
        )
    atomic.write_bytes(target, content)


def _download(url: str) -> bytes | None:
    """What an address gives; None where it cannot be reached or does not have it."""
    import httpx

    try:
        return httpx.get(url, timeout=_TIMEOUT_S, follow_redirects=True).raise_for_status().content
    except httpx.HTTPError as error:
        sys.stderr.write(f"{url}: {error}\n")
        return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    try:
        print("\n".join(fetch()))
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
