"""Build a commit again, beside the project: its files in a scratch copy, with caches of its own, and `dvc repro`."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from judge.errors import JudgeError
from judge.models.folders import cache_folder, models_folder
from judge.models.replies import ReplyStore
from judge.settings import read_params

LOCK = Path("dvc.lock")
_STDERR = 2


def locked_stages(lock: Path) -> dict[str, Any]:
    """What a dvc.lock says of each stage, each stage after those that it depends on.

    Raises:
        SettingsError: it is missing or no valid YAML.
    """
    stages: dict[str, Any] = read_params(lock).get("stages", {})
    made = {path: name for name, stage in stages.items() for path in outs(stage)}
    needed = {
        name: [made[out] for dep in stage.get("deps", []) for out in made if _within(out, dep["path"]) or _within(dep["path"], out)]
        for name, stage in stages.items()
    }
    return {name: stages[name] for name in TopologicalSorter(needed).static_order()}


def outs(stage: dict[str, Any]) -> dict[str, str]:
    """The MD5 of each out of a stage, by its path."""
    return {out["path"]: out["md5"] for out in stage.get("outs", [])}


def md5(path: Path) -> str:
    """The MD5 of a file or a folder, as DVC writes it into dvc.lock."""
    if path.is_file():
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    files = {file.relative_to(path).as_posix(): md5(file) for file in path.rglob("*") if file.is_file()}
    listing = [{"md5": files[name], "relpath": name} for name in sorted(files)]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def extract(folder: Path) -> None:
    """Put the files of the last commit into a new folder.

    Raises:
        JudgeError: this is no git repository, it has no commit, or the commit holds no dvc.lock.
    """
    archive = subprocess.run(["git", "archive", "HEAD"], capture_output=True, check=False)  # noqa: S607 - git, as the user has it
    if archive.returncode:
        raise JudgeError(f"git says: {archive.stderr.decode().strip()}\nNext: run this in the project's top folder.")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    if not (folder / LOCK).is_file():
        raise JudgeError(f"The last commit has no {LOCK}, so it says of nothing how it was built.\nNext: `dvc repro`, and commit {LOCK}.")


def uncommitted() -> list[str]:
    """Files that git tracks and that are not as they were committed."""
    status = ["git", "--no-optional-locks", "status", "--porcelain", "--untracked-files=no", "--no-renames", "-z"]
    changed = subprocess.run(status, capture_output=True, check=True)  # noqa: S603 - git, as the user has it
    # Two letters that say how, a space, and the path.
    return [os.fsdecode(line[3:]) for line in changed.stdout.split(b"\0") if line]


def copy(committed: Path, target: Path) -> None:
    """Copy what the commit is built from: its files less what stages made, and from here what people put into data/, told by its MD5."""
    stages = locked_stages(committed / LOCK)
    made = [path for stage in stages.values() for path in outs(stage)]
    shutil.copytree(committed, target, symlinks=True)
    for path in [*made, str(LOCK)]:
        _remove(target / path)
    needed = {dep["path"]: dep["md5"] for stage in stages.values() for dep in stage.get("deps", [])}
    for path, expected in needed.items():
        # Code that is not in the commit is missing for everybody else: it is not taken along.
        if not _within(path, "data") or any(_within(path, out) or _within(out, path) for out in made):
            continue
        if not holds(target / path, expected) and holds(Path(path), expected):
            _remove(target / path)
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if Path(path).is_dir() else shutil.copy2)(path, target / path)


def holds(path: Path, expected: str) -> bool:
    """Whether a file or folder is there, with this MD5."""
    return path.exists() and md5(path) == expected


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def run(target: Path) -> bool:
    """Run `dvc repro` in the copy, its output on stderr; whether it came to its end.

    Nothing is restored: the copy has a DVC cache and a cache of replies of its own. What was paid for is not asked and paid again:
    replies of hosted models are taken along. So are the files of models, which are told by their hash.
    """
    local = target / ".dvc/config.local"
    local.parent.mkdir(exist_ok=True)
    caches = f"[cache]\n    dir = {target.resolve() / '.dvc/cache'}\n"
    local.write_text(f"[core]\n    no_scm = true\n    analytics = false\n{caches}", encoding="utf-8")
    replies = target.resolve() / ".cache"
    _take_along_what_was_paid_for(replies)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "JUDGE_CACHE": str(replies),
        "JUDGE_MODELS": str(models_folder().resolve()),
    }
    repro = [sys.executable, "-m", "dvc", "repro"]
    return subprocess.run(repro, cwd=target, env=environment, stdout=_STDERR, check=False).returncode == 0  # noqa: S603


def _take_along_what_was_paid_for(folder: Path) -> None:
    store = cache_folder() / "replies.sqlite"
    if not store.is_file():
        return
    here, there = ReplyStore(store), ReplyStore(folder / "replies.sqlite")
    try:
        here.copy_paid(there)
    finally:
        here.close()
        there.close()


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
