"""How far every judge agrees with people on the class, and by how much the student is ahead of its teacher."""

from collections.abc import Mapping, Sequence

import numpy as np

from judge.evaluation.agreement import Judgments, auroc, class_agreement, is_acceptable
from judge.evaluation.bootstrap import Array, Draws, Mask
from judge.evaluation.definitions import AGAINST_PEOPLE, FIGURES
from judge.evaluation.figures import ALL, NONE, PEOPLE, counted, measured
from judge.tables.schema import Row


def against_people(people: Sequence[bool | None], judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> list[Row]:
    """The figures of `AGAINST_PEOPLE`, as rows of the table of figures; none where no person has spoken.

    The difference of student and teacher is measured on the answers that both have judged.

    Args:
        people: for each answer whether people call it acceptable, None where they were not asked.
        judges: the judgments of student, baseline and teacher on the same answers.
        threshold: a score strictly above it is acceptable.
        draws: the draws of all answers.
    """
    asked = np.array([said is not None for said in people])
    if not asked.any():
        return []
    positive = np.array([said is True for said in people])
    made = [counted(PEOPLE, NONE, "n", int(asked.sum()), int(asked.sum()))]

    def agreed(judge: str, rows: Mask) -> dict[str, Array]:
        of_rows, scores = draws.of(rows), judges[judge].scores[rows]
        values = class_agreement(positive[rows], is_acceptable(scores, threshold), of_rows)
        return values | {"auroc": auroc(scores, positive[rows], of_rows)}

    for judge in ("student", "baseline", "teacher"):
        rows = asked & judges[judge].judged
        values = agreed(judge, rows)
        made += [
            measured(judge, PEOPLE, ALL, name, int(rows.sum()), draws.of(rows).figure(values[name], FIGURES[name].scale))
            for name in AGAINST_PEOPLE
        ]
    common = asked & judges["student"].judged & judges["teacher"].judged
    student, teacher = agreed("student", common), agreed("teacher", common)
    less = draws.of(common)
    return made + [
        measured("difference", PEOPLE, ALL, name, int(common.sum()), less.figure(student[name] - teacher[name])) for name in AGAINST_PEOPLE
    ]
