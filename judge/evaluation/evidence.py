"""The table of the evidence suite: judges against people, or against recorded scores, on data that others have published."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from judge.errors import TableError
from judge.evaluation import bootstrap, people_agreement, teacher_agreement
from judge.evaluation.agreement import Judgments, is_acceptable, line_up
from judge.evaluation.bootstrap import Draws, Mask
from judge.evaluation.evaluation import EvaluateSettings
from judge.evaluation.figures import BASELINE_DIFFERENCE, PEOPLE, TEACHER, TEACHER_DIFFERENCE
from judge.tables.levels import ACCEPTABLE
from judge.tables.schema import Row

EVIDENCE_CSV = Path("metrics/evidence.csv")
COLUMNS = ("task", "trained_on", "judge", "against", "figure", "value", "low", "high", "reason", "n", "clusters", "base_rate")
"""A row is one figure of one judge in one task. `judge` is `student`, `teacher`, a simple judge by its name, `JUDGE less JUDGE`, or
`ONE_SCORE`. `n` counts the rows behind it, `clusters` their questions or passages, and `base_rate` is the share acceptable of them.
The figure by which a task is told comes first."""

ONE_SCORE = "one score"
"""One of the recorded scores of an answer, held against the mean of the others."""

LESS = " less "
AGAINST_SCORES = ("pearson", "spearman", "mae", "kappa", "accuracy", "auroc", "brier", "ece")


class Task(NamedTuple):
    """What is measured of a published data set.

    Attributes:
        name: of the task.
        trained_on: what the student has learnt of these data, in words.
        against: `people`, or `teacher` for the recorded scores.
        figure: the one by which the task is told.
        rows: rows of the dataset table.
        judgments: of each judge by name, the student and the simple ones, one for each row; of the teacher maybe for some rows only.
        best: the strongest simple judge, chosen on other rows than these.
        threshold: a score strictly above it is acceptable.
        single: where an answer has several recorded scores, judgments with one of them each.
    """

    name: str
    trained_on: str
    against: str
    figure: str
    rows: Sequence[Row]
    judgments: Mapping[str, Sequence[Row]]
    best: str
    threshold: float
    single: Sequence[Sequence[Row]] = ()


def measure(task: Task, settings: EvaluateSettings, seed: int) -> list[Row]:
    """The rows of the table that a task gives.

    Args:
        task: what is measured.
        settings: how the intervals are made; they are by document, which is a question or a passage here.
        seed: of the bootstrap.

    Raises:
        JudgmentError: a judgment is missing.
    """
    rows = sorted(task.rows, key=lambda row: str(row["answer_id"]))
    ids = [str(row["answer_id"]) for row in rows]
    draws = bootstrap.draw([row["document_id"] for row in rows], settings.resamples, settings.confidence, seed)
    judges = {name: line_up(name, ids, _whole(ids, given, name), task.threshold) for name, given in task.judgments.items()}
    judges["baseline"] = judges[task.best]
    held = (_against_people if task.against == PEOPLE else _against_scores)(rows, judges, task.threshold, draws)
    differences = {
        "difference": f"student{LESS}{TEACHER if task.against == PEOPLE else task.best}",
        BASELINE_DIFFERENCE: f"student{LESS}{task.best}",
        TEACHER_DIFFERENCE: f"{TEACHER}{LESS}{task.best}",
    }
    made = []
    for row in held.measured:
        if row["judge"] in ("baseline", PEOPLE):
            continue
        judge = differences.get(str(row["judge"]), str(row["judge"]))
        made.append(_row(task, judge, row, held.known & _judged(judge, judges), held.positive, draws))
    if task.single:
        scores = [line_up(ONE_SCORE, ids, given, task.threshold).scores for given in task.single]
        all_there = np.all(~np.isnan(scores), axis=0)
        found = teacher_agreement.one_with_the_others([score[all_there] for score in scores], draws.of(all_there))
        made.append(_row(task, ONE_SCORE, {"figure": "pearson", **found._asdict()}, all_there, held.positive, draws))
    # Sorting keeps the order of the others.
    return sorted(made, key=lambda row: row["figure"] != task.figure)


def to_csv(rows: Sequence[Row]) -> str:
    """The text of metrics/evidence.csv: full precision, nothing for what is missing."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read(path: Path = EVIDENCE_CSV) -> list[Row]:
    """The rows of metrics/evidence.csv, numbers as numbers and None for what is missing.

    Raises:
        TableError: it is missing, or is no such table.
    """
    try:
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise TableError(f"{path} is missing.\nNext: `make evidence` makes it.") from None
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise TableError(f"{path} has to have the columns {', '.join(COLUMNS)}.\nNext: `make evidence` makes it again.")
    try:
        return [_typed(row) for row in reader]
    except (TypeError, ValueError) as error:
        raise TableError(f"{path}, line {reader.line_num}: {error}.\nNext: `make evidence` makes it again.") from None


class _Held(NamedTuple):
    """Figures as rows of the table of figures, and for each row whether there is a verdict to be held against, and an acceptable one."""

    measured: list[Row]
    known: Mask
    positive: Mask


def _against_people(rows: Sequence[Row], judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> _Held:
    people = [None if row["human_class"] is None else row["human_class"] == ACCEPTABLE for row in rows]
    known, positive = np.array([said is not None for said in people]), np.array([said is True for said in people])
    return _Held(people_agreement.against_people(people, judges, threshold, draws), known, positive)


def _against_scores(rows: Sequence[Row], judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> _Held:
    recorded = [{"item_id": row["answer_id"], "score": row["teacher_score"], "reason": row["reason"]} for row in rows]
    teacher = line_up(TEACHER, [str(row["answer_id"]) for row in rows], recorded, threshold)
    told = {"teacher": teacher, "student": judges["student"], "baseline": judges["baseline"]}
    simple = {name: given for name, given in judges.items() if name not in told}
    measured = teacher_agreement.on_all(told, threshold, draws, AGAINST_SCORES)
    measured += teacher_agreement.each(teacher, simple, threshold, draws, names=AGAINST_SCORES)
    return _Held(measured, teacher.judged, is_acceptable(np.nan_to_num(teacher.scores), threshold))


def _whole(ids: Sequence[str], given: Sequence[Row], judge: str) -> Sequence[Row]:
    """Judgments of all rows: the teacher, which is asked about a sample, has none of the others."""
    if judge != TEACHER:
        return given
    asked = {row["item_id"] for row in given}
    return [*given, *({"item_id": item, "score": None, "reason": None} for item in ids if item not in asked)]


def _judged(judge: str, judges: Mapping[str, Judgments]) -> Mask:
    """Where a judge, or both of a difference, have judged."""
    return np.asarray(np.all([judges[name].judged for name in judge.split(LESS)], axis=0))


def _row(task: Task, judge: str, figure: Mapping[str, Any], rows: Mask, positive: Mask, draws: Draws) -> Row:
    kept = {name: figure[name] for name in ("figure", "value", "low", "high", "reason")}
    counted = {"n": int(rows.sum()), "clusters": draws.of(rows).clusters, "base_rate": float(positive[rows].mean()) if rows.any() else None}
    return {"task": task.name, "trained_on": task.trained_on, "judge": judge, "against": task.against, **kept, **counted}


def _typed(row: Mapping[str, str]) -> Row:
    numbers = {name: float(row[name]) if row[name] else None for name in ("value", "low", "high", "base_rate")}
    return {**row, **numbers, "n": int(row["n"]), "clusters": int(row["clusters"]), "reason": row["reason"] or None}
