"""Labels: the join, and the class."""

from typing import Any

import pytest

from judge.dataset.labels import label
from judge.tables.files import row_fault
from judge.tables.items import rows_to_judge
from judge.tables.levels import LabelSettings, interpolate
from judge.tables.schema import DATASET, Row

CHUNKS = [{"chunk_id": "c", "document_id": "d", "text": "Lima is in Peru."}]
ANSWERS = [{"answer_id": "a", "question_id": "q", "generator": "g", "answer": "Peru"}]
QUESTIONS = [{"question_id": "q", "chunk_id": "c", "question": "Where is Lima?", "reference": ["In Peru."]}]


def _label(score: float | None, threshold: float = 0.8) -> dict[str, Any]:
    levels = None if score is None else interpolate(score)
    judgments = [{"item_id": "a", "levels": levels, "score": score, "reason": None if levels else "refused"}]
    (row,) = label(rows_to_judge(ANSWERS, QUESTIONS, CHUNKS, []), judgments, LabelSettings(threshold=threshold))
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
    assert ("Where is Lima?", "Lima is in Peru.", ["In Peru."], "Peru") == (
        row["question"],
        row["context"],
        row["reference"],
        row["answer"],
    )


def test_what_people_say_stands_in_the_row() -> None:
    """Of a generated answer by its labels, of a recorded one by its labels before its file; where nobody was asked, as before."""
    judgments = [{"item_id": item, "levels": interpolate(0.5), "score": 0.5, "reason": None} for item in ("a", "r")]
    settings = LabelSettings(threshold=0.8)
    (generated,) = label(rows_to_judge(ANSWERS, QUESTIONS, CHUNKS, []), judgments, settings, {"a": "acceptable", "gone": "acceptable"})
    (heard,) = label(rows_to_judge([], [], [], [_recorded()]), judgments, settings, {"r": "acceptable"})
    (unheard,) = label(rows_to_judge([], [], [], [_recorded()]), judgments, settings)
    assert ("acceptable", "acceptable", "unacceptable") == (generated["human_class"], heard["human_class"], unheard["human_class"])


def _recorded() -> Row:
    return {
        "answer_id": "r",
        "question_id": "q",
        "document_id": "d",
        "generator": "someone",
        "question": "Where is Lima?",
        "context": None,
        "reference": None,
        "answer": "In Chile.",
        "human_class": "unacceptable",
        "levels": interpolate(0.0),
        "reason": None,
    }


@pytest.mark.parametrize("recorded", [[], [_recorded()]])
def test_labelled_rows_are_rows_of_the_dataset(recorded: list[Row]) -> None:
    """Whether generated or recorded, they have the same columns."""
    labelled = rows_to_judge(ANSWERS, QUESTIONS, CHUNKS, recorded)
    judged = [{"item_id": row["answer_id"], "levels": interpolate(0.5), "score": 0.5, "reason": None} for row in labelled]
    assert [None] == [row_fault(DATASET, row) for row in label(labelled, judged, LabelSettings(threshold=0.8))]
