"""The default teacher: the probability that an answer rests on its passage, measured rather than asked for.

A language model's token log-likelihoods with and without the passage, joined with word overlap, go through a logistic
model that is fitted on statements whose truth is known by construction (Platt 1999 for the mapping to a probability).
It is fitted many times on articles drawn with replacement, and the judgment averages those fits (bagging, Breiman
1996), so its distribution is wide where the fits disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from judge.errors import JudgmentError
from judge.models.language_models import ModelSettings
from judge.probes import overlap
from judge.probes.mentions import names, numbers
from judge.probes.statements import Statement
from judge.settings import Option
from judge.tables import levels
from judge.tables.levels import Judgment
from judge.teachers import likelihood

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


Array = npt.NDArray[np.float64]

_FEWEST_OF_A_CLASS = 2
_LOWEST = 3
# A token's log-probability and contrast are cut here: how impossible an impossible token is says nothing more.
_FLOOR = -12.0
_CONTRAST_LIMIT = 8.0
# The inverse strength of the L2 penalty on standardised features: 1.0 separates exchanges a little better,
# 0.1 gives smoother probabilities on real answers.
_INVERSE_PENALTY = 0.3
_TOKENS = ("mean", "minimum", "lowest")
FEATURES = (
    *(f"likelihood_{name}" for name in _TOKENS),
    *(f"contrast_{name}" for name in _TOKENS),
    *(f"regret_{name}" for name in ("mean", "maximum", "highest")),
    "mention_likelihood_mean",
    "mention_likelihood_minimum",
    "mention_contrast_mean",
    "mention_contrast_minimum",
    "mention_regret_maximum",
    *overlap.FEATURES,
)


class Likelihood(Option):
    """A judge of groundedness from token log-likelihoods and word overlap, calibrated on statements of known truth."""

    kind: Literal["likelihood"]
    model: ModelSettings
    fits: int = Field(ge=2, le=200, description="bootstrap fits of the logistic model, whose spread is the distribution over the levels")


@dataclass(frozen=True)
class Request:
    """An answer to a question about a passage."""

    passage: str
    question: str
    answer: str


class KindFigures(BaseModel):
    """How a kind of statement was judged by fits that had not seen its article.

    `auroc` is that of a false kind against the true sentences; null for a true kind, or where no sentence is true.
    """

    model_config = ConfigDict(frozen=True)

    n: int
    truth: bool
    mean: float
    auroc: float | None


class Calibration(BaseModel):
    """A fitted mapping from features to probabilities, with what was measured of it.

    `centers` and `scales` standardise the features; each member of `intercepts` and of `coefficients` is one bootstrap fit.
    The figures are cross-validated by article; `share_true` is the share of true statements, and the Brier score is to be
    read beside `share_true * (1 - share_true)`, that of always giving the share.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    features: tuple[str, ...]
    centers: tuple[float, ...]
    scales: tuple[float, ...]
    intercepts: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]
    n: int
    articles: int
    share_true: float
    brier: float | None
    auroc: float | None
    kinds: dict[str, KindFigures]


def fit(settings: ModelSettings, statements: Sequence[Statement], *, seed: int, fits: int = 20, folds: int = 5) -> Calibration:
    """Fit the teacher on statements whose truth is known.

    Args:
        settings: the language model whose likelihoods are features.
        statements: of several articles (`document_id`); true and false ones weigh the same in sum.
        seed: for the articles that each bootstrap fit draws.
        fits: bootstrap fits.
        folds: folds of articles for the cross-validated figures; fewer where there are fewer articles.

    Raises:
        JudgmentError: too few statements, or only true or only false ones.
        ModelError: the language model cannot be loaded.
    """
    truth = np.array([statement.truth for statement in statements], dtype=bool)
    fewest = min(int(truth.sum()), int((~truth).sum()))
    articles = sorted({statement.document_id for statement in statements})
    if fewest < _FEWEST_OF_A_CLASS or len(articles) < _FEWEST_OF_A_CLASS:
        raise JudgmentError(
            f"The teacher has too little to learn from: {int(truth.sum())} true and {int((~truth).sum())} false statements "
            f"of {len(articles)} articles, at least {_FEWEST_OF_A_CLASS} of each are needed.\n"
            "Next: give it a larger background corpus, or choose another teacher in params.yaml.",
        )
    features = measure(settings, [Request(s.context, s.question, s.statement) for s in statements])
    centers, scales = features.mean(axis=0), features.std(axis=0)
    # A feature that never varies cannot tell anything apart; with scale 1 it stays 0 for all.
    scales[scales == 0.0] = 1.0
    standard = (features - centers) / scales
    number_of = {article: number for number, article in enumerate(articles)}
    article_of = np.array([number_of[statement.document_id] for statement in statements])
    bootstrap = _bootstrap(standard, truth, article_of, np.random.default_rng(seed), fits)
    held_out = _held_out(standard, truth, article_of, folds)
    return Calibration(
        model=settings.identity,
        features=FEATURES,
        centers=tuple(centers.tolist()),
        scales=tuple(scales.tolist()),
        intercepts=tuple(float(model.intercept_[0]) for model in bootstrap),
        coefficients=tuple(tuple(model.coef_[0].tolist()) for model in bootstrap),
        n=len(statements),
        articles=len(articles),
        share_true=float(truth.mean()),
        brier=None if held_out is None else float(np.mean((held_out - truth) ** 2)),
        auroc=None if held_out is None else _auroc(held_out[truth], held_out[~truth]),
        kinds={} if held_out is None else _by_kind(statements, held_out),
    )


def judge(settings: ModelSettings, calibration: Calibration, requests: Sequence[Request]) -> list[Judgment]:
    """Judge answers: the average over the bootstrap fits of each one's probability as a distribution over the levels.

    The score is thus the bagged probability.
    An answer without a letter or digit gets no verdict.

    Raises:
        JudgmentError: the calibration belongs to another language model or to other features.
        ModelError: the language model cannot be loaded.
    """
    if (calibration.model, calibration.features) != (settings.identity, FEATURES):
        raise JudgmentError(
            f"The calibration was fitted for {calibration.model} and {len(calibration.features)} features, "
            f"but the teacher is {settings.identity} with {len(FEATURES)} features.\n"
            "Next: fit it again by running the stage that makes it.",
        )
    asked = [number for number, request in enumerate(requests) if overlap.words(request.answer)]
    judgments = [Judgment(None, reason="no_verdict")] * len(requests)
    if not asked:
        return judgments
    features = measure(settings, [requests[number] for number in asked])
    standard = (features - np.array(calibration.centers)) / np.array(calibration.scales)
    logits = standard @ np.array(calibration.coefficients).T + np.array(calibration.intercepts)
    for number, row in zip(asked, 1.0 / (1.0 + np.exp(-logits)), strict=True):
        judgments[number] = Judgment(levels.average([levels.interpolate(float(p)) for p in row]))
    return judgments


def measure(settings: ModelSettings, requests: Sequence[Request]) -> Array:
    """The features of answers: (requests, features), columns as in `FEATURES`; every answer has a letter or digit."""
    tokens = likelihood.measure(settings, [(request.passage, request.answer) for request in requests])
    rows = [_features(request, measured) for request, measured in zip(requests, tokens, strict=True)]
    return np.array([[row[name] for name in FEATURES] for row in rows], dtype=np.float64).reshape(-1, len(FEATURES))


def _features(request: Request, tokens: likelihood.Tokens) -> dict[str, float]:
    own, alone = np.array(tokens.with_passage), np.array(tokens.without_passage)
    likelihoods = np.maximum(own, _FLOOR)
    contrasts = np.clip(own - alone, -_CONTRAST_LIMIT, _CONTRAST_LIMIT)
    # How much likelier the model finds another token: high where the passage says something else at this place.
    regrets = np.minimum(np.array(tokens.best_with_passage) - own, _CONTRAST_LIMIT)
    row = _summary("likelihood", likelihoods) | _summary("contrast", contrasts)
    row |= {"regret_mean": float(regrets.mean()), "regret_maximum": float(regrets.max())}
    row["regret_highest"] = float(np.sort(regrets)[-_LOWEST:].mean())
    row |= _mention_features(request.answer, tokens.starts, own, alone, regrets)
    # An answer may take up the question's words: they are given to it, not invented.
    overlaps = overlap.measure(request.answer, f"{request.passage}\n{request.question}")
    return row | overlaps


def _summary(name: str, values: Array) -> dict[str, float]:
    lowest = np.sort(values)[:_LOWEST]
    return {f"{name}_mean": float(values.mean()), f"{name}_minimum": float(lowest[0]), f"{name}_lowest": float(lowest.mean())}


def _mention_features(answer: str, starts: Sequence[int], own: Array, alone: Array, regrets: Array) -> dict[str, float]:
    """The same for whole names and numbers, whose tokens stand or fall together; of all tokens where there is none."""
    ends = [*starts[1:], len(answer)]
    spans = [
        [place for place, (start, end) in enumerate(zip(starts, ends, strict=True)) if start < mention.end and end > mention.start]
        for mention in [*names(answer), *numbers(answer)]
    ]
    spans = [span for span in spans if span] or [[place] for place in range(len(starts))]
    likelihoods = np.array([max(_FLOOR, float(own[span].sum())) for span in spans])
    contrasts = np.array([float((own[span] - alone[span]).sum()) for span in spans]).clip(-_CONTRAST_LIMIT, -_FLOOR)
    return {
        "mention_likelihood_mean": float(likelihoods.mean()),
        "mention_likelihood_minimum": float(likelihoods.min()),
        "mention_contrast_mean": float(contrasts.mean()),
        "mention_contrast_minimum": float(contrasts.min()),
        "mention_regret_maximum": float(max(regrets[span].max() for span in spans)),
    }


def _fit_once(standard: Array, truth: npt.NDArray[np.bool_], weights: Array) -> "LogisticRegression":
    """A logistic model in which the true and the false statements weigh the same in sum."""
    from sklearn.linear_model import LogisticRegression

    balanced = weights * np.where(truth, 0.5 / weights[truth].sum(), 0.5 / weights[~truth].sum()) * weights.sum()
    return LogisticRegression(C=_INVERSE_PENALTY, max_iter=2000).fit(standard, truth, sample_weight=balanced)


def _bootstrap(
    standard: Array,
    truth: npt.NDArray[np.bool_],
    article_of: npt.NDArray[np.int64],
    rng: np.random.Generator,
    fits: int,
) -> list["LogisticRegression"]:
    """Fits on articles drawn with replacement; a draw without both classes is drawn again."""
    count = int(article_of.max()) + 1
    models: list[LogisticRegression] = []
    while len(models) < fits:
        weights = rng.multinomial(count, np.full(count, 1.0 / count))[article_of].astype(np.float64)
        if weights[truth].any() and weights[~truth].any():
            models.append(_fit_once(standard, truth, weights))
    return models


def _held_out(standard: Array, truth: npt.NDArray[np.bool_], article_of: npt.NDArray[np.int64], folds: int) -> Array | None:
    """Each statement's probability by a fit without its article's fold; None where a fold leaves one class only."""
    fold_of = article_of % min(folds, int(article_of.max()) + 1)
    probabilities = np.empty(len(truth))
    for fold in np.unique(fold_of):
        inside = fold_of == fold
        if len(np.unique(truth[~inside])) == 1:
            return None
        model = _fit_once(standard[~inside], truth[~inside], np.ones(int((~inside).sum())))
        probabilities[inside] = model.predict_proba(standard[inside])[:, 1]
    return probabilities


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
    if not len(positive) or not len(negative):
        return None
    difference = positive[:, None] - negative[None, :]
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())
