"""The files of one revision, read from git, from DVC's cache, or from a remote, each with an error that names file and revision."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from judge.errors import TableError
from judge.report.commits import WORKSPACE, RevisionError
from judge.tables.schema import Row

MAKE_AGAIN = "Next: `dvc repro` at that revision makes it again."


class UnavailableError(RevisionError):
    """A file that dvc.lock names cannot be had: it is neither in the cache nor in a remote that answers."""


@dataclass(frozen=True)
class RevisionFiles:
    """`system` is DVC's file system at a revision, which looks into git, the cache, and the remotes; `name` is the revision's."""

    system: Any
    name: str

    def paths(self, folder: str, *suffixes: str) -> list[str]:
        """The files in a folder and below it that end so, sorted."""
        return sorted(str(path).lstrip("/") for path in self.system.find(f"/{folder}") if str(path).endswith(suffixes))

    def yaml(self, path: str) -> Any:
        """The values of a YAML file."""
        from dvc.utils.serialize import YAMLFileCorruptedError, parse_yaml

        with self._open(path) as file:
            text = file.read()
        try:
            # By way of JSON a date, or a number that JSON lacks, becomes the text that stands for it.
            return json.loads(json.dumps(parse_yaml(text.decode(), path), default=str), parse_constant=str)
        except (YAMLFileCorruptedError, UnicodeDecodeError, TypeError):
            raise RevisionError(f"{path} of {self.name} is no valid YAML.\nNext: mend it, or compare another revision.") from None

    def json(self, path: str) -> Any:
        """The values of a JSON file."""
        try:
            return json.loads(self.text(path), parse_constant=str)
        except ValueError as error:
            raise RevisionError(f"{path} of {self.name} is no valid JSON ({error}).\nNext: `dvc repro` makes it anew.") from None

    def text(self, path: str) -> str:
        """A whole file as text."""
        with self._open(path) as file:
            content = file.read()
        try:
            return str(content.decode())
        except UnicodeDecodeError as error:
            raise RevisionError(f"{path} of {self.name} is no text ({error}).\nNext: `dvc repro` makes it anew.") from None

    def rows(self, path: str, columns: Sequence[str], notes: list[str]) -> Iterator[Row]:
        """The rows of a table, one at a time.

        Args:
            path: the table.
            columns: the first one has to be in each row; of the others, those that the first row lacks are noted.
            notes: gets a line for each such column.

        Raises:
            RevisionError: the table cannot be opened.
            TableError: a line is no JSON object, or lacks the first column.
        """
        with self._open(path) as lines:
            for number, line in enumerate(_read_lines(lines, path, self.name), start=1):
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise TableError(f"{path} of {self.name}, line {number}: no valid JSON ({error}).\n{MAKE_AGAIN}") from None
                if not isinstance(row, dict) or columns[0] not in row:
                    raise TableError(f"{path} of {self.name}, line {number}: no {columns[0]} stands there.\n{MAKE_AGAIN}")
                if number == 1:
                    notes += [f"{self.name}: {path} has no column {name}" for name in columns if name not in row]
                yield row

    def unavailable(self, paths: Iterable[str]) -> list[str]:
        """Why files cannot be had: a sentence for each, then one that says what to do; empty where all can be.

        Raises:
            RevisionError: a file was never made at this revision.
        """
        reasons = []
        for path in paths:
            try:
                self._open(path).close()
            except UnavailableError as error:
                reasons.append(str(error))
        if not reasons:
            return []
        return [*reasons, f"Next: `dvc pull` or `dvc fetch --all-commits` where a remote has it; else {self._make()}."]

    def _open(self, path: str) -> Any:
        try:
            return self.system.open(f"/{path}", mode="rb")
        except FileNotFoundError:
            raise self._missing(path) from None
        except OSError as error:
            raise UnavailableError(f"{path} of {self.name} cannot be read: {error}.") from None

    def _missing(self, path: str) -> RevisionError:
        try:
            entry = (self.system.info(f"/{path}").get("dvc_info") or {}).get("entry")
        except FileNotFoundError:
            return RevisionError(
                f"{self.name} has no {path}: neither git nor dvc.yaml has it there.\nNext: compare another revision, or {self._make()}."
            )
        if entry is None or entry.hash_info is None:
            return RevisionError(
                f"{self.name} has no {path}: dvc.lock has no entry for it, so it was not made there.\nNext: {self._make()}."
            )
        return UnavailableError(
            f"{path} of {self.name} is neither in the cache nor in a remote that answers (its MD5 is {entry.hash_info.value})."
        )

    def _make(self) -> str:
        return (
            "`dvc repro` makes it" if self.name == WORKSPACE else "check that revision out elsewhere (`git worktree add`) and `dvc repro`"
        )


def _read_lines(lines: Iterable[bytes], path: str, name: str) -> Iterator[bytes]:
    """The lines of an open file; only a line feed ends one."""
    try:
        yield from lines
    except OSError as error:
        raise RevisionError(f"{path} of {name} cannot be read to its end: {error}.\nNext: run it again.") from None
