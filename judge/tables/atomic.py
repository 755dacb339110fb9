"""Write a file or a folder so that a reader never sees half of it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from judge.errors import JudgeError
from judge.tables.dry_run import DRY_RUN, Planned


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` by way of a temporary file, fsync and rename.

    Raises:
        JudgeError: the disk is full or the folder cannot be written; the old file stands as it was.
        Planned: in a dry run, which writes nothing and got this far without asking anything.
    """
    _refuse_in_dry_run()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; a table should have the rights that any other new file gets.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, content: str) -> None:
    """Write `content` as UTF-8 the way `write_bytes` does."""
    write_bytes(path, content.encode())


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder that replaces `path` as a whole when the block succeeds.

    Raises:
        JudgeError: the disk is full or the parent cannot be written; an older `path` stands as it was.
        Planned: in a dry run.
    """
    _refuse_in_dry_run()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        for file in sorted(temporary.rglob("*")):
            if file.is_file():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def make_once(path: Path, fill: Callable[[Path], None]) -> Path:
    """Return the folder `path`, made by `fill` when it is not there yet.

    Two processes may race: whoever renames first wins, and the other one's work is thrown away.
    """
    if not path.is_dir():
        with new_folder(path) as folder:
            fill(folder)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_in_dry_run() -> None:
    if DRY_RUN.get():
        raise Planned("nothing is left to ask", 0, 0)


def _unwritable(path: Path, error: OSError) -> JudgeError:
    return JudgeError(
        f"{path} could not be written: {error.strerror or error}.\n"
        "Nothing half-written was left behind. Free some space or fix the folder's rights, then run the same command again.",
    )
