"""A chat model that runs here as teacher: it is asked, and what it would say next is its judgment.

Either for verdicts, Yes or No to one question or several, or for a score from 0.0 to 1.0. Nothing is sampled: the distribution
over the levels comes from the probabilities of the tokens that could be said.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from judge.models import local_chat
from judge.models.local_chat import Reading
from judge.models.local_llm import DecodingSettings, LocalLLM
from judge.settings import Settings
from judge.tables import levels
from judge.tables.items import Item, has_words
from judge.tables.levels import LEVELS, Judgment
from judge.teachers import asked
from judge.teachers.asked import Prompt, Question
from judge.teachers.calibration import Calibration
from judge.teachers.teacher import TeacherOption

# Of the probability, what has to lie on things that may be said; below, the model does not answer what it was asked.
LEAST_MASS = 0.05
# The beginning of 1.0 means it whatever follows, and is no beginning of another grade; of the others it takes the tenths.
_GRADES: Mapping[str, Sequence[str]] = {f"{level:.1f}": ((" 1",) if level == 1.0 else (f" {level:.1f}",)) for level in LEVELS}


class Rationale(Settings):
    """A reason that the model writes before its verdict, and that stands beside it in the table: slower by a hundred tokens."""

    prompt: str = Field(min_length=1, description="what asks for it, in the place of a question")
    max_new_tokens: int = Field(ge=1, le=1024, description="tokens of it, at most")


class LocalChat(TeacherOption):
    """A chat model that runs here, asked for Yes or No, or for a score."""

    kind: Literal["local-chat"]
    prompt: Prompt
    questions: dict[str, Question] = Field(description="asked for Yes or No, by name; the least likely Yes is the score; {} for a score")
    score: str | None = Field(description="what asks for a score from 0.0 to 1.0, where no question is asked; null where one is")
    rationale: Rationale | None = Field(description="a reason before the verdict; null for none")

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if bool(self.questions) == bool(self.score):
            message = "either `questions` or a `score`"
            raise ValueError(message)
        return self

    @property
    def is_probed(self) -> bool:
        """Always: it runs here and costs nothing but time."""
        return True

    def judge(
        self,
        items: Sequence[Item],
        calibration: Calibration | None = None,  # noqa: ARG002 - nothing is fitted
        budget_usd: float | None = None,  # noqa: ARG002 - its model runs here
    ) -> list[Judgment]:
        """Judge answers.

        Where hardly any probability lies on what may be said, there is no verdict, and the rationale says how much did.

        Raises:
            PinError, ModelError, Planned: as `local_chat.read` raises them.
        """
        known = [index for index, item in enumerate(items) if has_words(item.answer)]
        chosen = [items[index] for index in known]
        reasons = self._reasons(chosen)
        judged = self._verdicts(chosen, reasons) if self.questions else self._scores(chosen, reasons)
        judgments = [Judgment(None, "no_verdict", "logprobs") for _ in items]
        for index, judgment in zip(known, judged, strict=True):
            judgments[index] = judgment
        return judgments

    def _verdicts(self, items: Sequence[Item], reasons: Sequence[str | None]) -> list[Judgment]:
        cues = [_cue(reason, "Verdict:") if self.rationale else "" for reason in reasons]
        judgments = []
        for read, reason in zip(asked.ask(self.prompt, items, self.questions, cues), reasons, strict=True):
            readings = list(read.values())
            # An answer is as acceptable as the least of its verdicts.
            judgments.append(failure(readings) or _judgment(levels.interpolate(min(map(said_yes, readings))), readings, reason))
        return judgments

    def _scores(self, items: Sequence[Item], reasons: Sequence[str | None]) -> list[Judgment]:
        conversations = [
            asked.conversation(self.prompt, item, self.score or "", _cue(reason, "Score:"))
            for item, reason in zip(items, reasons, strict=True)
        ]
        readings = local_chat.read(self.prompt.model, conversations, _GRADES, self.prompt.window)
        return [
            failure([reading])
            or _judgment([math.exp(reading.log_probabilities[name]) / reading.mass for name in _GRADES], [reading], reason)
            for reading, reason in zip(readings, reasons, strict=True)
        ]

    def _reasons(self, items: Sequence[Item]) -> list[str | None]:
        """What the model writes before its verdict, on one line; None where it is not asked for a reason."""
        if self.rationale is None:
            return [None] * len(items)
        decoding = DecodingSettings(
            max_new_tokens=self.rationale.max_new_tokens, temperature=0.0, top_p=1.0, stop=["Verdict:", "Score:"], batch_size=16
        )
        llm = LocalLLM(self.prompt.model, decoding, is_chat=True, seed=0)
        conversations = [asked.conversation(self.prompt, item, self.rationale.prompt) for item in items]
        # It is asked in a single message, which has the system's words before the user's.
        texts = [f"{self.prompt.system or ''}\n{one.text}".strip() for one in conversations]
        return [" ".join(text.split()) for text in llm.complete(texts, "rationale")]


def said_yes(reading: Reading) -> float:
    """The probability of Yes among Yes and No, in [0, 1]."""
    return 1.0 / (1.0 + math.exp(-logit(reading)))


def logit(reading: Reading) -> float:
    """The log-odds of Yes against No."""
    return reading.log_probabilities["yes"] - reading.log_probabilities["no"]


def failure(readings: Sequence[Reading]) -> Judgment | None:
    """The judgment where verdicts say nothing: none was asked for, or hardly any mass lies on one; None where they do."""
    if not readings:
        return Judgment(None, "no_verdict", "logprobs", "It has nothing that a question needs, so nothing was asked.")
    least = min(reading.mass for reading in readings)
    if least < LEAST_MASS:
        return Judgment(None, "no_verdict", "logprobs", f"Of what the model would say, {least:.4f} is a verdict.")
    return None


def rationale_of(readings: Sequence[Reading], reason: str | None = None) -> str | None:
    """What stands beside a judgment: that something was cut, and the model's own reason."""
    cut = "Judged on what fits into the window of passage and answer." if any(one.is_cut for one in readings) else None
    return " ".join(filter(None, [cut, reason])) or None


def _judgment(distribution: Sequence[float], readings: Sequence[Reading], reason: str | None) -> Judgment:
    return Judgment(tuple(distribution), None, "logprobs", rationale_of(readings, reason))


def _cue(reason: str | None, label: str) -> str:
    return f"{reason}\n{label}" if reason else label
