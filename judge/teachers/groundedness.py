"""The fast teacher: the probability that an answer rests on its passage, measured rather than asked for.

A language model's token log-likelihoods with and without the passage, joined with word overlap, go through a logistic
model that is fitted on statements whose truth is known by construction (Platt 1999 for the mapping to a probability).
It is fitted many times on articles drawn with replacement, and the judgment averages those fits (bagging, Breiman
1996), so its distribution is wide where the fits disagree.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from judge.errors import JudgmentError
from judge.models.language_models import ModelSettings
from judge.probes import statements
from judge.probes.donors import Passage
from judge.probes.statements import Statement
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment
from judge.teachers.calibration import Calibration
from judge.teachers.teacher import TeacherOption


class Groundedness(TeacherOption):
    """A judge of groundedness from token log-likelihoods and word overlap, calibrated on statements of known truth."""

    kind: Literal["likelihood"]
    model: ModelSettings
    fits: int = Field(ge=2, le=200, description="bootstrap fits of the logistic model, whose spread is the distribution over the levels")

    @property
    def is_probed(self) -> bool:
        """Always: it runs here and costs nothing."""
        return True

    def statements(self, passages: Sequence[Passage], seed: int) -> list[Statement]:
        """Those that the passages have material for, of `CALIBRATED_KINDS`."""
        return statements.construct(passages, seed, statements.CALIBRATED_KINDS)

    def calibrate(self, passages: Sequence[Passage], seed: int) -> Calibration:
        """Fit the logistic models on statements made of the passages, of the kinds that are about support: it cannot see the question.

        Raises:
            JudgmentError: too few statements can be made of the passages.
            ModelError: the language model cannot be loaded.
        """
        from judge.teachers import groundedness_features, groundedness_fit

        made = self.statements(passages, seed)
        groundedness_fit.require_enough(made)
        features = groundedness_features.measure(self.model, [Item(one.question, one.statement, one.context) for one in made])
        return groundedness_fit.fit(self.model.identity, groundedness_features.FEATURES, features, made, seed=seed, fits=self.fits)

    def judge(
        self,
        items: Sequence[Item],
        calibration: Calibration | None = None,
        budget_usd: float | None = None,  # noqa: ARG002 - its model runs here
    ) -> list[Judgment]:
        """Judge answers by their passages.

        The distribution is the histogram of what the bootstrap fits say, so the score is the bagged probability.

        Raises:
            JudgmentError: an item has no passage, or the calibration belongs to another teacher, language model or set of features.
            ModelError: the language model cannot be loaded.
        """
        from judge.teachers import calibrated, groundedness_features

        fitted = calibrated.require(calibration, self.model.identity, groundedness_features.FEATURES)
        for item in items:
            require_passage(item, self.name)
        known = [index for index, item in enumerate(items) if has_words(item.answer)]
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        features = groundedness_features.measure(self.model, [items[index] for index in known])
        for index, distribution in zip(known, calibrated.distributions(fitted, features), strict=True):
            judgments[index] = Judgment(distribution)
        return judgments


def require_passage(item: Item, teacher: str) -> None:
    """Refuse an item without a passage.

    Raises:
        JudgmentError: there is none.
    """
    if not item.context:
        raise JudgmentError(
            f"The teacher {teacher} judges whether a passage supports an answer; the question {item.question[:80]!r} has none.\n"
            "Next: choose teacher=recorded for judgments that you have, or a hosted teacher that judges against the reference.",
        )
