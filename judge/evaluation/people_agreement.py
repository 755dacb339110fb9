"""How far every judge agrees with people on the class, and by how much the student is ahead of its teacher and of the simple judges."""

from collections.abc import Mapping, Sequence

import numpy as np

from judge.evaluation.agreement import Judgments, auroc, brier, class_agreement, is_acceptable
from judge.evaluation.bootstrap import Array, Draws, Mask
from judge.evaluation.calibration_error import calibration_error
from judge.evaluation.definitions import AGAINST_PEOPLE, FIGURES
from judge.evaluation.figures import ALL, BASELINE_DIFFERENCE, NONE, PEOPLE, TEACHER_DIFFERENCE, counted, measured
from judge.tables.schema import Row

# The teacher's probability stands in no table: of its judgments the dataset keeps the distribution over the levels.
_STATES_NO_PROBABILITY = "teacher"
DIFFERENCES = {
    "difference": ("student", "teacher"),
    BASELINE_DIFFERENCE: ("student", "baseline"),
    TEACHER_DIFFERENCE: ("teacher", "baseline"),
}
"""Each difference by its name: whose figures, less whose."""


def against_people(people: Sequence[bool | None], judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> list[Row]:
    """The figures of `AGAINST_PEOPLE`, as rows of the table of figures; none where no person has spoken.

    A difference is measured on the answers that both have judged: student less teacher, and each of them less the strongest baseline.
    The teacher has no figure of a probability, nor have its differences.

    Args:
        people: for each answer whether people call it acceptable, None where they were not asked.
        judges: the judgments of student, of the strongest baseline (`baseline`), of every simple judge by its name, and of the teacher
            where it has judged for itself, on the same answers.
        threshold: a score strictly above it is acceptable.
        draws: the draws of all answers.
    """
    asked = np.array([said is not None for said in people])
    if not asked.any():
        return []
    positive = np.array([said is True for said in people])
    made = [counted(PEOPLE, NONE, "n", int(asked.sum()), int(asked.sum()))]

    def agreed(judge: str, rows: Mask) -> dict[str, Array]:
        of_rows, scores, probabilities = draws.of(rows), judges[judge].scores[rows], judges[judge].probabilities[rows]
        values = class_agreement(positive[rows], is_acceptable(scores, threshold), of_rows) | {
            "auroc": auroc(scores, positive[rows], of_rows)
        }
        if judge != _STATES_NO_PROBABILITY:
            values["brier"] = brier(probabilities, positive[rows], of_rows)
            values["ece"] = calibration_error(probabilities, positive[rows], of_rows)
        return values

    for judge in judges:
        rows = asked & judges[judge].judged
        values = agreed(judge, rows)
        made += [
            measured(judge, PEOPLE, ALL, name, int(rows.sum()), draws.of(rows).figure(values[name], FIGURES[name].scale))
            for name in AGAINST_PEOPLE
            if name in values
        ]
    for name, (one, other) in DIFFERENCES.items():
        if one in judges and other in judges:
            common = asked & judges[one].judged & judges[other].judged
            more, less, drawn = agreed(one, common), agreed(other, common), draws.of(common)
            made += [
                measured(name, PEOPLE, ALL, figure, int(common.sum()), drawn.figure(more[figure] - less[figure]))
                for figure in AGAINST_PEOPLE
                if figure in more and figure in less
            ]
    return made
