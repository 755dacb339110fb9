"""Build the project again, beside itself: a copy of what git tracks, with caches of its own, and `dvc repro`."""

import os
import shutil
import subprocess
import sys
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


def copy(target: Path) -> None:
    """Copy what the project is made from: what git tracks, as it stands now, and data that people put in; none of what stages made.

    Raises:
        JudgeError: this is no git repository, or nothing has been built here.
    """
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=False)  # noqa: S607 - git, as the user has it
    if listed.returncode:
        raise JudgeError(f"git says: {listed.stderr.decode().strip()}\nNext: run this in the project's top folder.")
    if not LOCK.is_file():
        raise JudgeError(f"There is no {LOCK} here, so nothing was built that could be verified.\nNext: `dvc repro`.")
    stages = locked_stages(LOCK)
    made = [out for stage in stages.values() for out in outs(stage)] + [str(LOCK)]
    put_in = [dep["path"] for stage in stages.values() for dep in stage.get("deps", [])]
    names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    names += [path.as_posix() for folder in put_in for path in [Path(folder), *Path(folder).rglob("*")] if "__pycache__" not in path.parts]
    for name in sorted(set(names)):
        if Path(name).is_file() and not any(_within(name, out) for out in made):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, target / name)
        elif Path(name).is_dir() and not any(_within(name, out) or _within(out, name) for out in made):
            (target / name).mkdir(parents=True, exist_ok=True)


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
