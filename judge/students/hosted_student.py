"""A student at a server: a chat model that is fine-tuned there on verdicts, and asked for one verdict's token afterwards."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from judge.errors import ModelError
from judge.models import chat, chat_replies, score_tokens, verdicts
from judge.models.chat import ChatModel
from judge.models.wires import Failure
from judge.students.conversation import TRAINING_FILE, VERDICTS, conversation, copies_text
from judge.students.options import OpenAI
from judge.students.student import CardTexts, Student, judge_worded
from judge.tables.dry_run import Planned
from judge.tables.items import Item, Judge
from judge.tables.levels import Judgment, from_scale, nearest

# Alternatives to a token that a server lists, at most.
_TOP_LOGPROBS = 20


class ChatJudge:
    """A chat model that is asked for a verdict, and whose levels are the probabilities of the verdict's token."""

    def __init__(self, option: OpenAI, model: ChatModel, budget_usd: float | None) -> None:
        self._option = option
        self._model = model
        self._budget_usd = budget_usd

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order; one without a letter or digit gets no verdict, and the server is not asked.

        Raises:
            StudentError: an item lacks the evidence that the option needs.
            ModelError, BudgetError, Planned: as `hosted.ask`.
        """
        return judge_worded(items, self._judge)

    def _judge(self, items: Sequence[Item]) -> list[Judgment]:
        bodies = [chat.body_of(self._model, conversation(self._option, item), logprobs=True, top_logprobs=_TOP_LOGPROBS) for item in items]
        return [judgment_of(reply) for reply in chat.ask(self._model, bodies, budget_usd=self._budget_usd, what="judgment")]


class HostedStudent(Student):
    """A fine-tuned chat model: the folder holds its name, what it was trained on and how, but not its weights."""

    FILES = (TRAINING_FILE,)

    option: OpenAI

    def __init__(self, option: OpenAI, threshold: float, training: dict[str, Any], model: str, training_file: str) -> None:
        super().__init__(option, threshold, training)
        self.model = model
        self.training_file = training_file

    @classmethod
    def restore(cls, option: OpenAI, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path) -> Self:
        """As every student; the server is not asked."""
        return cls(option, threshold, training, model["fine_tuned_model"], (folder / TRAINING_FILE).read_text(encoding="utf-8"))

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """As every student; the server is asked, and its replies are kept in the cache.

        Raises:
            ModelError, BudgetError: as `hosted.ask`; the message says what to do when the fine-tuned model is gone.
        """
        try:
            return self._tuned().judge(items)
        except ModelError as error:
            if self.model not in str(error):
                raise
            raise ModelError(
                f"{error}\nOpenAI ends its fine-tuned models on 2027-01-14. `dvc repro --force distil` asks after this one, and trains "
                "another while the server still does; a student that runs on this machine (conf/student) stays yours.",
            ) from None

    def untuned(self) -> Judge:
        """The same chat model before fine-tuning."""
        return ChatJudge(self.option, self.option.chat, self.budget_usd)

    def describe(self) -> dict[str, Any]:
        """The fine-tuned model's name at the server."""
        return {"fine_tuned_model": self.model}

    def write(self, folder: Path) -> None:
        """The training file."""
        (folder / TRAINING_FILE).write_text(self.training_file, encoding="utf-8")

    def card_texts(self) -> CardTexts:
        """As every student."""
        training = self.training
        return CardTexts(
            method=(
                "a fine-tuned chat model is asked for a verdict from 0 to 10, and the probabilities of the verdict's token are those of "
                "the levels 0.0, 0.1, … 1.0"
            ),
            model=(
                f"The model is `{self.model}`, fine-tuned from `{self.option.chat.model}`. It stays at its server: this folder holds\n"
                "its name and its training file, and judging needs the server, a key, and a price a token. "
                "OpenAI ends its fine-tuned models on 2027-01-14."
            ),
            training=(
                f"{copies_text(self.option, training)}\n"
                f"The job `{training['job']}` went over them {training['epochs']} times: {training['trained_tokens']} trained tokens, "
                f"{training['usd']:.2f} dollars."
            ),
            target="reported level",
            divergence="divergence",
        )

    def planned(self, items: Sequence[Item]) -> Planned:
        """What the fine-tuned model and the one before it would be asked."""
        plans = [_planned(judge, items) for judge in (self._tuned(), self.untuned())]
        return Planned(
            "judgments",
            sum(plan.requests for plan in plans),
            sum(plan.cached for plan in plans),
            sum(plan.prompt_tokens for plan in plans),
            sum(plan.completion_tokens for plan in plans),
            sum(plan.usd or 0.0 for plan in plans),
        )

    def _tuned(self) -> ChatJudge:
        return ChatJudge(self.option, tuned(self.option, self.model), self.budget_usd)


def tuned(option: OpenAI, model: str) -> ChatModel:
    """The fine-tuned model, asked as the one before it, at its own price."""
    endpoint = option.chat.endpoint.model_copy(
        update={
            "usd_per_million_prompt_tokens": option.tuned_usd_per_million_prompt_tokens,
            "usd_per_million_completion_tokens": option.tuned_usd_per_million_completion_tokens,
        }
    )
    return option.chat.model_copy(update={"model": model, "endpoint": endpoint})


def _planned(judge: Judge, items: Sequence[Item]) -> Planned:
    """What a judge would ask; nothing where no answer has words."""
    try:
        judge.judge(items)
    except Planned as plan:
        return plan
    return Planned("judgments", 0, 0)


def judgment_of(reply: chat_replies.ChatReply | Failure) -> Judgment:
    """What a reply says: the levels of its verdict's token, or the verdict alone where the server lists no probabilities."""
    if isinstance(reply, Failure):
        return Judgment(None, reply.reason, "logprobs", reply.detail, reply.usage)
    choice = reply.choices[0]
    highest = len(VERDICTS) - 1
    levels = None if choice.tokens is None else score_tokens.distribution(choice.tokens, 0, highest)
    if levels is not None:
        return Judgment(levels, None, "logprobs", None, reply.usage)
    verdict = verdicts.parse(choice.text or "", 0, highest)
    if isinstance(verdict, verdicts.Verdict):
        return Judgment(nearest(from_scale(verdict.value, 0, highest)), None, "verdict", verdict.rationale, reply.usage)
    return Judgment(None, verdict, "verdict", choice.text, reply.usage)
