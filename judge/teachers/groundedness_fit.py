"""Fit a calibrated teacher on statements whose truth is known, and measure it on articles that a fit has not seen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from judge.errors import JudgmentError
from judge.probes.seen import Seen
from judge.probes.statements import Statement
from judge.teachers.calibration import Calibration, KindFigures

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Articles = npt.NDArray[np.int64]

_FEWEST_OF_A_CLASS = 2
# The inverse strength of the L2 penalty on standardised features: 1.0 separates exchanges a little better,
# 0.1 gives smoother probabilities on real answers.
_INVERSE_PENALTY = 0.3


def require_enough(statements: Sequence[Statement]) -> None:
    """Refuse to fit on too little.

    Raises:
        JudgmentError: too few statements, or only true or only false ones.
    """
    true = sum(statement.truth for statement in statements)
    false = len(statements) - true
    articles = len({statement.document_id for statement in statements})
    if min(true, false, articles) < _FEWEST_OF_A_CLASS:
        raise JudgmentError(
            f"The teacher has too little to learn from: {true} true and {false} false statements "
            f"of {articles} articles, at least {_FEWEST_OF_A_CLASS} of each are needed.\n"
            "Next: give it a larger background corpus, or choose another teacher in params.yaml.",
        )


def fit(
    model: str, names: Sequence[str], features: Array, statements: Sequence[Statement], *, seed: int, fits: int = 20, folds: int = 5
) -> Calibration:
    """Fit the teacher on statements whose truth is known.

    Args:
        model: the identity of what measured the features.
        names: of the features.
        features: (statements, features), all finite.
        statements: of several articles (`document_id`), as `require_enough` wants them; true and false ones weigh the same in sum.
        seed: for the articles that each bootstrap fit draws.
        fits: bootstrap fits.
        folds: folds of articles for the cross-validated figures; fewer where there are fewer articles.
    """
    truth = np.array([statement.truth for statement in statements], dtype=bool)
    articles = sorted({statement.document_id for statement in statements})
    centers, scales = features.mean(axis=0), features.std(axis=0)
    # A feature that never varies cannot tell anything apart; with scale 1 it stays 0 for all.
    scales[scales == 0.0] = 1.0
    standard = (features - centers) / scales
    number_of = {article: number for number, article in enumerate(articles)}
    article_of = np.array([number_of[statement.document_id] for statement in statements])
    bootstrap = _bootstrap(standard, truth, article_of, np.random.default_rng(seed), fits)
    held_out = _held_out(standard, truth, article_of % min(folds, len(articles)))
    return Calibration(
        model=model,
        features=tuple(names),
        centers=tuple(centers.tolist()),
        scales=tuple(scales.tolist()),
        intercepts=tuple(float(fitted.intercept_[0]) for fitted in bootstrap),
        coefficients=tuple(tuple(fitted.coef_[0].tolist()) for fitted in bootstrap),
        n=len(statements),
        articles=len(articles),
        share_true=float(truth.mean()),
        brier=None if held_out is None else float(np.mean((held_out - truth) ** 2)),
        auroc=None if held_out is None else _auroc(held_out[truth], held_out[~truth]),
        kinds={} if held_out is None else _by_kind(statements, held_out),
        seen=Seen.of(statements),
    )


def _balanced_model() -> "LogisticRegression":
    """A logistic model, not fitted yet, for which the true and the false statements weigh the same in sum."""
    from sklearn.linear_model import LogisticRegression

    class BalancedLogisticRegression(LogisticRegression):  # type: ignore[misc] # scikit-learn states no types
        # class_weight="balanced" counts the statements of a class; here their weights are summed, as articles are drawn repeatedly.
        def fit(self, standard: Array, truth: Truth, sample_weight: Array | None = None) -> "BalancedLogisticRegression":
            weights = np.ones(len(truth)) if sample_weight is None else sample_weight
            # Cross-validation gives the classes as 0 and 1.
            true = truth.astype(bool)
            balanced = weights * np.where(true, 0.5 / weights[true].sum(), 0.5 / weights[~true].sum()) * weights.sum()
            super().fit(standard, truth, sample_weight=balanced)
            return self

    return BalancedLogisticRegression(C=_INVERSE_PENALTY, max_iter=2000)


def _bootstrap(standard: Array, truth: Truth, article_of: Articles, rng: np.random.Generator, fits: int) -> list["LogisticRegression"]:
    """Fits on articles drawn with replacement; a draw without both classes is drawn again."""
    count = int(article_of.max()) + 1
    models: list[LogisticRegression] = []
    while len(models) < fits:
        weights = rng.multinomial(count, np.full(count, 1.0 / count))[article_of].astype(np.float64)
        if weights[truth].any() and weights[~truth].any():
            models.append(_balanced_model().fit(standard, truth, sample_weight=weights))
    return models


def _held_out(standard: Array, truth: Truth, fold_of: Articles) -> Array | None:
    """Each statement's probability, in [0, 1], by a fit without its fold; None where a fold leaves one class only to fit on."""
    from sklearn.model_selection import GroupKFold, cross_val_predict

    folds = np.unique(fold_of)
    if any(len(np.unique(truth[fold_of != fold])) == 1 for fold in folds):
        return None
    cv = GroupKFold(n_splits=len(folds))
    probabilities: Array = cross_val_predict(_balanced_model(), standard, truth, groups=fold_of, cv=cv, method="predict_proba")
    return probabilities[:, 1]


def _by_kind(statements: Sequence[Statement], probabilities: Array) -> dict[str, KindFigures]:
    kinds = np.array([statement.kind for statement in statements])
    figures = {}
    for kind in dict.fromkeys(kinds.tolist()):
        own, truth = probabilities[kinds == kind], next(s.truth for s in statements if s.kind == kind)
        auroc = None if truth else _auroc(probabilities[kinds == "sentence"], own)
        figures[kind] = KindFigures(n=len(own), truth=truth, mean=float(own.mean()), auroc=auroc)
    return figures


def _auroc(positive: Array, negative: Array) -> float | None:
    """The probability that a positive scores above a negative, ties counting half; None without one of them."""
    from sklearn.metrics import roc_auc_score

    if not len(positive) or not len(negative):
        return None
    area = roc_auc_score(np.repeat([1, 0], [len(positive), len(negative)]), np.concatenate([positive, negative]))
    # It is a share of pairs, counted in halves; summed up as an area it is off in its last digit, by the order of the scores.
    half_pairs = 2 * len(positive) * len(negative)
    return round(float(area) * half_pairs) / half_pairs
