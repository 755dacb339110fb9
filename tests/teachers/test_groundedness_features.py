"""What is measured of an answer, from log-probabilities that are set by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from judge.models.language_models import ModelSettings
from judge.probes import overlap
from judge.tables.items import Item
from judge.teachers import likelihood
from judge.teachers.groundedness_features import FEATURES, measure
from judge.teachers.likelihood import TokenLikelihoods

MODEL = ModelSettings(embedded=None, hub="none", revision=None, dtype="float32")
PASSAGE = "The mill was built in 1931 by Clara Osten."


def features(monkeypatch: pytest.MonkeyPatch, answer: str, tokens: TokenLikelihoods, question: str = "When?") -> dict[str, float]:
    """The features of one answer whose tokens have these log-probabilities, by name."""

    def measured(_: ModelSettings, texts: Sequence[tuple[str, str]]) -> list[TokenLikelihoods]:
        assert [(PASSAGE, answer)] == list(texts)
        return [tokens]

    monkeypatch.setattr(likelihood, "measure", measured)
    (row,) = measure(MODEL, [Item(question, answer, PASSAGE)])
    return dict(zip(FEATURES, row.tolist(), strict=True))


def tokens_of(with_passage: Sequence[float], without: Sequence[float], starts: Sequence[int], best: Sequence[float]) -> TokenLikelihoods:
    """What a language model says of the tokens."""
    return TokenLikelihoods(tuple(starts), tuple(with_passage), tuple(best), tuple(without))


def test_tokens_are_summarised_by_mean_minimum_and_the_three_lowest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The likelihood, and what the passage adds to it; of regrets the highest count."""
    tokens = tokens_of([-1, -2, -3, -6], [-2, -4, -3, -5], starts=[0, 2, 4, 6], best=[-1, -1, -1, -1])
    row = features(monkeypatch, "a b c d", tokens)
    assert [-3, -6, -11 / 3] == pytest.approx([row[f"likelihood_{name}"] for name in ("mean", "minimum", "lowest")])
    assert [0.5, -1, 0] == pytest.approx([row[f"contrast_{name}"] for name in ("mean", "minimum", "lowest")])
    assert [2, 5, 8 / 3] == pytest.approx([row[f"regret_{name}"] for name in ("mean", "maximum", "highest")])


def test_an_impossible_token_counts_no_more_than_an_unlikely_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log-probabilities are cut at -12, contrasts and regrets at 8."""
    row = features(monkeypatch, "a b", tokens_of([-40, -1], [-1, -30], starts=[0, 2], best=[-1, -1]))
    assert [-12, -8, 8] == [row["likelihood_minimum"], row["contrast_minimum"], row["regret_maximum"]]
    assert row["contrast_mean"] == 0


def test_the_tokens_of_a_number_stand_or_fall_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of "in 1931", whose year has two tokens, the mention is their sum; "in" takes no part."""
    row = features(monkeypatch, "in 1931", tokens_of([-5, -1, -2], [-5, -3, -2.5], starts=[0, 3, 5], best=[-1, -1, -1]))
    assert [-3, -3] == [row["mention_likelihood_mean"], row["mention_likelihood_minimum"]]
    assert [2.5, 2.5, 1] == [row["mention_contrast_mean"], row["mention_contrast_minimum"], row["mention_regret_maximum"]]


def test_without_names_and_numbers_all_tokens_are_mentions(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is always something to measure."""
    row = features(monkeypatch, "by her", tokens_of([-5, -1], [-5, -3], starts=[0, 3], best=[-1, -1]))
    assert [-3, -5] == [row["mention_likelihood_mean"], row["mention_likelihood_minimum"]]


def test_words_of_the_question_are_not_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are given to the answer, as those of the passage are."""
    tokens = tokens_of([-1, -1], [-1, -1], starts=[0, 6], best=[-1, -1])
    assert features(monkeypatch, "brewery 1931", tokens)["new_words"] == 0.5
    assert features(monkeypatch, "brewery 1931", tokens, question="When was the brewery built?")["new_words"] == 0


def test_no_item_gives_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns stay, and they end with those of word overlap."""
    monkeypatch.setattr(likelihood, "measure", lambda *_: [])
    assert (0, len(FEATURES)) == np.shape(measure(MODEL, []))
    assert FEATURES[-len(overlap.FEATURES) :] == overlap.FEATURES
