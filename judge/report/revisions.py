"""What a commit, a branch, a tag or an experiment of DVC holds, or the workspace, read without touching the working tree.

Older commits have older tables: a column that is missing there is said in `Revision.notes` and never stops a comparison.
Tables that are neither in the cache nor in a remote leave the settings and figures, which git has: `Revision.lacks` says so.
"""

import logging
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from judge import tables
from judge.errors import SettingsError, TableError
from judge.evaluation import figures
from judge.report import flat_figures
from judge.report.commits import WORKSPACE, RevisionError, commit_of
from judge.report.revision_files import MAKE_AGAIN, RevisionFiles
from judge.settings import check
from judge.tables import levels, metric_files
from judge.tables.levels import LabelSettings

if TYPE_CHECKING:
    import pandas as pd

PARAMS = "params.yaml"
# The libraries that DVC stands on speak through loggers of their own.
_LOGGERS = ("dvc", "dvc_data", "dvc_objects", "dvc_task", "scmrepo")
_TEXTS = ("document_id", "generator", "question", "answer")
_FIGURES, _EVALUATION = str(figures.FIGURES_CSV), str(metric_files.EVALUATION)
# These repeat the table of figures.
_REPEATED = (_EVALUATION, str(metric_files.SUMMARY))


class Judged(NamedTuple):
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
    teacher: Judged
    student: Judged


@dataclass(frozen=True)
class Revision:
    """One side of a comparison.

    `commit` is None for the workspace. `options` holds the files of conf/ by their path, `figures` the table of `figures.COLUMNS`,
    `metrics` the other JSON files of metrics/ by their path, and `answers` the test rows by answer_id.
    `notes` says what the reader has to know of an older or a stale revision, and `lacks` why there are no answers: a sentence a
    table, then what to do; it is empty where there are answers.
    """

    name: str
    commit: str | None
    params: dict[str, Any]
    threshold: float
    options: dict[str, Any]
    figures: "pd.DataFrame"
    metrics: dict[str, Any]
    answers: dict[str, Answer]
    notes: list[str]
    lacks: list[str]


def read(names: Sequence[str]) -> list[Revision]:
    """Read revisions of the project that the current folder belongs to.

    Raises:
        RevisionError: this is no DVC project in a git repository, a name is not known, or a revision has no threshold or made no tables.
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
            return _revision(RevisionFiles(repo.dvcfs, name), None)
        with switch(repo, commit_of(repo, name)) as commit:
            return _revision(RevisionFiles(repo.dvcfs, name), commit)
    except NotDvcRepoError:
        raise RevisionError(f"{name} has no DVC project in this folder.\nNext: compare with a later commit.") from None
    except DvcException as error:
        raise RevisionError(f"DVC cannot read {name}: {error}.\nNext: mend that, or compare another revision.") from None


def _revision(files: RevisionFiles, commit: str | None) -> Revision:
    params = files.yaml(PARAMS)
    threshold = _threshold(params, files.name)
    notes: list[str] = []
    lacks = files.unavailable((tables.STUDENT_SCORES.path, tables.TEST.path))
    metrics = [path for path in files.paths("metrics", ".json") if path.count("/") == 1 and path not in _REPEATED]
    return Revision(
        files.name,
        commit,
        params,
        threshold,
        {path: files.yaml(path) for path in files.paths("conf", ".yaml")},
        _figures(files),
        {path: files.json(path) for path in metrics},
        {} if lacks else _answers(files, threshold, notes),
        notes,
        lacks,
    )


def _threshold(params: Any, name: str) -> float:
    label = params.get("label") if isinstance(params, dict) else None
    try:
        return check(LabelSettings, {"threshold": label["threshold"]} if isinstance(label, dict) else {}).threshold
    except (SettingsError, KeyError):
        raise RevisionError(f"{PARAMS} of {name} has no label.threshold in [0, 1).\nNext: mend it, or compare another.") from None


def _figures(files: RevisionFiles) -> "pd.DataFrame":
    """The table of figures; the keys of a flat metrics/evaluation.json in commits from before it; no rows where there is neither."""
    paths = files.paths("metrics", _FIGURES, _EVALUATION)
    if _FIGURES in paths:
        return figures.from_csv(files.text(_FIGURES), f"{_FIGURES} of {files.name}")
    values = files.json(_EVALUATION) if _EVALUATION in paths else {}
    return flat_figures.frame(values if isinstance(values, Mapping) else {})


def _answers(files: RevisionFiles, threshold: float, notes: list[str]) -> dict[str, Answer]:
    student: dict[str, Judged] = {}
    path = tables.STUDENT_SCORES.path
    for row in files.rows(path, ("item_id", "levels", "score", "acceptable"), notes):
        student[str(row["item_id"])] = judged(row, threshold, f"{path} of {files.name}")
    answers, stale, path = {}, 0, tables.TEST.path
    for row in files.rows(path, ("answer_id", *_TEXTS, "teacher_score", "teacher_levels", "teacher_class"), notes):
        by_teacher = {"score": row.get("teacher_score"), "levels": row.get("teacher_levels")}
        teacher = judged(by_teacher, threshold, f"{path} of {files.name}")
        label = row.get("teacher_class", teacher.label)
        if label != teacher.label:
            stale, teacher = stale + 1, teacher._replace(label=label)
        document_id, generator, question, answer = (_text(row.get(name)) for name in _TEXTS)
        key = str(row["answer_id"])
        # A hundred thousand answers have a handful of generators.
        generator = None if generator is None else sys.intern(generator)
        answers[key] = Answer(document_id, generator, question, answer, teacher, student.get(key, _NOT_JUDGED))
    if stale:
        notes.append(
            f"{files.name}: {stale} classes of {path} do not follow from label.threshold {threshold}; `dvc repro` makes them anew",
        )
    return answers


def judged(row: Mapping[str, Any], threshold: float, table: str) -> Judged:
    """A row of a judgments table as a judgment.

    Without a score it is the mean of the levels; without a probability of acceptable it is 1 or 0, as the class says.

    Args:
        row: its score, levels and acceptable, where it has them.
        threshold: a score strictly above it is acceptable.
        table: what an error calls the table.

    Raises:
        TableError: one of them is no number from 0 to 1.
    """
    score, distribution, probability = (row.get(name) for name in ("score", "levels", "acceptable"))
    if not (isinstance(distribution, list) and len(distribution) == len(levels.LEVELS)):
        distribution = None
    try:
        if score is None and distribution is None:
            return _NOT_JUDGED
        score = levels.mean(distribution or []) if score is None else float(score)
        label = levels.classify(score, threshold)
        probability = float(label == levels.ACCEPTABLE) if probability is None else float(probability)
    except (TypeError, ValueError):
        score = probability = math.nan
        label = levels.UNACCEPTABLE
    if not (0.0 <= score <= 1.0 and 0.0 <= probability <= 1.0):
        raise TableError(f"{table} has a judgment whose score or levels or acceptable are no numbers from 0 to 1.\n{MAKE_AGAIN}")
    return Judged(score, probability, label)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


_NOT_JUDGED = Judged(None, None, None)
