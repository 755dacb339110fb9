"""The cross-encoder student, with the real MiniLM and a few rows."""

from pathlib import Path
from typing import Any

import pytest

from judge.distillation.encoder_training import distil
from judge.distillation.settings import DistilSettings
from judge.errors import StudentError
from judge.students.cross_encoder import CrossEncoderStudent
from judge.students.encoder_student import EncoderStudent
from judge.students.saved import load, save
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, LEVELS, UNACCEPTABLE, nearest
from tests.students.examples import RUN, cross_encoder

SETTINGS = DistilSettings(
    alpha=0.5,
    temperature=1.0,
    epochs=10,
    patience=10,
    learning_rate=3e-4,
    weight_decay=0.0,
    batch_size=4,
    statements=True,
    retrainings=2,
    validation_fraction=0.25,
)


def rows() -> list[dict[str, Any]]:
    """Eight documents, of which the teacher likes every answer with a yes and none with a no."""
    said = [("Yes.", 1.0), ("No.", 0.0)]
    return [
        {
            "answer_id": f"answer {number} {answer}",
            "document_id": f"document {number}",
            "question": f"Is {number} a number?",
            "context": f"The number {number} is one of many.",
            "reference": None,
            "answer": answer,
            "teacher_levels": list(nearest(score)),
            "teacher_score": score,
            "teacher_class": ACCEPTABLE if score > 0.8 else UNACCEPTABLE,
        }
        for number in range(8)
        for answer, score in said
    ]


@pytest.fixture(scope="module")
def student() -> EncoderStudent:
    """A cross-encoder trained on these rows."""
    return distil(rows(), cross_encoder(), SETTINGS, RUN)


def test_it_learns_a_rule(student: EncoderStudent) -> None:
    """On an unseen question yes scores above 0.5 and no below."""
    yes, no = (student.score("Is 9 a number?", answer, context="The number 9 is one of many.") for answer in ("Yes.", "No."))
    assert no < 0.5 < yes


def test_loaded_cross_encoder_gives_the_same_levels(student: EncoderStudent, tmp_path: Path) -> None:
    """Saving and loading changes no level of any judgment."""
    save(student, tmp_path / "student", "a card")
    items = [Item.of(row) for row in rows()]
    assert load(tmp_path / "student").judge(items) == student.judge(items)


def test_same_seed_gives_the_same_student(student: EncoderStudent) -> None:
    """A second training with the same seed ends with equal judgments."""
    again = distil(rows(), cross_encoder(), SETTINGS, RUN)
    items = [Item.of(row) for row in rows()]
    assert again.judge(items) == student.judge(items)


def test_answers_of_different_lengths_keep_their_places(student: EncoderStudent) -> None:
    """Rows are batched by length, yet judgments come back in the order of the items."""
    items = [Item("Why?", "Because of this and that and much else. " * count, "A passage.") for count in (9, 1, 5)]
    together = [judgment.score for judgment in student.judge(items)]
    alone = [student.judge([item])[0].score for item in items]
    assert together == pytest.approx(alone, abs=1e-4)


def test_too_long_evidence_is_cut_at_its_end() -> None:
    """A row has `max_tokens` tokens at most, and keeps question and answer whole."""
    model, _ = CrossEncoderStudent.build(cross_encoder(max_tokens=32), [Item("Why?", "So.", "Because.")])
    (row,) = model.prepare([Item("Why is that?", "Because of Norport.", "word " * 1000)])
    assert len(row["input_ids"]) == 32
    assert "because of norport" in model.tokenizer.decode(row["input_ids"])


def test_classifier_has_one_logit_a_level() -> None:
    """The head is over the eleven levels."""
    model, inputs = CrossEncoderStudent.build(cross_encoder(), [Item("Why?", "So.", "Because."), Item("Who?", "They.", "Them.")])
    assert model.members[0](inputs).shape == (2, len(LEVELS))


def test_what_is_read_together_with_its_answer_cannot_be_kept(student: EncoderStudent, tmp_path: Path) -> None:
    """A passage alone is nothing that a cross-encoder reads."""
    with pytest.raises(StudentError, match=r"cross-encoder reads a passage together with its answer[\s\S]*--passages"):
        student.keep_passages(tmp_path)
