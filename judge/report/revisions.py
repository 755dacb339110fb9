"""What a commit, a branch, a tag or an experiment of DVC holds, or the workspace, read without touching the working tree.

Older commits have older tables: a column that is missing there is said in `Revision.notes` and never stops a comparison.
"""

import json
import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from judge import tables
from judge.errors import JudgeError, JudgmentError, SettingsError, TableError
from judge.settings import check
from judge.tables import levels
from judge.tables.levels import LabelSettings
from judge.tables.schema import Row

WORKSPACE = "workspace"
PARAMS = "params.yaml"
# The libraries that DVC stands on speak through loggers of their own.
_LOGGERS = ("dvc", "dvc_data", "dvc_objects", "dvc_task", "scmrepo")
_KNOWN_SHOWN = 8
_TEXTS = ("document_id", "generator", "question", "answer")


class RevisionError(JudgeError):
    """A revision is not known, or lacks what a comparison reads."""


class Verdict(NamedTuple):
    """One judge's judgment of one answer: score and probability of acceptable in [0, 1], and the class; all None where there is none."""

    score: float | None
    probability: float | None
    label: str | None


class Answer(NamedTuple):
    """A row of the test table with both judgments; a text is None where the row has none."""

    document_id: str | None
    generator: str | None
    question: str | None
    answer: str | None
    teacher: Verdict
    student: Verdict


@dataclass(frozen=True)
class Revision:
    """One side of a comparison.

    `commit` is None for the workspace. `options` and `metrics` hold the files of conf/ and metrics/ by their path,
    `answers` the test rows by answer_id, and `notes` what the reader has to know of an older or a stale revision.
    """

    name: str
    commit: str | None
    params: dict[str, Any]
    threshold: float
    options: dict[str, Any]
    metrics: dict[str, Any]
    answers: dict[str, Answer]
    notes: list[str]


def read(names: Sequence[str]) -> list[Revision]:
    """Read revisions of the project that the current folder belongs to.

    Raises:
        RevisionError: this is no DVC project in a git repository, a name is not known, or a revision lacks the tables or the threshold.
        TableError: a table of a revision cannot be parsed.
    """
    from dvc.exceptions import DvcException, NotDvcRepoError
    from dvc.repo import Repo

    with _quiet():
        try:
            with Repo() as repo:
                return [_read(repo, name) for name in names]
        except NotDvcRepoError:
            raise RevisionError(
                "This folder belongs to no DVC project.\nNext: run it in a project's folder; `dvc init` makes one."
            ) from None
        except DvcException as error:
            raise RevisionError(f"DVC cannot open this project: {error}.\nNext: `dvc doctor` and `dvc status` say more.") from None


def flattened(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, keys joined by dots; lists stay whole."""
    if not isinstance(values, dict) or not values:
        return {prefix: values} if prefix else {}
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= flattened(value, f"{prefix}.{key}" if prefix else str(key))
    return flat


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the log and the progress bars of DVC off the terminal; what goes wrong comes as an exception."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _read(repo: Any, name: str) -> Revision:
    from dvc.exceptions import DvcException, NotDvcRepoError
    from dvc.repo.brancher import switch

    try:
        if name == WORKSPACE:
            return _Tree(repo.dvcfs, name).revision(None)
        with switch(repo, _commit(repo, name)) as commit:
            return _Tree(repo.dvcfs, name).revision(commit)
    except NotDvcRepoError:
        raise RevisionError(f"{name} has no DVC project in this folder.\nNext: compare with a later commit.") from None
    except DvcException as error:
        raise RevisionError(f"DVC cannot read {name}: {error}.\nNext: mend that, or compare another revision.") from None


def _commit(repo: Any, name: str) -> str:
    """The full hash of the commit that a name stands for."""
    from dvc.repo.experiments.utils import exp_refs
    from dvc.scm import NoSCM, RevError, resolve_rev
    from scmrepo.exceptions import SCMError

    scm = repo.scm
    if isinstance(scm, NoSCM):
        raise RevisionError(f"This project is in no git repository, so there is no {name}.\nNext: `git init`, commit, and compare then.")
    try:
        commit = str(resolve_rev(scm, name))
        scm.resolve_commit(commit)
    # What `HEAD:params.yaml` names is a file and no commit; it has no attribute that a commit has.
    except (RevError, SCMError, AttributeError):
        commit = ""
    # Git's library takes an empty name for HEAD.
    if name and commit:
        return commit
    known = {
        "experiments": sorted({str(reference.name) for reference in exp_refs(scm)}),
        "branches": sorted(scm.list_branches()),
        "tags": sorted(scm.list_tags()),
    }
    lines = [f"{kind}: {', '.join(found[:_KNOWN_SHOWN])}{', …' * (len(found) > _KNOWN_SHOWN)}\n" for kind, found in known.items() if found]
    raise RevisionError(f"There is no commit {name!r} here.\n{''.join(lines)}Next: name one of these, another commit, or {WORKSPACE}.")


@dataclass(frozen=True)
class _Tree:
    """The files of one revision: `files` is DVC's file system, which looks into git, the cache, and the remotes."""

    files: Any
    name: str

    def revision(self, commit: str | None) -> Revision:
        params = self._yaml(PARAMS)
        label = params.get("label") if isinstance(params, dict) else None
        try:
            threshold = check(LabelSettings, {"threshold": label["threshold"]} if isinstance(label, dict) else {}).threshold
        except (SettingsError, KeyError):
            raise RevisionError(f"{PARAMS} of {self.name} has no label.threshold in [0, 1).\nNext: mend it, or compare another.") from None
        notes: list[str] = []
        answers = self._answers(threshold, notes)
        return Revision(
            self.name,
            commit,
            params,
            threshold,
            {path: self._yaml(path) for path in self._paths("conf", ".yaml")},
            {path: self._json(path) for path in self._paths("metrics", ".json") if path.count("/") == 1},
            answers,
            notes,
        )

    def _answers(self, threshold: float, notes: list[str]) -> dict[str, Answer]:
        student: dict[str, Verdict] = {}
        path = tables.STUDENT_SCORES.path
        for row in self._rows(path, ("item_id", "levels", "score"), notes):
            student[str(row["item_id"])] = self._verdict(path, row.get("score"), row.get("levels"), threshold)
        answers, stale, path = {}, 0, tables.TEST.path
        for row in self._rows(path, ("answer_id", *_TEXTS, "teacher_score", "teacher_levels", "teacher_class"), notes):
            teacher = self._verdict(path, row.get("teacher_score"), row.get("teacher_levels"), threshold)
            label = row.get("teacher_class", teacher.label)
            stale += label != teacher.label
            document_id, generator, question, answer = (_text(row.get(name)) for name in _TEXTS)
            key = str(row["answer_id"])
            verdicts = teacher._replace(label=label), student.get(key, _NO_VERDICT)
            answers[key] = Answer(document_id, generator, question, answer, *verdicts)
        if stale:
            notes.append(
                f"{self.name}: {stale} classes of {path} do not follow from label.threshold {threshold}; `dvc repro` makes them anew",
            )
        return answers

    def _verdict(self, path: str, score: Any, distribution: Any, threshold: float) -> Verdict:
        if not (isinstance(distribution, list) and len(distribution) == len(levels.LEVELS)):
            distribution = None
        try:
            if score is None and distribution is None:
                return _NO_VERDICT
            score = levels.mean(distribution) if score is None else float(score)
            # A judge that gives one number gives all its mass to the nearest level.
            probability = levels.probability_above(distribution or levels.nearest(score), threshold)
        except (JudgmentError, TypeError, ValueError):
            score = math.nan
        if not 0.0 <= score <= 1.0:
            raise TableError(f"{path} of {self.name} has a judgment whose score or levels are no numbers from 0 to 1.\n{_MAKE_AGAIN}")
        return Verdict(score, probability, levels.classify(score, threshold))

    def _rows(self, path: str, columns: Sequence[str], notes: list[str]) -> Iterator[Row]:
        """The rows of a table, one at a time; its first column has to be there, the others should."""
        with self._open(path) as lines:
            for number, line in enumerate(_read_lines(lines, path, self.name), start=1):
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise TableError(f"{path} of {self.name}, line {number}: no valid JSON ({error}).\n{_MAKE_AGAIN}") from None
                if not isinstance(row, dict) or columns[0] not in row:
                    raise TableError(f"{path} of {self.name}, line {number}: no {columns[0]} stands there.\n{_MAKE_AGAIN}")
                if number == 1:
                    notes += [f"{self.name}: {path} has no column {name}" for name in columns if name not in row]
                yield row

    def _yaml(self, path: str) -> Any:
        from dvc.utils.serialize import YAMLFileCorruptedError, parse_yaml

        with self._open(path) as file:
            text = file.read()
        try:
            # By way of JSON a date, or a number that JSON lacks, becomes the text that stands for it.
            return json.loads(json.dumps(parse_yaml(text.decode(), path), default=str), parse_constant=str)
        except (YAMLFileCorruptedError, UnicodeDecodeError, TypeError):
            raise RevisionError(f"{path} of {self.name} is no valid YAML.\nNext: mend it, or compare another revision.") from None

    def _json(self, path: str) -> Any:
        with self._open(path) as file:
            text = file.read()
        try:
            return json.loads(text, parse_constant=str)
        except ValueError as error:
            raise RevisionError(f"{path} of {self.name} is no valid JSON ({error}).\nNext: `dvc repro` makes it anew.") from None

    def _paths(self, folder: str, suffix: str) -> list[str]:
        return sorted(str(path).lstrip("/") for path in self.files.find(f"/{folder}") if str(path).endswith(suffix))

    def _open(self, path: str) -> Any:
        try:
            return self.files.open(f"/{path}", mode="rb")
        except FileNotFoundError:
            raise self._missing(path) from None
        except OSError as error:
            raise RevisionError(f"{path} of {self.name} cannot be read: {error}.\nNext: see to that, then run it again.") from None

    def _missing(self, path: str) -> RevisionError:
        make = (
            "`dvc repro` makes it" if self.name == WORKSPACE else "check that revision out elsewhere (`git worktree add`) and `dvc repro`"
        )
        try:
            entry = (self.files.info(f"/{path}").get("dvc_info") or {}).get("entry")
        except FileNotFoundError:
            return RevisionError(
                f"{self.name} has no {path}: neither git nor dvc.yaml has it there.\nNext: compare another revision, or {make}."
            )
        if entry is None or entry.hash_info is None:
            return RevisionError(f"{self.name} has no {path}: dvc.lock has no entry for it, so it was not made there.\nNext: {make}.")
        return RevisionError(
            f"{path} of {self.name} is neither in the cache nor in a remote (its MD5 is {entry.hash_info.value}).\n"
            f"Next: `dvc pull` or `dvc fetch --all-commits` where a remote has it; else {make}.",
        )


_NO_VERDICT = Verdict(None, None, None)
_MAKE_AGAIN = "Next: `dvc repro` at that revision makes it again."


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _read_lines(lines: Iterable[bytes], path: str, name: str) -> Iterator[bytes]:
    """The lines of an open file; only a line feed ends one."""
    try:
        yield from lines
    except OSError as error:
        raise RevisionError(f"{path} of {name} cannot be read to its end: {error}.\nNext: run it again.") from None
