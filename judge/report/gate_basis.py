"""What the power of the gate is taken from: paired differences to a base, to the student's own retrainings, or its own intervals."""

import math
from dataclasses import replace

from judge import tables
from judge.evaluation import figures
from judge.evaluation.figures import SeedSpread
from judge.report import paired, revisions
from judge.report.commits import WORKSPACE, RevisionError
from judge.report.gate_differences import hold
from judge.report.gate_power import Basis, Precision
from judge.report.gate_settings import COMPARED
from judge.report.paired import Paired
from judge.report.revisions import Revision
from judge.tables.schema import Row

_LIKE_THIS = "Another recipe moves more answers than another seed, and needs more rows; --base tells it from one that you have."
_UNPAIRED = "Two judges of the same answers err together, so a paired comparison needs fewer rows."
_NAME_OF = {figure: name for name, figure in COMPARED.items()}


def read(base: str | None) -> Basis:
    """The precision of each figure.

    With a base it is that of the paired differences to it.
    Without one the judge to come is taken to be like this one: with retrainings in data/scores/retrained/ it is that of the paired
    differences to them, the mean of their squares; else that of two judges that err apart, √2 times the figure's own interval.

    Raises:
        JudgeError: the workspace or the base cannot be read, or its tables cannot be had.
    """
    if base is not None:
        held = hold(base)
        spreads = {name: tested.spread for name, tested in held.tested.items()}
        return _of_pairs(f"the paired differences to {base}", "", [held.pairs], spreads)
    (here,) = revisions.read([WORKSPACE])
    if here.lacks:
        raise RevisionError("\n".join(here.lacks))
    spreads = {name: _twice(figures.seed_spread(here.figures, name)) for name in _NAME_OF}
    reruns = [_retrained(here, rows) for rows in tables.read_folder(tables.RETRAINED_SCORES).values()]
    if reruns:
        pairs = [paired.paired(here, rerun, sorted(here.answers)) for rerun in reruns]
        return _of_pairs(f"the paired differences to {len(pairs)} retrainings of this student", _LIKE_THIS, pairs, spreads)
    return _of_intervals(here, spreads)


def _of_pairs(words: str, remark: str, pairs: list[Paired], spreads: dict[str, SeedSpread | None]) -> Basis:
    precision = {}
    for figure, name in _NAME_OF.items():
        measured = [each.figures[figure] for each in pairs]
        widths = [(it.high - it.low) / 2 for it in measured if it.low is not None and it.high is not None]
        if widths:
            precision[name] = Precision(math.sqrt(math.fsum(width**2 for width in widths) / len(widths)), spreads[figure])
    first = pairs[0]
    return Basis(words, remark, first.rows, first.documents, first.confidence, precision)


def _of_intervals(here: Revision, spreads: dict[str, SeedSpread | None]) -> Basis:
    named = figures.named(here.figures)
    precision = {}
    for figure, name in _NAME_OF.items():
        own = named.get(name)
        if own is not None and own.low is not None and own.high is not None:
            precision[name] = Precision(math.sqrt(2) * (own.high - own.low) / 2, spreads[figure])
    confidence = named["interval.confidence"].value if "interval.confidence" in named else None
    judged = [answer for answer in here.answers.values() if None not in (answer.teacher.score, answer.student.score)]
    documents = len({answer.document_id for answer in judged})
    return Basis("the figures' own intervals, times √2", _UNPAIRED, len(judged), documents, confidence or 0.95, precision)


def _twice(spread: SeedSpread | None) -> SeedSpread | None:
    """The spread of the difference of two students of the same recipe."""
    return None if spread is None else SeedSpread(math.sqrt(2) * spread.deviation, spread.trainings)


def _retrained(here: Revision, judgments: list[Row]) -> Revision:
    """The workspace with the judgments of a retraining in place of the student's own."""
    rows = {row["item_id"]: row for row in judgments}
    answers = {
        answer_id: answer._replace(student=revisions.judged(rows[answer_id], here.threshold, tables.RETRAINED_SCORES))
        for answer_id, answer in here.answers.items()
        if answer_id in rows
    }
    return replace(here, answers=answers)
