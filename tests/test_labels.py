"""Labels: the join, and the class."""

from typing import Any

import pytest

from judge.labels import LabelSettings, label
from judge.levels import interpolate

CHUNKS = [{"chunk_id": "c", "document_id": "d", "text": "Lima is in Peru."}]
QUESTIONS = [{"question_id": "q", "chunk_id": "c", "question": "Where is Lima?", "reference": "In Peru."}]


def _label(score: float | None, threshold: float = 0.8) -> dict[str, Any]:
    answers = [{"answer_id": "a", "question_id": "q", "generator": "g", "answer": "Peru"}]
    levels = None if score is None else interpolate(score)
    judgments = [{"item_id": "a", "levels": levels, "score": score, "reason": None if levels else "refused"}]
    (row,) = label(answers, QUESTIONS, CHUNKS, judgments, LabelSettings(threshold=threshold))
    return row


@pytest.mark.parametrize(("score", "expected"), [(0.79, "unacceptable"), (0.8, "unacceptable"), (0.81, "acceptable")])
def test_acceptable_is_strictly_above_the_threshold(score: float, expected: str) -> None:
    """At 0.8 an answer is not acceptable yet."""
    assert expected == _label(score)["teacher_class"]


def test_a_failed_judgment_is_a_row_with_its_reason() -> None:
    """No score, no class, never dropped."""
    row = _label(None)
    assert (None, None, "refused") == (row["teacher_score"], row["teacher_class"], row["reason"])


def test_a_row_holds_all_that_a_judge_needs() -> None:
    """Question, passage, reference and answer stand together."""
    row = _label(0.5)
    assert ("Where is Lima?", "Lima is in Peru.", "In Peru.", "Peru") == (row["question"], row["context"], row["reference"], row["answer"])
