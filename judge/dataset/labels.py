"""From judgments to the labelled dataset: acceptable means a score strictly above the threshold."""

from collections.abc import Sequence

from judge.tables.levels import LabelSettings, classify
from judge.tables.schema import Row


def label(items: Sequence[Row], judgments: Sequence[Row], settings: LabelSettings) -> list[Row]:
    """Join what `items` gives with the teacher's judgments into rows of the dataset table.

    A failed judgment stays a row, without score and class, and with its reason.
    """
    judgment_of = {judgment["item_id"]: judgment for judgment in judgments}
    rows = []
    for item in items:
        judgment = judgment_of[item["answer_id"]]
        score = judgment["score"]
        rows.append(
            {
                **item,
                "teacher_levels": judgment["levels"],
                "teacher_score": score,
                "teacher_class": None if score is None else classify(score, settings.threshold),
                "reason": judgment["reason"],
            },
        )
    return rows
