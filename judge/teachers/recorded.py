"""The teacher that repeats judgments made before."""

from collections.abc import Sequence
from typing import Literal, NoReturn

from judge.errors import JudgmentError
from judge.tables.items import Item
from judge.tables.levels import Judgment
from judge.tables.schema import Row
from judge.teachers.calibration import Calibration
from judge.teachers.teacher import TeacherOption


class RecordedTeacher(TeacherOption):
    """The recorded scores as they are, as the teacher; needs a corpus of kind `recorded`."""

    kind: Literal["recorded"]

    def judge(
        self,
        items: Sequence[Item],  # noqa: ARG002 - there is no judge to ask
        calibration: Calibration | None = None,  # noqa: ARG002
        budget_usd: float | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Judge nothing: there is no judge to ask.

        Raises:
            JudgmentError: always.
        """
        raise JudgmentError(
            f"The teacher {self.name} has only judgments made before, and these answers were not among them.\n"
            "Next: choose a recorded corpus with it (corpus=recorded), or another teacher.",
        )

    def judge_rows(
        self,
        rows: Sequence[Row],
        recorded: Sequence[Row],
        calibration: Calibration | None = None,
        budget_usd: float | None = None,
    ) -> list[Judgment]:
        """The judgments that the recorded table has of the rows.

        Raises:
            JudgmentError: the table has none of one of them.
        """
        judged = dict(zip([row["answer_id"] for row in recorded], judgments(recorded), strict=True))
        if not all(row["answer_id"] in judged for row in rows):
            self.judge([Item.of(row) for row in rows], calibration, budget_usd)
        return [judged[row["answer_id"]] for row in rows]


def judgments(rows: Sequence[Row]) -> list[Judgment]:
    """What the rows of the recorded table hold, in their order."""
    return [Judgment(None if row["levels"] is None else tuple(row["levels"]), row["reason"], source="recorded") for row in rows]
