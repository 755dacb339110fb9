"""The cross-encoder student, with the real MiniLM and a few rows."""

from pathlib import Path
from typing import Any

import pytest

from judge.distillation.encoder_training import distil
from judge.distillation.settings import DistilSettings
from judge.distillation.training_rows import Distilled
from judge.errors import ModelError
from judge.models import encoders
from judge.students import cross_encoder
from judge.students.baseline import Cosine
from judge.students.evidence import Texts
from judge.students.options import CrossEncoder, StudentOption
from judge.students.saved import load, save
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, LEVELS, UNACCEPTABLE, Judgment, nearest
from tests.conftest import option

SETTINGS = DistilSettings(
    alpha=0.5,
    temperature=1.0,
    epochs=6,
    patience=6,
    learning_rate=3e-4,
    weight_decay=0.0,
    batch_size=4,
    validation_fraction=0.25,
)


def chosen(**changes: Any) -> CrossEncoder:
    """The option of conf/."""
    found: CrossEncoder = option("student", "cross-encoder", StudentOption, **changes)
    return found


def rows() -> list[dict[str, Any]]:
    """Eight documents, of which the teacher likes every answer with a yes and none with a no."""
    said = [("Yes.", 1.0), ("No.", 0.0)]
    return [
        {
            "document_id": f"document {number}",
            "question": f"Is {number} a number?",
            "context": f"The number {number} is one of many.",
            "reference": None,
            "answer": answer,
            "teacher_levels": list(nearest(score)),
            "teacher_class": ACCEPTABLE if score > 0.8 else UNACCEPTABLE,
        }
        for number in range(8)
        for answer, score in said
    ]


@pytest.fixture(scope="module")
def distilled() -> Distilled:
    """A cross-encoder trained on these rows."""
    return distil(rows(), chosen(), SETTINGS, threshold=0.8, teacher="rule", seed=1)


def test_it_learns_a_rule(distilled: Distilled) -> None:
    """On an unseen question yes scores above 0.5 and no below."""
    yes, no = (distilled.student.score("Is 9 a number?", answer, context="The number 9 is one of many.") for answer in ("Yes.", "No."))
    assert no < 0.5 < yes


def test_loaded_cross_encoder_gives_the_same_levels(distilled: Distilled, tmp_path: Path) -> None:
    """Saving and loading changes no level of any judgment."""
    save(distilled.student, tmp_path / "student", distilled.card)
    items = [Item.of(row) for row in rows()]
    assert load(tmp_path / "student").judge(items) == distilled.student.judge(items)


def test_same_seed_gives_the_same_student(distilled: Distilled) -> None:
    """A second training with the same seed ends with equal judgments."""
    again = distil(rows(), chosen(), SETTINGS, threshold=0.8, teacher="rule", seed=1)
    items = [Item.of(row) for row in rows()]
    assert again.student.judge(items) == distilled.student.judge(items)


def test_answers_of_different_lengths_keep_their_places(distilled: Distilled) -> None:
    """Rows are batched by length, yet judgments come back in the order of the items."""
    items = [Item("Why?", "Because of this and that and much else. " * count, "A passage.") for count in (9, 1, 5)]
    together = [judgment.score for judgment in distilled.student.judge(items)]
    alone = [distilled.student.judge([item])[0].score for item in items]
    assert together == pytest.approx(alone, abs=1e-4)


def test_too_long_evidence_is_cut_at_its_end() -> None:
    """A row has `max_tokens` tokens at most, and keeps question and answer whole."""
    model, _ = cross_encoder.build(chosen(max_tokens=32), [Texts("Why?", "So.", "Because.")])
    (row,) = model.prepare([Texts("Why is that?", "Because of Norport.", "word " * 1000)])
    assert len(row["input_ids"]) == 32
    assert "because of norport" in model.tokenizer.decode(row["input_ids"])


def test_classifier_has_one_logit_a_level() -> None:
    """The head is over the eleven levels."""
    model, inputs = cross_encoder.build(chosen(), [Texts("Why?", "So.", "Because."), Texts("Who?", "They.", "Them.")])
    assert model.members[0](inputs).shape == (2, len(LEVELS))


def test_unknown_encoder_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    """A local folder that holds no model is named, with what to do."""
    settings = encoders.EncoderSettings(embedded=None, hub=str(tmp_path), revision=None)
    with pytest.raises(ModelError, match="could not be loaded"):
        encoders.load(settings)


def test_cosine_baseline_ranks_a_copy_above_a_stranger() -> None:
    """The encoder before distillation gives a copied passage 1 and an unrelated answer less."""
    passage = "Falcons are birds of prey that dive on pigeons."
    copy, stranger = Cosine(chosen()).judge([Item("What?", passage, passage), Item("What?", "The bank raised its rates.", passage)])
    assert copy.score == pytest.approx(1.0, abs=1e-6)
    assert stranger.score is not None
    assert stranger.score < 0.3


def test_cosine_baseline_gives_no_verdict_on_an_empty_answer() -> None:
    """An answer without words fails as it does for a student."""
    assert Cosine(chosen()).judge([Item("What?", None, "A passage.")]) == [Judgment(None, "no_verdict")]
