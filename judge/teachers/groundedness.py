"""The default teacher: the probability that an answer rests on its passage, measured rather than asked for.

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
from judge.tables import levels
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment
from judge.teachers.calibration import CALIBRATION, Calibration
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
        from judge.teachers import groundedness_fit

        return groundedness_fit.fit(self.model, self.statements(passages, seed), seed=seed, fits=self.fits)

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
        if calibration is None:
            raise JudgmentError(f"{CALIBRATION} was made for another teacher.\nNext: `dvc repro calibrate` makes it again.")
        for item in items:
            _require_passage(item)
        asked = [index for index, item in enumerate(items) if has_words(item.answer)]
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        distributions = _distributions(self.model, calibration, [items[index] for index in asked])
        for index, distribution in zip(asked, distributions, strict=True):
            judgments[index] = Judgment(distribution)
        return judgments


def _distributions(model: ModelSettings, calibration: Calibration, items: Sequence[Item]) -> list[tuple[float, ...]]:
    """The average over the bootstrap fits of each item's probability as a distribution over the levels; answers have words.

    Returns:
        Eleven masses for each item, in order.

    Raises:
        JudgmentError: the calibration belongs to another language model or to other features.
    """
    import numpy as np

    from judge.teachers import groundedness_features

    expected = groundedness_features.FEATURES
    if (calibration.model, calibration.features) != (model.identity, expected):
        raise JudgmentError(
            f"The calibration was fitted for {calibration.model} and {len(calibration.features)} features, "
            f"but the teacher is {model.identity} with {len(expected)} features.\n"
            "Next: `dvc repro calibrate` makes it again.",
        )
    if not items:
        return []
    features = groundedness_features.measure(model, items)
    standard = (features - np.array(calibration.centers)) / np.array(calibration.scales)
    logits = standard @ np.array(calibration.coefficients).T + np.array(calibration.intercepts)
    return [levels.average([levels.interpolate(float(p)) for p in row]) for row in 1.0 / (1.0 + np.exp(-logits))]


def _require_passage(item: Item) -> None:
    if not item.context:
        raise JudgmentError(
            f"The teacher likelihood judges whether a passage supports an answer; the question {item.question[:80]!r} has none.\n"
            "Next: choose teacher=recorded for judgments that you have, or a hosted teacher that judges against the reference.",
        )
