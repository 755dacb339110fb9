"""Where a student lies: a folder, a revision of a project, or a model hub; each becomes a folder here.

`judge.load` is `load` of this module.
"""

import hashlib
import re
from pathlib import Path

from judge.errors import StudentError
from judge.models import folders
from judge.students import registry, saved
from judge.students.student import Student
from judge.tables import atomic

STUDENT = "data/student"
"""Where a project has its student."""

HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
"""ORGANISATION/NAME."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
FILES = ("*.json", "*.jsonl", "*.safetensors", "*.onnx", "chat_template.jinja", "README.md")
"""What of a folder is fetched from a hub, and what `judge push` takes there.

Nothing of it runs code when it is read; transformers keeps what a template does in Jinja's sandbox.
"""


def load(
    where: Path | str | None = None,
    *,
    rev: str | None = None,
    repo: str | None = None,
    budget_usd: float | None = None,
    passages: Path | str | None = None,
) -> Student:
    """Load a student: `load("data/student")`, `load("v1.0")`, `load("REPOSITORY@v1.0")`, `load("ORGANISATION/NAME")`.

    Args:
        where: a folder that is there; else, with an @, a repository of a project and a revision of it, or a model of the hub and a
            revision of it; else, with one slash, a model of the hub; else a revision of the project around the current folder.
        rev: the revision of a project, whatever it looks like: a commit, a branch, a tag.
        repo: its repository, a folder or an address; None is the one around the current folder.
        budget_usd: dollars that all runs with this cache may pay together for a hosted student; None is no limit.
        passages: a folder in which what is read of passages is kept, about a megabyte each, for other runs; None is none.

    Raises:
        StudentError: there is no such student, it cannot be fetched, or what is there is no complete one; or it keeps no passages.
        JudgeError: the folder for passages cannot be written.
    """
    student = saved.load(folder(where, rev=rev, repo=repo), budget_usd=budget_usd)
    if passages is not None:
        student.keep_passages(Path(passages))
    return student


def folder(where: Path | str | None, *, rev: str | None = None, repo: str | None = None) -> Path:
    """The folder of a student, fetched where it is not here; as `load`."""
    if (where is None) == (rev is None and repo is None):
        raise StudentError("A student is named by a folder, revision or id, or by rev= and repo=.\nNext: give one of the two.")
    if where is None:
        return _of_revision(repo or ".", rev or "HEAD")
    text = str(where)
    if isinstance(where, Path) or Path(text).is_dir() or text == STUDENT:
        return Path(text).expanduser()
    before, at, revision = text.rpartition("@")
    name = before if at else text
    is_project = bool(at) and (not name or ":" in name or Path(name).is_dir())
    # A slip in the name of a folder is nothing to ask a hub about.
    if not is_project and (text.startswith((".", "/", "~")) or ("/" in text and Path(text).parent.is_dir())):
        return Path(text).expanduser()
    if at and (not revision or ":" in revision):
        raise StudentError(f"{text} names no revision after its last @.\nNext: REPOSITORY@REVISION, or rev= and repo=.")
    if not is_project and HUB_ID.fullmatch(name):
        return _of_hub(name, revision if at else None)
    return _of_revision(name or ".", revision) if at else _of_revision(".", name)


def fingerprint(where: Path, student: Student) -> str:
    """A hash of all files that a student is loaded from."""
    digest = hashlib.sha256()
    if_any = [path.name for kind in ("*.onnx", "*.jinja") for path in where.glob(kind)]
    for name in sorted({saved.CONFIG, *if_any, *registry.student_class(student.option.kind).FILES}):
        with (where / name).open("rb") as file:
            digest.update(f"{name}\n".encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _of_hub(name: str, revision: str | None) -> Path:
    """The snapshot of a model of the hub, in the hub's own cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # the base of its errors, from the client it is made with

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(FILES)))
    except (OSError, ValueError, HTTPError) as error:
        reason = str(error).strip().splitlines()[0]
        at = f" at {revision}" if revision else ""
        raise StudentError(
            f"There is no folder {name} here, and the hub's model of that name cannot be had{at}: {reason}\n"
            "Next: check the id and the network, log in to the hub if it is private, or name the folder of a student; "
            "a branch with a slash is rev=NAME."
        ) from None


def _of_revision(repo: str, rev: str) -> Path:
    """The student of a project's revision, fetched once into the cache by the commit that it was made by."""
    kept = folders.cache_folder() / "students"
    if _COMMIT.fullmatch(rev) and (kept / rev).is_dir():
        return kept / rev
    try:
        from dvc.exceptions import DvcException
        from dvc.repo import Repo
        from scmrepo.exceptions import SCMError
    except ModuleNotFoundError:
        raise StudentError(
            f"{rev} names no folder here, and reading it as a revision needs the package dvc, which is not installed.\n"
            "Next: check the name of the folder, or pip install dvc."
        ) from None
    try:
        with Repo.open(repo, rev=rev) as opened:
            files = opened.dvcfs
            if not files.isfile(f"/{STUDENT}/{saved.CONFIG}"):
                raise _unavailable(repo, rev, f"it has no {STUDENT}")

            def fetch(target: Path) -> None:
                try:
                    for path in files.find(f"/{STUDENT}"):
                        files.get_file(path, str(target / Path(path).name))
                except OSError as error:
                    raise _unavailable(repo, rev, str(error)) from None

            return atomic.make_once(kept / str(opened.get_rev()), fetch)
    except (DvcException, SCMError, OSError) as error:
        raise _unavailable(repo, rev, str(error)) from None


def _unavailable(repo: str, rev: str, why: str) -> StudentError:
    return StudentError(
        f"The student of {rev} in {'this project' if repo == '.' else repo} cannot be had: {why}.\n"
        f"Next: check the revision; `dvc push` there and a remote put {STUDENT} within reach, `dvc repro` makes it."
    )
