"""A chat model as teacher: it grades one answer at a time, in words, and its distribution is taken from whatever the server gives.

The token log-probabilities of its score, where the server has them; else the histogram of several replies, where one request
may have several; else its single verdict.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from judge.errors import ModelError
from judge.models import chat, prompts, score_tokens, verdicts
from judge.models.chat import ChatModel
from judge.models.chat_replies import ChatReply
from judge.models.verdicts import Verdict
from judge.models.wires import Body, Failure
from judge.tables import levels
from judge.tables.dry_run import DRY_RUN
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment, Reason, Source
from judge.tables.usage import Usage, total
from judge.teachers.calibration import Calibration
from judge.teachers.teacher import TeacherOption

Mode = Literal["logprobs", "samples", "verdict"]

_FIELDS = ("question", "context", "reference", "answer")
# What stands in the prompt where an item has no passage or no reference: the judge is told, rather than shown an empty section.
_NONE = "(none given)"
# At most three items find out what a server supports; should none of them get a reply, the others find out by themselves.
_TRIAL_REQUESTS = 3
_WHAT = "grade"
_BAD_REQUEST = (400, 422)
_MODES = {"logprobs": "token log-probabilities", "samples": "several replies to one request"}


class Grading(TeacherOption):
    """A chat model at a server that speaks OpenAI's wire, which writes a short rationale and then its score."""

    kind: Literal["chat"]
    chat: ChatModel
    lowest: float = Field(description="the lowest grade that the prompt asks for; it becomes the level 0.0")
    highest: float = Field(description="the highest grade that the prompt asks for; it becomes the level 1.0")
    system: str | None = Field(description="the system's message; null for none")
    prompt: str = Field(
        min_length=1,
        description="the user's message; {question}, {context}, {reference} and {answer} are filled in, each within a tag of its own",
    )
    distribution: Literal["auto", "logprobs", "samples", "verdict"] = Field(
        description="where the distribution is from; auto takes the first of the others that the server allows",
    )
    samples: int = Field(ge=2, le=128, description="replies to a request, where the distribution is their histogram")
    samples_temperature: float | None = Field(ge=0.0, le=2.0, description="the temperature of those; null leaves it to the server")
    batch: bool = Field(description="ask by OpenAI's Batch API: half the price, within a day")
    judges_probes: bool = Field(description="whether the statements of known truth are judged too, which costs about as much again")

    @model_validator(mode="after")
    def _is_gradable(self) -> Self:
        if not self.lowest < self.highest:
            message = "`lowest` below `highest`"
            raise ValueError(message)
        if not {"question", "answer"} <= set(_placeholders(self.prompt)):
            message = "a prompt with {question} and {answer}"
            raise ValueError(message)
        for field in _placeholders(self.prompt):
            # The tags of the prompt are what a text cannot write; without them an answer could pose as the judge's own words.
            if not re.search(rf"<(\w+)>\s*\{{{field}\}}\s*</\1>", self.prompt):
                message = f"a prompt in which {{{field}}} stands within a tag of its own, as in <{field}>{{{field}}}</{field}>"
                raise ValueError(message)
        return self

    @property
    def is_probed(self) -> bool:
        """As the option file says."""
        return self.judges_probes

    def judge(
        self,
        items: Sequence[Item],
        calibration: Calibration | None = None,  # noqa: ARG002 - nothing is fitted
        budget_usd: float | None = None,
    ) -> list[Judgment]:
        """Grade answers.

        Where the prompt shows a passage or a reference that an item lacks, it says "(none given)". A failed request, a refusal,
        and a reply without a grade are judgments with a reason.

        Raises:
            ModelError: the server refuses the requests as such, or cannot give the distribution that the option asks for.
            BudgetError, ModelError, Planned: as `hosted.ask` raises them.
        """
        asked = {index: _messages(self, item) for index, item in enumerate(items) if has_words(item.answer)}
        modes: tuple[Mode, ...] = ("logprobs", "samples", "verdict") if self.distribution == "auto" else (self.distribution,)
        bodies = {mode: {index: chat.body_of(self.chat, said, **_fields(self, mode)) for index, said in asked.items()} for mode in modes}
        outcomes = _Outcomes({}, {}, set())
        for mode in modes:
            for index, reply in zip(asked, chat.kept(self.chat, list(bodies[mode].values())), strict=True):
                if reply is not None and index not in outcomes.judgments:
                    outcomes.add(index, reply, mode, self)
        if DRY_RUN.get():
            waiting = [body for index, body in bodies[modes[0]].items() if index not in outcomes.judgments]
            raise chat.plan(self.chat, waiting, what=_WHAT, cached=len(outcomes.judgments), batch=self.batch)
        ignored = {mode for _, mode in outcomes.extra} - outcomes.served
        for mode in modes:
            # An earlier run paid to find out that the server passes over this mode; one that goes on from there pays no second time.
            if mode in ignored and mode != modes[-1]:
                continue
            _ask(self, mode, {index: body for index, body in bodies[mode].items() if index not in outcomes.judgments}, outcomes, budget_usd)
        if any(index not in outcomes.judgments for index in asked):
            raise ModelError(
                f"{self.chat.endpoint.url} gives no {_MODES[self.distribution]} for {self.chat.model}, "
                f"which teacher {self.name} asks for with distribution: {self.distribution}.\n"
                "Next: set distribution: auto in its option file, which takes what the server gives, or choose another model.",
            )
        return [outcomes.of(index) for index in range(len(items))]


class _Outcomes(NamedTuple):
    """What came so far.

    Judgments by the item's index; what was paid for replies that the server gave in another form than asked; and the modes
    that it is known to serve.
    """

    judgments: dict[int, Judgment]
    extra: dict[tuple[int, Mode], Usage]
    served: set[Mode]

    def add(self, index: int, outcome: ChatReply | Failure, mode: Mode, option: Grading) -> bool:
        """Take in what came for an item; False where the server does not serve the mode."""
        if _serves(outcome, mode):
            self.judgments[index] = _read(outcome, mode, option)
            if isinstance(outcome, ChatReply) and outcome.choices[0].text:
                self.served.add(mode)
            return True
        self.extra[index, mode] = outcome.usage
        return False

    def of(self, index: int) -> Judgment:
        """The judgment of an item; without an answer there was nothing to judge."""
        judgment = self.judgments.get(index, Judgment(None, "no_verdict", "verdict"))
        extra = [usage for (of, _), usage in self.extra.items() if of == index]
        return replace(judgment, usage=total([judgment.usage, *extra]))


def _ask(option: Grading, mode: Mode, bodies: dict[int, Body], outcomes: _Outcomes, budget_usd: float | None) -> None:
    """Ask in one mode; what the server does not serve in it stays without a judgment."""
    refused = []
    for index in list(bodies)[:_TRIAL_REQUESTS]:
        # What a batch has under way is not to be asked singly as well.
        if mode in outcomes.served:
            break
        (outcome,) = chat.ask(option.chat, [bodies[index]], budget_usd=budget_usd, what=_WHAT)
        if not outcomes.add(index, outcome, mode, option):
            return
        if isinstance(outcome, Failure) and outcome.status in _BAD_REQUEST:
            refused.append(outcome)
    if len(refused) == _TRIAL_REQUESTS:
        raise ModelError(
            f"{option.chat.endpoint.url} refuses what teacher {option.name} asks ({refused[0].status}): {refused[0].detail}\n"
            "Next: correct the option file: its model, the fields under chat, and samples_temperature.",
        )
    rest = {index: body for index, body in bodies.items() if index not in outcomes.judgments}
    if option.batch and rest:
        from judge.models import batch_api

        batch_api.fill(option.chat.endpoint, list(rest.values()), budget_usd=budget_usd, what=_WHAT)
    for index, outcome in zip(rest, chat.ask(option.chat, list(rest.values()), budget_usd=budget_usd, what=_WHAT), strict=True):
        outcomes.add(index, outcome, mode, option)


def _fields(option: Grading, mode: Mode) -> Body:
    """What a request has besides the conversation and the model's settings."""
    if mode == "logprobs":
        return {"logprobs": True, "top_logprobs": 20}
    if mode == "samples":
        return {"n": option.samples} | ({} if option.samples_temperature is None else {"temperature": option.samples_temperature})
    return {}


def _serves(outcome: ChatReply | Failure, mode: Mode) -> bool:
    """Whether the server did what the mode asks for; where there is no text, nothing tells."""
    if isinstance(outcome, Failure):
        pattern = {"logprobs": "logprobs", "samples": r"[\"'`]n[\"'`]|\bn (?:>|=|must|should|is|does)\b"}.get(mode)
        blamed = pattern and (re.search(pattern, outcome.detail) or re.fullmatch("(?:top_)?logprobs|n", outcome.param or ""))
        return outcome.status not in _BAD_REQUEST or not blamed
    if mode == "logprobs":
        return outcome.choices[0].text is None or outcome.choices[0].tokens is not None
    return mode == "verdict" or len(outcome.choices) > 1


def _read(outcome: ChatReply | Failure, mode: Mode, option: Grading) -> Judgment:
    if isinstance(outcome, Failure):
        said = outcome.detail if outcome.reason == "refused" else None
        return Judgment(None, outcome.reason, mode, said, outcome.usage)
    read = [verdicts.parse(choice.text or "", option.lowest, option.highest) for choice in outcome.choices]
    graded = [verdict for verdict in read if isinstance(verdict, Verdict)]
    if not graded:
        reason: Reason = "out_of_range" if "out_of_range" in read else "no_verdict"
        return Judgment(None, reason, mode, outcome.choices[0].text, outcome.usage)
    source: Source = mode
    distribution = None
    if mode == "logprobs":
        distribution = score_tokens.distribution(outcome.choices[0].tokens or [], option.lowest, option.highest)
        source = "verdict" if distribution is None else "logprobs"
    if distribution is None:
        # Between two levels a grade is shared, so that the mean is the grade itself and no rounding crosses a threshold.
        scores = [levels.from_scale(verdict.value, option.lowest, option.highest) for verdict in graded]
        distribution = levels.average([levels.interpolate(score) for score in scores])
    return Judgment(distribution, None, source, graded[0].rationale, outcome.usage)


def _placeholders(prompt: str) -> list[str]:
    return re.findall(r"\{(" + "|".join(_FIELDS) + r")\}", prompt)


def _messages(option: Grading, item: Item) -> list[chat.Message]:
    """The conversation about one item, in which no text of the item can open or close a section of the prompt."""
    prompt = prompts.fill(option.prompt, item.texts, "tags", missing=_NONE)
    system = [] if option.system is None else [{"role": "system", "content": option.system}]
    return [*system, {"role": "user", "content": prompt}]
