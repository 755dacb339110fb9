"""What the teacher of groundedness measures of an answer: token log-likelihoods with and without the passage, and word overlap."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from judge.models.language_models import ModelSettings
from judge.probes import overlap
from judge.probes.mentions import names, numbers
from judge.tables.items import Item
from judge.teachers import likelihood
from judge.teachers.likelihood import TokenLikelihoods

Array = npt.NDArray[np.float64]

# `lowest` and `highest` are means of three tokens, which one odd token cannot decide alone.
_LOWEST = 3
# A token's log-probability and contrast are cut here: how impossible an impossible token is says nothing more.
_FLOOR = -12.0
_CONTRAST_LIMIT = 8.0
_SUMMARIES = ("mean", "minimum", "lowest")
_LIKELIHOODS = (
    *(f"likelihood_{name}" for name in _SUMMARIES),
    *(f"contrast_{name}" for name in _SUMMARIES),
    *(f"regret_{name}" for name in ("mean", "maximum", "highest")),
    "mention_likelihood_mean",
    "mention_likelihood_minimum",
    "mention_contrast_mean",
    "mention_contrast_minimum",
    "mention_regret_maximum",
)
FEATURES = (*_LIKELIHOODS, *overlap.FEATURES)


def features(model: ModelSettings | None) -> tuple[str, ...]:
    """What `measure` measures: all of `FEATURES`, or without a model those of word overlap."""
    return FEATURES if model is not None else overlap.FEATURES


def measure(model: ModelSettings | None, items: Sequence[Item]) -> Array:
    """The features of answers that have a passage and at least one letter or digit.

    Args:
        model: whose likelihoods are measured; None: none are.
        items: the answers.

    Returns:
        (items, features), all finite, columns as `features` names them.

    Raises:
        ModelError: the model cannot be loaded, or a passage with its answers does not fit into memory.
    """
    texts = [(item.context or "", item.answer or "") for item in items]
    # An answer may take up the question's words: they are given to it, not invented.
    rows = [overlap.measure(answer, f"{passage}\n{item.question}") for item, (passage, answer) in zip(items, texts, strict=True)]
    if model is not None:
        measured = zip(texts, likelihood.measure(model, texts), strict=True)
        rows = [_likelihoods(answer, tokens) | row for ((_, answer), tokens), row in zip(measured, rows, strict=True)]
    columns = features(model)
    return np.array([[row[name] for name in columns] for row in rows], dtype=np.float64).reshape(-1, len(columns))


def _likelihoods(answer: str, tokens: TokenLikelihoods) -> dict[str, float]:
    own, alone = np.array(tokens.with_passage), np.array(tokens.without_passage)
    likelihoods = np.maximum(own, _FLOOR)
    contrasts = np.clip(own - alone, -_CONTRAST_LIMIT, _CONTRAST_LIMIT)
    # How much likelier the model holds another token: high where the passage says something else at this point.
    regrets = np.minimum(np.array(tokens.best_with_passage) - own, _CONTRAST_LIMIT)
    row = _summary("likelihood", likelihoods) | _summary("contrast", contrasts)
    row |= {"regret_mean": float(regrets.mean()), "regret_maximum": float(regrets.max())}
    row["regret_highest"] = float(np.sort(regrets)[-_LOWEST:].mean())
    return row | _mention_features(answer, tokens.starts, own, alone, regrets)


def _summary(name: str, values: Array) -> dict[str, float]:
    lowest = np.sort(values)[:_LOWEST]
    return {f"{name}_mean": float(values.mean()), f"{name}_minimum": float(lowest[0]), f"{name}_lowest": float(lowest.mean())}


def _mention_features(answer: str, starts: Sequence[int], own: Array, alone: Array, regrets: Array) -> dict[str, float]:
    """The same for whole names and numbers, whose tokens stand or fall together; of all tokens where there is none."""
    ends = [*starts[1:], len(answer)]
    spans = [
        [index for index, (start, end) in enumerate(zip(starts, ends, strict=True)) if start < mention.end and end > mention.start]
        for mention in [*names(answer), *numbers(answer)]
    ]
    spans = [span for span in spans if span] or [[index] for index in range(len(starts))]
    likelihoods = np.array([max(_FLOOR, float(own[span].sum())) for span in spans])
    contrasts = np.array([float((own[span] - alone[span]).sum()) for span in spans]).clip(-_CONTRAST_LIMIT, -_FLOOR)
    return {
        "mention_likelihood_mean": float(likelihoods.mean()),
        "mention_likelihood_minimum": float(likelihoods.min()),
        "mention_contrast_mean": float(contrasts.mean()),
        "mention_contrast_minimum": float(contrasts.min()),
        "mention_regret_maximum": float(max(regrets[span].max() for span in spans)),
    }
