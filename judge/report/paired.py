"""The difference between two revisions in how well their students agree with their teachers, with paired intervals.

It is taken on the answers that are in the test table of both sides and judged on both, and its interval within each draw of
one bootstrap by document: what makes an answer hard is common to both sides and cancels out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from judge.evaluation import agreement, bootstrap
from judge.evaluation.bootstrap import Array, Draws
from judge.evaluation.definitions import FIGURES, Scale
from judge.evaluation.evaluation import EvaluateSettings
from judge.report.revisions import Answer, Revision
from judge.settings import check


class PairedFigure(NamedTuple):
    """A figure of the student against its teacher on the common answers: both sides, B less A, and the interval of that.

    Where something is None, `reason` says why, in a word of `bootstrap.REASONS`.
    """

    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    reason: str | None


@dataclass(frozen=True)
class Paired:
    """The paired figures by metric, and what they rest on."""

    rows: int
    documents: int
    resamples: int
    confidence: float
    figures: dict[str, PairedFigure]


def paired(a: Revision, b: Revision, common: Sequence[str]) -> Paired:
    """The agreement of the student with its teacher on both sides, on the common answers that teacher and student judged on both.

    Each side has its own teacher, student and threshold.
    Documents are drawn as params `evaluate` and `seed` of B say, or those of A where B has none.
    """
    settings, seed = _bootstrap_settings(b.params) or _bootstrap_settings(a.params) or (check(EvaluateSettings, {}), 0)
    pairs = [(a.answers[answer_id], b.answers[answer_id]) for answer_id in common]
    pairs = [pair for pair in pairs if all(None not in (answer.teacher.score, answer.student.score) for answer in pair)]
    documents = [new.document_id or old.document_id or "" for old, new in pairs]
    if len(pairs) < 2:
        nothing = PairedFigure(None, None, None, None, None, "undefined")
        return Paired(len(pairs), len(set(documents)), settings.resamples, settings.confidence, dict.fromkeys(FIGURES, nothing))
    draws = bootstrap.draw(documents, settings.resamples, settings.confidence, seed)
    old, new = (_agreement([pair[side] for pair in pairs], revision.threshold, draws) for side, revision in enumerate((a, b)))
    figures = {name: _paired_figure(name, old[name], new[name], draws) for name in FIGURES}
    return Paired(len(pairs), draws.clusters, settings.resamples, settings.confidence, figures)


def _agreement(answers: Sequence[Answer], threshold: float, draws: Draws) -> dict[str, Array]:
    """Every figure of one side in each draw."""
    no_reasons: list[str | None] = [None] * len(answers)
    teacher, student, probabilities = (
        np.array(values, dtype=np.float64)
        for values in zip(*((answer.teacher.score, answer.student.score, answer.student.probability) for answer in answers), strict=True)
    )
    positive = agreement.is_acceptable(teacher, threshold)
    return agreement.agreement(
        agreement.Judgments(teacher, positive.astype(float), no_reasons),
        agreement.Judgments(student, probabilities, no_reasons),
        np.ones(len(answers), dtype=np.bool_),
        threshold,
        draws,
    )


def _paired_figure(name: str, old: Array, new: Array, draws: Draws) -> PairedFigure:
    # A root of less than nothing is shown as 0, as in the table of figures.
    lowest = 0.0 if FIGURES[name].scale == "root" else -np.inf
    a, b = (None if np.isnan(values[0]) else round(max(lowest, float(values[0])), bootstrap.PLACES) for values in (old, new))
    # A few gross errors move a correlation of scores far, and a sample that holds two of them shows little of it: there the interval has
    # to know how few documents decide. In bench/gate.py a judge that is worse by its margin in this way then passes 5% instead of 17%.
    scale: Scale = "signed" if FIGURES[name].scale == "correlation" else "difference"
    return PairedFigure(a, b, *draws.figure(new - old, scale))


def _bootstrap_settings(params: Mapping[str, Any]) -> tuple[EvaluateSettings, int] | None:
    section, seed = params.get("evaluate"), params.get("seed", 0)
    if not isinstance(section, dict):
        return None
    # A key of another version of the project is none of ours.
    known = {key: value for key, value in section.items() if key in EvaluateSettings.model_fields}
    return check(EvaluateSettings, known), seed if isinstance(seed, int) and seed >= 0 else 0
