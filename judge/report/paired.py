"""The difference between two revisions in how well their students agree with their teachers, with paired intervals.

It is taken on the answers that are in the test table of both sides and judged on both, and its interval within each draw of
one bootstrap by document: what makes an answer hard is common to both sides and cancels out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from judge.evaluation import agreement, bootstrap
from judge.evaluation.bootstrap import Array, Draws, Mask
from judge.evaluation.calibration_error import calibration_error
from judge.evaluation.definitions import FIGURES, Scale
from judge.evaluation.evaluation import EvaluateSettings
from judge.report.revisions import Answer, Revision
from judge.settings import check

# The rank figures need every pair of answers, or every rank anew in every draw: 4 seconds for this many answers on two cores, 100 times
# that for ten times as many. Above it they come without an interval; all others are sums over documents, whatever the size.
MOST_RANKED = 5000
MANY_ROWS = "many_rows"
REASONS = bootstrap.REASONS | {MANY_ROWS: f"no interval: the ranks of more than {MOST_RANKED} answers are not resampled"}
_BLOCK = 250


class PairedFigure(NamedTuple):
    """A figure of the student against its teacher on the common answers: both sides, B less A, and the interval of that.

    Where something is None, `reason` says why, in a word of `REASONS`.
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
    judged = (_Judged.of([old for old, _ in pairs], a.threshold), _Judged.of([new for _, new in pairs], b.threshold))
    if len(pairs) > MOST_RANKED:
        draws, (old, new) = _many(judged, documents, settings, seed)
    else:
        draws = bootstrap.draw(documents, settings.resamples, settings.confidence, seed)
        old, new = (one.agreement(draws) for one in judged)
    figures = {name: _paired_figure(name, old[name], new[name], draws) for name in FIGURES}
    return Paired(len(pairs), draws.clusters, settings.resamples, settings.confidence, figures)


class _Judged(NamedTuple):
    """The judgments of one side, each (answers,); `positive` and `called` are the classes of teacher and student."""

    teacher: Array
    scores: Array
    probabilities: Array
    positive: Mask
    called: Mask
    threshold: float

    @classmethod
    def of(cls, answers: Sequence[Answer], threshold: float) -> "_Judged":
        teacher = np.array([answer.teacher.score for answer in answers], dtype=np.float64)
        scores = np.array([answer.student.score for answer in answers], dtype=np.float64)
        probabilities = np.array([answer.student.probability for answer in answers], dtype=np.float64)
        positive, called = (agreement.is_acceptable(values, threshold) for values in (teacher, scores))
        return cls(teacher, scores, probabilities, positive, called, threshold)

    def agreement(self, draws: Draws) -> dict[str, Array]:
        """Every figure in each draw."""
        no_reasons: list[str | None] = [None] * len(self.scores)
        teacher = agreement.Judgments(self.teacher, self.positive.astype(float), no_reasons)
        student = agreement.Judgments(self.scores, self.probabilities, no_reasons)
        return agreement.agreement(teacher, student, np.ones(len(self.scores), dtype=np.bool_), self.threshold, draws)

    def sums(self, draws: Draws) -> dict[str, Array]:
        """The figures that are made of sums over documents, in each draw."""
        return agreement.class_agreement(self.positive, self.called, draws) | {
            "pearson": _pearson(self.teacher, self.scores, draws),
            "mae": agreement.mean(np.abs(self.teacher - self.scores), draws),
            "brier": agreement.brier(self.probabilities, self.positive, draws),
            "ece": calibration_error(self.probabilities, self.positive, draws),
            "calibration": agreement.calibration(self.probabilities, self.positive, draws),
        }

    def ranked(self, everyone: Draws) -> dict[str, Array]:
        """Spearman's rho, Kendall's tau-b and AUROC of the data, each (1,)."""
        from scipy import stats

        ranks = stats.rankdata(self.scores)
        positives, negatives = int(self.positive.sum()), int((~self.positive).sum())
        varied = np.ptp(self.teacher) > 0 and np.ptp(self.scores) > 0
        won = ranks[self.positive].sum() - positives * (positives + 1) / 2
        return {
            "spearman": _pearson(stats.rankdata(self.teacher), ranks, everyone),
            "kendall": np.array([stats.kendalltau(self.teacher, self.scores).statistic if varied else np.nan]),
            "auroc": np.array([won / (positives * negatives) if positives and negatives else np.nan]),
        }


def _many(
    judged: Sequence[_Judged], documents: Sequence[str], settings: EvaluateSettings, seed: int
) -> tuple[Draws, list[dict[str, Array]]]:
    """The figures of many answers: the sums in draws that come a block at a time, the rank figures of the data alone."""
    everyone = bootstrap.draw(documents, 0, settings.confidence, seed)
    blocks: list[list[dict[str, Array]]] = [[] for _ in judged]
    for draws in _blocks(everyone, settings.resamples, seed):
        for parts, one in zip(blocks, judged, strict=True):
            parts.append(one.sums(draws))
    figures = [{name: np.concatenate([part[name] for part in parts]) for name in parts[0]} for parts in blocks]
    return everyone, [values | one.ranked(everyone) for values, one in zip(figures, judged, strict=True)]


def _blocks(everyone: Draws, resamples: int, seed: int) -> Iterator[Draws]:
    """The data, then the resamples, some at a time: all counts of 33,000 documents at once would take half a gigabyte, thrice."""
    yield everyone
    generator, size = np.random.default_rng(seed), everyone.clusters
    for first in range(0, resamples, _BLOCK):
        counts = np.empty((min(_BLOCK, resamples - first), size))
        for row in counts:
            # Counting drawn documents is ten times faster than drawing their counts.
            row[:] = np.bincount(generator.integers(size, size=size), minlength=size)
        yield Draws(counts, everyone.cluster_of, everyone.confidence)


def _pearson(x: Array, y: Array, draws: Draws) -> Array:
    """Pearson's r in each draw: (draws,); undefined where either side is constant."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.full(len(draws.counts), np.nan)
    x, y = x - x.mean(), y - y.mean()
    total, sum_x, sum_y, sum_xx, sum_yy, sum_xy = draws.sums(np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y])).T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt((sum_xx - sum_x**2 / total) * (sum_yy - sum_y**2 / total))
        return np.asarray(np.clip((sum_xy - sum_x * sum_y / total) / spread, -1.0, 1.0))


def _paired_figure(name: str, old: Array, new: Array, draws: Draws) -> PairedFigure:
    # A root of less than nothing is shown as 0, as in the table of figures.
    lowest = 0.0 if FIGURES[name].scale == "root" else -np.inf
    a, b = (None if np.isnan(values[0]) else round(max(lowest, float(values[0])), bootstrap.PLACES) for values in (old, new))
    if len(old) == 1:
        difference = None if a is None or b is None else round(float(new[0] - old[0]), bootstrap.PLACES)
        return PairedFigure(a, b, difference, None, None, "undefined" if difference is None else MANY_ROWS)
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
