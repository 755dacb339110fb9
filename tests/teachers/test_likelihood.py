"""Token log-likelihoods under the real small model, against a plain forward pass of the same text."""

from pathlib import Path

import pytest
import torch

from judge.models import folders, pinned
from judge.models.language_models import LanguageModel, ModelSettings, load
from judge.teachers import likelihood
from judge.teachers.likelihood import TokenLikelihoods, measure

pytestmark = pytest.mark.skipif(not pinned.is_installed("smollm2-135m-instruct"), reason="the pinned model is not installed")

# In full precision, so that packing can be compared with a plain pass closely.
SETTINGS = ModelSettings(embedded="smollm2-135m-instruct", hub=None, revision=None, dtype="float32")
PASSAGE = "The Vell bridge was opened in 1877 by Queen Isabel. It carries 430 cars an hour."
TRUE, FALSE = "The bridge was opened in 1877.", "The bridge was opened in 1952."
TEXTS = [(PASSAGE, TRUE), (PASSAGE, FALSE), (PASSAGE, "Isabel")]


@pytest.fixture(autouse=True)
def fresh_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty store of replies beside the converted models, which take long to make."""
    models = folders.cache_folder() / "models"
    models.mkdir(parents=True, exist_ok=True)
    (tmp_path / "models").symlink_to(models.resolve())
    monkeypatch.setenv("JUDGE_CACHE", str(tmp_path))


def _plain(loaded: LanguageModel, prompt: str, answer: str) -> list[float]:
    """The log-probabilities of an answer's tokens, one text in one pass."""
    start = loaded.tokenizer(prompt)["input_ids"]
    ids = torch.tensor([start + loaded.tokenizer(f" {answer}")["input_ids"]], device=loaded.model.device)
    with torch.inference_mode():
        chances = loaded.model(ids).logits[0].log_softmax(-1)
    return [float(chances[index - 1, ids[0, index]]) for index in range(len(start), ids.shape[1])]


def test_packed_answers_are_measured_as_if_each_stood_alone() -> None:
    """Sharing a row with other answers changes nothing, with the passage and without it."""
    loaded = load(SETTINGS)
    for (_, answer), tokens in zip(TEXTS, measure(SETTINGS, TEXTS), strict=True):
        assert tokens.with_passage == pytest.approx(_plain(loaded, f"Passage: {PASSAGE}\n\nAnswer:", answer), abs=1e-3)
        assert tokens.without_passage == pytest.approx(_plain(loaded, "Answer:", answer), abs=1e-3)


def test_a_token_starts_where_it_starts_in_the_answer() -> None:
    """Offsets count from the answer's first character and rise."""
    (tokens,) = measure(SETTINGS, [(PASSAGE, "In 1877")])
    assert tokens.starts[0] == 0
    assert ["In", " ", "1", "8", "7", "7"] == ["In 1877"[a:b] for a, b in zip(tokens.starts, [*tokens.starts[1:], None], strict=True)]


def test_the_likeliest_token_is_never_less_likely_than_the_answers() -> None:
    """`best_with_passage` bounds `with_passage`, and no probability is above 1."""
    for tokens in measure(SETTINGS, TEXTS):
        assert all(own <= best <= 0.0 for own, best in zip(tokens.with_passage, tokens.best_with_passage, strict=True))


def test_a_passage_makes_its_own_number_likelier_than_another() -> None:
    """Given the passage the true year costs less; without it the two cost about the same."""
    true, false, _ = measure(SETTINGS, TEXTS)
    assert sum(true.with_passage) > sum(false.with_passage) + 3
    assert abs(sum(true.without_passage) - sum(false.without_passage)) < 3


def test_results_come_in_the_order_asked_and_equal_texts_get_equal_results() -> None:
    """Order and repetition of the texts are the caller's business."""
    one, other, third = measure(SETTINGS, TEXTS)
    assert measure(SETTINGS, [TEXTS[1], TEXTS[2], TEXTS[0], TEXTS[1]]) == [other, third, one, other]


def test_a_second_run_is_read_from_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured once is never computed again: the model is not even loaded."""
    first = measure(SETTINGS, TEXTS)

    def refuse(_: ModelSettings) -> LanguageModel:
        raise AssertionError

    monkeypatch.setattr(likelihood, "load", refuse)
    assert measure(SETTINGS, TEXTS) == first


def test_the_same_texts_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Computed anew in half precision, every digit is the same."""
    half = SETTINGS.model_copy(update={"dtype": "bfloat16"})
    first = measure(half, TEXTS)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "models").symlink_to(tmp_path / "models")
    monkeypatch.setenv("JUDGE_CACHE", str(tmp_path / "again"))
    assert measure(half, TEXTS) == first


def test_half_precision_stays_near_full_precision() -> None:
    """The mean log-probability moves by less than a tenth of a nat."""
    half = measure(SETTINGS.model_copy(update={"dtype": "bfloat16"}), TEXTS)
    full = measure(SETTINGS, TEXTS)
    assert [_mean(tokens) for tokens in half] == pytest.approx([_mean(tokens) for tokens in full], abs=0.1)


def _mean(tokens: TokenLikelihoods) -> float:
    return sum(tokens.with_passage) / len(tokens.with_passage)
