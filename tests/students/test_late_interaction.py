"""Token matches and what is read for them, on the real MiniLM; and that training on them follows the teacher."""

from typing import Any

import numpy as np
import pytest
import torch

from judge.distillation.encoder_training import distil
from judge.distillation.settings import DistilSettings
from judge.errors import StudentError
from judge.models import encoders
from judge.models.encoders import Encoder, TokenVectors
from judge.students import late_interaction, token_matches
from judge.students.evidence import Texts
from judge.students.options import LateInteraction, StudentOption
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE, nearest
from tests.conftest import option

PASSAGE = "The Vell bridge was opened in 1877 by Queen Isabel, and carries 430 cars an hour to Norport."


def settings(**changes: Any) -> DistilSettings:
    """Training settings that fit a few rows."""
    values: dict[str, Any] = {
        "alpha": 0.5,
        "temperature": 1.0,
        "epochs": 40,
        "patience": 40,
        "learning_rate": 0.01,
        "weight_decay": 0.0,
        "batch_size": 16,
        "validation_fraction": 0.25,
    }
    return DistilSettings(**{**values, **changes})


def chosen(**changes: Any) -> LateInteraction:
    """The option of conf/."""
    found: LateInteraction = option("student", "late-interaction", StudentOption, **changes)
    return found


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real encoder."""
    return encoders.load(chosen().encoder)


def features(encoder: Encoder, answer: str, evidence: str = PASSAGE, question: str = "When did it open?") -> dict[str, float]:
    """The features of one answer by name."""
    measured = token_matches.measure(Texts(question, answer, evidence), *encoders.read(encoder, [question, answer, evidence]))
    return dict(zip(token_matches.FEATURES, measured.tolist(), strict=True))


def row(number: int, answer: str, score: float) -> dict[str, Any]:
    """A row of the dataset about a document of its own."""
    return {
        "document_id": f"document {number}",
        "question": "When did it open?",
        "context": PASSAGE,
        "reference": "In 1877.",
        "answer": answer,
        "teacher_levels": list(nearest(score)),
        "teacher_class": ACCEPTABLE if score > 0.8 else UNACCEPTABLE,
    }


def rows() -> list[dict[str, Any]]:
    """Short answers that the teacher likes, and long ones that it does not, from sixteen documents."""
    answers = ["It opened then", "It opened then and nobody knows why it was built in such a hurry on that day"]
    return [row(number, answers[number % 2], float(number % 2 == 0)) for number in range(16)]


def test_copied_words_match_perfectly_before_any_context(encoder: Encoder) -> None:
    """Words of the passage have cosine 1 with themselves on the layer of bare words."""
    assert features(encoder, "carries 430 cars")["match_word_minimum"] == pytest.approx(1.0, abs=1e-3)


def test_foreign_word_shows_in_the_minimum(encoder: Encoder) -> None:
    """One replaced number lowers the lowest match and leaves the mean nearly as it was."""
    true, false = (features(encoder, f"was opened in {year} by Queen Isabel") for year in ("1877", "1962"))
    assert false["match_word_minimum"] < true["match_word_minimum"] - 0.2
    assert false["match_word_mean"] > true["match_word_mean"] - 0.2


def test_exchanged_words_show_in_the_order(encoder: Encoder) -> None:
    """The same words in another order have new pairs, though each has its match."""
    straight, turned = (features(encoder, text) for text in ("opened in 1877 by Queen Isabel", "opened by 1877 in Isabel Queen"))
    assert straight["new_pairs"] == 0.0
    assert turned["new_pairs"] > 0.5
    assert turned["match_word_minimum"] == pytest.approx(1.0, abs=1e-3)


def test_words_of_the_question_are_not_the_answers_own(encoder: Encoder) -> None:
    """Of an answer that repeats the question and adds a year, only the year is its own."""
    measured = features(encoder, "When did it open? 1877")
    year = features(encoder, "1877")
    assert measured["own_word_mean"] == pytest.approx(year["own_word_mean"], abs=1e-2)


def test_nothing_to_match_gives_finite_features() -> None:
    """An answer or an evidence without tokens has similarity 0, not NaN."""
    unit = np.full(8, 8**-0.5, dtype=np.float32)
    empty = TokenVectors(np.zeros(0, np.int64), np.zeros((4, 0, 8), np.float32), unit)
    single = TokenVectors(np.array([5]), np.broadcast_to(unit, (4, 1, 8)), unit)
    for answer, evidence in ((empty, single), (single, empty), (empty, empty)):
        measured = token_matches.measure(Texts("?", "!", "-"), empty, answer, evidence)
        assert np.isfinite(measured).all()


def test_long_text_is_read_to_its_end(encoder: Encoder) -> None:
    """A word after a thousand others is still found: long texts are read in pieces."""
    (tokens,) = encoders.read(encoder, ["and so on " * 400 + "Norport"])
    assert len(tokens.ids) > 1000
    assert features(encoder, "Norport", evidence="and so on " * 400 + "Norport")["match_word_minimum"] == pytest.approx(1.0, abs=1e-3)


def test_reading_keeps_the_order_of_texts(encoder: Encoder) -> None:
    """Texts are batched by length and read once each, yet come back where they stood."""
    texts = ["a rather longer text than the next one", "cars", "Queen Isabel", "cars"]
    alone = [encoders.read(encoder, [text])[0].ids.tolist() for text in texts]
    assert [tokens.ids.tolist() for tokens in encoders.read(encoder, texts)] == alone


def test_features_are_standardised_on_the_training_rows() -> None:
    """Over the texts that a model is built on, its inputs have mean 0 and spread 1, or 0 where nothing varies."""
    texts = [Texts("When?", answer, PASSAGE) for answer in ("In 1877", "By Queen Isabel of Norport", "It carries cars", "Nobody knows")]
    _, inputs = late_interaction.build(chosen(), texts)
    spreads = torch.stack(inputs).std(dim=0, correction=0)
    assert torch.stack(inputs).mean(dim=0).abs().max() < 1e-4
    assert ((spreads - 1).abs() < 1e-3).logical_or(spreads < 1e-3).all()


def test_training_lowers_both_terms_on_validation() -> None:
    """From the first epoch to the last, cross entropy and divergence fall on documents that were left out."""
    epochs: list[dict[str, float]] = []
    distil(rows(), chosen(heads=2), settings(), threshold=0.8, teacher="rule", seed=1, on_epoch=lambda _, found: epochs.append(dict(found)))
    assert epochs[-1]["validation_ce"] < 0.5 * epochs[0]["validation_ce"]
    assert epochs[-1]["validation_kl"] < 0.5 * epochs[0]["validation_kl"]


def test_loss_of_an_epoch_is_the_weighted_sum_of_its_terms() -> None:
    """The curves' loss is alpha times ce plus 1 - alpha times kl, on both sides; epochs count from 1."""
    seen: list[tuple[int, dict[str, float]]] = []
    wanted = settings(alpha=0.3, epochs=2)
    distil(
        rows(),
        chosen(heads=1),
        wanted,
        threshold=0.8,
        teacher="rule",
        seed=1,
        on_epoch=lambda *found: seen.append((found[0], dict(found[1]))),
    )
    assert [epoch for epoch, _ in seen] == [1, 2]
    for _, found in seen:
        for side in ("train", "validation"):
            assert found[f"{side}_loss"] == pytest.approx(0.3 * found[f"{side}_ce"] + 0.7 * found[f"{side}_kl"])


def test_training_stops_when_validation_gets_no_better() -> None:
    """With labels that nothing can predict on other documents, training ends `patience` epochs after the best one."""
    noise = [row(number, "It opened then", float(number % 4 < 2)) for number in range(16)]
    epochs: list[int] = []
    wanted = settings(epochs=200, patience=3)
    distilled = distil(
        noise, chosen(heads=1), wanted, threshold=0.8, teacher="rule", seed=1, on_epoch=lambda epoch, _: epochs.append(epoch)
    )
    assert epochs[-1] < 200
    assert epochs[-1] == distilled.student.training["epoch"] + 3


def test_rows_without_a_judgment_teach_nothing() -> None:
    """Failed judgments and answers without words are counted and left out; the student is that of the other rows."""
    failed = {**row(3, "It opened then", 1.0), "teacher_levels": None, "teacher_class": None}
    extra = [failed, row(4, "...", 1.0)]
    trained = [
        distil(given, chosen(heads=1), settings(epochs=3), threshold=0.8, teacher="rule", seed=1) for given in (rows(), rows() + extra)
    ]
    judged = [distilled.student.judge([Item.of(each) for each in rows()]) for distilled in trained]
    assert judged[0] == judged[1]
    assert [distilled.student.training["rows_left_out"] for distilled in trained] == [0, 2]


def test_single_document_is_refused() -> None:
    """Without a second document there is nothing to validate on."""
    lone = [{**each, "document_id": "one"} for each in rows()]
    with pytest.raises(StudentError, match="at least 2 documents"):
        distil(lone, chosen(heads=1), settings(), threshold=0.8, teacher="rule", seed=1)


def test_diverging_training_is_refused() -> None:
    """A loss that is no number any more names the setting to change."""
    with pytest.raises(StudentError, match=r"lower distil\.learning_rate"):
        distil(rows(), chosen(heads=1), settings(learning_rate=1.0, weight_decay=1e30), threshold=0.8, teacher="rule", seed=1)


def test_training_leaves_the_callers_torch_as_it_was() -> None:
    """The global generator goes on as if nothing had been trained, and so do torch's threads."""
    threads = torch.get_num_threads()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    distil(rows(), chosen(heads=1), settings(epochs=1), threshold=0.8, teacher="rule", seed=1)
    assert torch.equal(expected, torch.rand(3))
    assert torch.get_num_threads() == threads
