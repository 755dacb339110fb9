"""The default teacher: a chat model that is asked, joined with what it does not see.

The log-odds of its verdicts stand beside how likely it holds the passage's other names and numbers in the answer's places, what the
answer looks like, word overlap and, where an option names a model for it, token likelihoods with and without the passage, in a
logistic model that is fitted on statements whose truth is known by construction, as that of `judge.teachers.groundedness`.
Acceptable means that the passage supports the answer and that it answers the question, so all kinds of statement take part.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from judge.models.language_models import ModelSettings
from judge.probes import statements
from judge.probes.donors import Passage
from judge.probes.statements import Statement
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment
from judge.teachers import asked
from judge.teachers.asked import Prompt, Question
from judge.teachers.calibration import Calibration
from judge.teachers.groundedness import require_passage
from judge.teachers.teacher import TeacherOption

if TYPE_CHECKING:
    from judge.models.local_chat import Reading
    from judge.teachers.calibrated import Array


class Joined(TeacherOption):
    """A chat model's verdicts and what they do not see, calibrated on statements of known truth."""

    kind: Literal["joined"]
    prompt: Prompt
    questions: dict[str, Question] = Field(min_length=1, description="asked of the chat model for Yes or No, by name")
    likelihood: ModelSettings | None = Field(description="the model whose token likelihoods join them; null: none do")
    passages: int = Field(ge=2, description="passages whose statements it is calibrated on, at most")
    per_passage: int | None = Field(
        ge=1, description="statements of each, at most: those of scarce kinds, and of the others a draw; null: all"
    )
    fits: int = Field(ge=2, le=200, description="bootstrap fits of the logistic model, whose spread is the distribution over the levels")

    @field_validator("questions")
    @classmethod
    def _fit_every_statement(cls, questions: dict[str, Question]) -> dict[str, Question]:
        if any(question.needs is not None for question in questions.values()):
            # Each is a feature, and a statement has no reference.
            message = "questions with `needs: null`, as it is calibrated on statements that have no reference"
            raise ValueError(message)
        return questions

    @property
    def is_probed(self) -> bool:
        """Always: it runs here and costs nothing but time."""
        return True

    def statements(self, passages: Sequence[Passage], seed: int) -> list[Statement]:
        """Those that some of the passages have material for, of all kinds."""
        made = statements.construct(passages, seed, most=self.per_passage)
        chosen = set(list(dict.fromkeys(one.context for one in made))[: self.passages])
        return [one for one in made if one.context in chosen]

    def calibrate(self, passages: Sequence[Passage], seed: int) -> Calibration:
        """Fit the logistic models on statements made of the passages.

        Raises:
            JudgmentError: too few statements can be made of the passages.
            ModelError, Planned: as the models' modules raise them.
        """
        from judge.teachers import groundedness_fit

        made = self.statements(passages, seed)
        groundedness_fit.require_enough(made)
        features, _ = self._measure([Item(one.question, one.statement, one.context) for one in made])
        return groundedness_fit.fit(self._identity, self._names, features, made, seed=seed, fits=self.fits)

    def adapt(self, calibration: Calibration | None, items: Sequence[Item]) -> Calibration | None:
        """Estimate the share of acceptable answers on these."""
        from judge.teachers import calibrated

        fitted = calibrated.require(calibration, self._identity, self._names)
        judged = [item for item in items if has_words(item.answer) and item.context]
        return calibrated.adapted(fitted, self._measure(judged)[0])

    def judge(
        self,
        items: Sequence[Item],
        calibration: Calibration | None = None,
        budget_usd: float | None = None,  # noqa: ARG002 - its models run here
    ) -> list[Judgment]:
        """Judge answers by their passages.

        The distribution is the histogram of what the bootstrap fits say, so the score is the bagged probability. Where the chat
        model gives no verdict, there is none.

        Raises:
            JudgmentError: an item has no passage, or the calibration belongs to another teacher, model or set of features.
            ModelError, Planned: as the models' modules raise them.
        """
        from judge.teachers import calibrated, local_chat

        fitted = calibrated.require(calibration, self._identity, self._names)
        for item in items:
            require_passage(item, self.name)
        known = [index for index, item in enumerate(items) if has_words(item.answer)]
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        features, readings = self._measure([items[index] for index in known])
        for index, distribution, read in zip(known, calibrated.distributions(fitted, features), readings, strict=True):
            judgments[index] = local_chat.failure(read) or Judgment(distribution, rationale=local_chat.rationale_of(read))
        return judgments

    def _measure(self, items: Sequence[Item]) -> "tuple[Array, list[list[Reading]]]":
        """The features, (items, features) as `_names` orders them, and the verdicts behind them."""
        import numpy as np

        from judge.teachers import answer_form, groundedness_features, local_chat, rivals

        read = asked.ask(self.prompt, items, self.questions, contests=[rivals.contests(item) for item in items])
        readings = [list(one.values()) for one in read]
        verdicts = np.array([[local_chat.logit(one) for one in own] for own in readings], dtype=np.float64)
        features = [
            verdicts.reshape(len(items), len(self.questions)),
            # The answer is read before what is asked of it, so all its readings have the same margins.
            rivals.measure([own[0] for own in readings]),
            answer_form.measure(items),
            groundedness_features.measure(self.likelihood, items),
        ]
        return np.hstack(features), readings

    @property
    def _names(self) -> tuple[str, ...]:
        from judge.teachers import answer_form, groundedness_features, rivals

        asked_for = tuple(f"asked_{name}" for name in self.questions)
        return (*asked_for, *rivals.FEATURES, *answer_form.FEATURES, *groundedness_features.features(self.likelihood))

    @property
    def _identity(self) -> str:
        """What measured the features: another model, or another prompt, fits another calibration."""
        from judge.tables.identity import digest

        said = digest(self.prompt.model_dump_json(), *(f"{name}: {one.prompt}" for name, one in self.questions.items()))
        models = [self.prompt.model.identity, *([self.likelihood.identity] if self.likelihood else [])]
        return "+".join([*models, said[:16]])
