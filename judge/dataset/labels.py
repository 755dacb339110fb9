"""From judgments to the labelled dataset: acceptable means a score strictly above the threshold."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from judge.tables.levels import LabelSettings, classify
from judge.tables.schema import Row


def label(
    items: Sequence[Row],
    judgments: Sequence[Row],
    settings: LabelSettings,
    people: Mapping[str, str] = MappingProxyType({}),
) -> list[Row]:
    """Join what `items` gives with the teacher's judgments into rows of the dataset table.

    A failed judgment stays a row, without score and class, and with its reason.

    Args:
        items: the answers; rows as `rows_to_judge` gives them.
        judgments: the teacher's judgments, one for each answer.
        settings: where acceptable begins.
        people: what people say together of an answer (`judge.people.labels.verdicts`), by answer_id; it stands above what a recorded
            file says of them.
    """
    judgment_of = {judgment["item_id"]: judgment for judgment in judgments}
    rows = []
    for item in items:
        judgment = judgment_of[item["answer_id"]]
        score = judgment["score"]
        rows.append(
            {
                **item,
                "human_class": people.get(item["answer_id"], item["human_class"]),
                "teacher_levels": judgment["levels"],
                "teacher_score": score,
                "teacher_class": None if score is None else classify(score, settings.threshold),
                "reason": judgment["reason"],
            },
        )
    return rows
