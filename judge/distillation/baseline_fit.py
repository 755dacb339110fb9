"""Fit the simple judges that a student has to beat, on the rows that the student learns from and for the same target."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from judge.distillation import slope
from judge.distillation.settings import DistilSettings
from judge.distillation.training_rows import as_judged, folds, is_acceptable, reported, taught
from judge.models.encoders import EncoderSettings
from judge.students import baseline
from judge.students.baseline import CONTAINS, COSINE, FEATURES, Array, Baselines, Fitted, columns
from judge.students.options import StudentOption
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, Judgment, Slopes, classify
from judge.tables.schema import Row

_FOLD = 0.125
# The inverse strength of the L2 penalty on standardised features; from 0.1 to 10 the fits differ in the third digit.
_INVERSE_PENALTY = 1.0
# A logit as good as certain: the logistic function rounds to 1.
_CERTAIN = 40.0


class FittedBaselines(NamedTuple):
    """The baselines, and by name what each says of training answers (answer_id, judgment) when its fit had left their documents out."""

    baselines: Baselines
    out_of_fold: dict[str, dict[str, Judgment]]


class _Rows(NamedTuple):
    """What is learnt from: features (rows, features), the teacher's scores, weights, and folds (rows,); the fold of a statement is -1."""

    features: Array
    scores: Array
    weights: Array
    fold_of: npt.NDArray[np.int64]


def fit(
    rows: Sequence[Row],
    statements: Sequence[Row],
    option: StudentOption,
    settings: DistilSettings,
    threshold: float,
    seed: int,
    constructed: Sequence[Row] = (),
) -> FittedBaselines:
    """Fit every baseline that the rows allow.

    The score is a fractional logistic regression on the teacher's score (Papke and Wooldridge 1996); where people's class is learnt, on
    the same mixture as the student's objective: alpha of what people say, 1 or 0, and 1 - alpha of the teacher's score.

    Args:
        rows: rows of the dataset table, those that the student is trained on.
        statements: rows of the statements table, for the one baseline that learns from them too.
        option: what kind of student they are held against: its evidence, and its encoder where it has one.
        settings: whose class is learnt, and alpha.
        threshold: of the class.
        seed: of the folds.
        constructed: rows of the constructed table, for that one baseline too, with the student's weight.

    Raises:
        StudentError: fewer than two documents are left, or a row lacks the evidence.
        PinError, ModelError: the encoder cannot be loaded.
    """
    answers = taught(rows)
    judged = list(statements) if option.evidence == "context" else []
    known = as_judged(constructed) if settings.truth_weight and option.evidence == "context" else []
    extra = [*judged, *known]
    weights = np.array([1.0] * (len(answers) + len(judged)) + [settings.truth_weight] * len(known))
    encoder: EncoderSettings | None = getattr(option, "encoder", None)
    names = [
        name
        for name in FEATURES
        if (name != COSINE or encoder)
        and (name != CONTAINS or all(row["reference"] for row in answers))
        and (name != "overlap-statements" or extra)
    ]
    items = [Item.of(row) for row in [*answers, *extra]]
    measured = baseline.measure(items, option.evidence, {feature for name in names for feature in FEATURES[name]}, encoder)
    scores = np.array([_target(row, settings) for row in [*answers, *extra]], dtype=np.float64)
    classes = [is_acceptable(row, threshold, settings.target) for row in answers]
    fold_of = np.array([*folds(answers, _FOLD, seed), *[-1] * len(extra)])
    fitted: dict[str, Fitted] = {}
    out_of_fold: dict[str, dict[str, Judgment]] = {}
    for name in names:
        count = len(items) if name == "overlap-statements" else len(answers)
        learnt = _Rows(columns(measured, FEATURES[name], len(items))[:count], scores[:count], weights[:count], fold_of[:count])
        fitted[name], judgments = _with_figures(name, learnt, classes, threshold)
        out_of_fold[name] = dict(zip((row["answer_id"] for row in answers), judgments, strict=True))
    return FittedBaselines(Baselines(evidence=option.evidence, threshold=threshold, encoder=encoder, fitted=fitted), out_of_fold)


def _target(row: Row, settings: DistilSettings) -> float:
    """The score, in [0, 1], that a baseline is fitted on; a statement of known truth has no class that people gave."""
    score = float(row["teacher_score"])
    said = reported(row, "people") if settings.target == "people" else None
    return score if said is None else settings.alpha * said + (1.0 - settings.alpha) * score


def _with_figures(name: str, rows: _Rows, classes: Sequence[bool | None], threshold: float) -> tuple[Fitted, list[Judgment]]:
    """The fit on all rows, and its judgments of the answers, which come first, by fits without their fold."""
    answers = len(classes)
    one = _fit(name, rows, threshold)
    left_out = np.empty(answers)
    for fold in np.unique(rows.fold_of[:answers]):
        inside = rows.fold_of == fold
        # A single fold is all there is to learn from.
        without = _fit(name, _Rows(*(column[~inside] for column in rows)), threshold) if not inside.all() else one
        left_out[inside[:answers]] = without.scores(rows.features[inside])
    classed = [(score, is_one) for score, is_one in zip(left_out.tolist(), classes, strict=True) if is_one is not None]
    varied = np.ptp(left_out) > 0 and np.ptp(rows.scores[:answers]) > 0
    pearson = round(float(np.corrcoef(left_out, rows.scores[:answers])[0, 1]), 12) if varied else None
    one = one.model_copy(
        update={"slopes": slope.fit([score for score, _ in classed], [is_one for _, is_one in classed], threshold), "pearson": pearson}
    )
    return one, baseline.judgments(left_out.tolist(), one.slopes, threshold)


def _fit(name: str, rows: _Rows, threshold: float) -> Fitted:
    from sklearn.linear_model import LogisticRegression

    features, scores, weights, _ = rows
    if not features.shape[1]:
        acceptable = np.mean([classify(float(score), threshold) == ACCEPTABLE for score in scores])
        nothing = np.zeros(0)
        return _fitted(name, nothing, nothing, nothing, _CERTAIN if acceptable > 0.5 else -_CERTAIN)
    centers, scales = features.mean(axis=0), features.std(axis=0)
    scales = np.where(scales > 0, scales, 1.0)
    standard = (features - centers) / scales
    # Each row twice, as acceptable and as not, weighed by the score: the cross-entropy with a target that is a share.
    twice, classes = np.vstack([standard, standard]), np.repeat([1, 0], len(scores))
    model: Any = LogisticRegression(C=_INVERSE_PENALTY, max_iter=5000)
    model.fit(twice, classes, sample_weight=np.concatenate([weights * scores, weights * (1.0 - scores)]))
    return _fitted(name, centers, scales, model.coef_[0], float(model.intercept_[0]))


def _fitted(name: str, centers: Array, scales: Array, coefficients: Array, intercept: float) -> Fitted:
    return Fitted(
        features=FEATURES[name],
        centers=tuple(centers.tolist()),
        scales=tuple(scales.tolist()),
        coefficients=tuple(coefficients.tolist()),
        intercept=intercept,
        slopes=Slopes(slope.FLATTEST, slope.FLATTEST),
        pearson=None,
    )
