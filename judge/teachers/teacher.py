"""What a teacher is asked to do, whatever its kind, and when its failed judgments stop a run."""

from abc import abstractmethod
from collections.abc import Sequence

from pydantic import Field

from judge.errors import JudgmentError
from judge.probes.donors import Passage
from judge.probes.statements import Statement
from judge.settings import Option, Settings
from judge.tables.items import Item
from judge.tables.levels import Judgment
from judge.tables.schema import Row
from judge.teachers.calibration import Calibration


class TeacherOption(Option):
    """A strong judge that is distilled: its option file of conf/teacher, and how it judges.

    A kind of teacher is a module of its own with one subclass, whose field `kind` has the name that option files give it.
    """

    @property
    def is_probed(self) -> bool:
        """Whether it judges the statements of known truth as well, which cost as much again where judgments are paid for."""
        return False

    @abstractmethod
    def judge(self, items: Sequence[Item], calibration: Calibration | None = None, budget_usd: float | None = None) -> list[Judgment]:
        """Judge answers.

        Args:
            items: what is judged; an answer without a letter or digit is asked about nowhere and gets no verdict.
            calibration: what `calibrate` fitted; None for a teacher that needs nothing fitted.
            budget_usd: dollars that all runs with this cache may pay for hosted models together; None is no limit.

        Returns:
            One judgment for each, in order.

        Raises:
            JudgmentError: an item lacks a passage or reference that the teacher needs, or the calibration is that of another teacher.
            BudgetError, ModelError, Planned: as the module of the model raises them.
        """

    def judge_rows(
        self,
        rows: Sequence[Row],
        recorded: Sequence[Row],  # noqa: ARG002 - a teacher that judges for itself needs no judgments made before
        calibration: Calibration | None = None,
        budget_usd: float | None = None,
    ) -> list[Judgment]:
        """Judge the answers of a run.

        Args:
            rows: as `judge.tables.items.rows_to_judge` gives them.
            recorded: the recorded table, with judgments made before; empty for a corpus that brings none.
            calibration: as for `judge`.
            budget_usd: as for `judge`.

        Returns:
            One judgment for each row, in order.

        Raises:
            JudgmentError, BudgetError, ModelError, Planned: as `judge` raises them.
        """
        return self.judge([Item.of(row) for row in rows], calibration, budget_usd)

    def statements(self, passages: Sequence[Passage], seed: int) -> list[Statement]:  # noqa: ARG002 - as for `calibrate`
        """The statements that `calibrate` fits the teacher on; none for a teacher that needs nothing fitted."""
        return []

    def calibrate(self, passages: Sequence[Passage], seed: int) -> Calibration | None:  # noqa: ARG002 - most kinds need nothing fitted
        """Fit what the teacher needs on statements whose truth is known by construction; None for one that needs nothing.

        Args:
            passages: what statements are made of: documents that are set aside, else some of the run's own, which give no probe then.
            seed: of the statements and of the bootstrap.

        Raises:
            JudgmentError: too few statements can be made of the passages.
            ModelError: the teacher's model cannot be loaded.
        """
        return None

    def adapt(self, calibration: Calibration | None, items: Sequence[Item]) -> Calibration | None:  # noqa: ARG002 - as for `calibrate`
        """The calibration fitted to a run's own answers, of which no label is known; as it was where the teacher learns nothing of them.

        Args:
            calibration: what `calibrate` returned.
            items: the answers of the run.

        Raises:
            JudgmentError, ModelError, Planned: as `judge` raises them.
        """
        return calibration


class ScoreSettings(Settings):
    """What is done with failed judgments."""

    max_failed_share: float = Field(ge=0.0, le=1.0, description="the stage stops when a larger share of the judgments failed")


def require_few_failed(judgments: Sequence[Judgment], settings: ScoreSettings) -> None:
    """Stop where too many judgments failed.

    Raises:
        JudgmentError: the share of failed judgments is above `max_failed_share`; the reasons are counted.
    """
    reasons = [str(judgment.reason) for judgment in judgments if judgment.levels is None]
    if len(reasons) > settings.max_failed_share * len(judgments):
        counted = ", ".join(f"{reasons.count(reason)} {reason}" for reason in sorted(set(reasons)))
        raise JudgmentError(
            f"{len(reasons)} of {len(judgments)} judgments failed ({counted}); "
            f"score.max_failed_share allows {settings.max_failed_share:.0%}.\n"
            "Next: see what the generators wrote in data/answers, or columns.scores of a recorded corpus, or raise score.max_failed_share. "
            "What was judged is kept.",
        )
