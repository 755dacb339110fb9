"""A student at a server: a chat model that is fine-tuned there on verdicts, and asked for one verdict's token afterwards."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from judge.errors import ModelError
from judge.models import chat, score_tokens, verdicts
from judge.models.chat import ChatModel
from judge.models.wires import Failure
from judge.students import conversation
from judge.students.conversation import VERDICTS
from judge.students.options import OpenAI
from judge.students.student import AnyStudent
from judge.tables.items import Item, Judge, has_words
from judge.tables.levels import Judgment, from_scale, nearest

_FILE = "train.jsonl"
_TOP = 20


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
        said = [place for place, item in enumerate(items) if has_words(item.answer)]
        bodies = [
            chat.body_of(self._model, conversation.conversation(self._option, items[place]), logprobs=True, top_logprobs=_TOP)
            for place in said
        ]
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        for place, reply in zip(said, chat.ask(self._model, bodies, budget_usd=self._budget_usd, what="judgment"), strict=True):
            judgments[place] = _judgment(reply)
        return judgments


class OpenAIStudent(AnyStudent):
    """A fine-tuned chat model: the folder holds its name, what it was trained on and how, but not its weights."""

    option: OpenAI

    def __init__(
        self,
        option: OpenAI,
        threshold: float,
        training: dict[str, Any],
        model: str,
        training_file: str,
        budget_usd: float | None = None,
    ) -> None:
        super().__init__(option, threshold, training)
        self.model = model
        self.training_file = training_file
        self._budget_usd = budget_usd

    @classmethod
    def restore(
        cls, option: OpenAI, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path, budget_usd: float | None
    ) -> "OpenAIStudent":
        """The student of a folder."""
        return cls(option, threshold, training, model["fine_tuned_model"], (folder / _FILE).read_text(encoding="utf-8"), budget_usd)

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """As every student; the server is asked, and its replies are kept in the cache.

        Raises:
            ModelError, BudgetError: as `hosted.ask`; the message says what to do when the fine-tuned model is gone.
        """
        try:
            return ChatJudge(self.option, tuned(self.option, self.model), self._budget_usd).judge(items)
        except ModelError as error:
            if self.model not in str(error):
                raise
            raise ModelError(
                f"{error}\nOpenAI ends its fine-tuned models on 2027-01-14. `dvc repro --force distil` asks after this one, and trains "
                "another while the server still does; a student that runs on this machine (conf/student) stays yours.",
            ) from None

    def baseline(self) -> Judge:
        """The same chat model before fine-tuning."""
        return ChatJudge(self.option, self.option.chat, self._budget_usd)

    def describe(self) -> dict[str, Any]:
        """The fine-tuned model's name at the server."""
        return {"fine_tuned_model": self.model}

    def write(self, folder: Path) -> None:
        """The training file."""
        (folder / _FILE).write_text(self.training_file, encoding="utf-8")


def tuned(option: OpenAI, model: str) -> ChatModel:
    """The fine-tuned model, asked as the one before it, at its own price."""
    endpoint = option.chat.endpoint.model_copy(
        update={
            "usd_per_million_prompt_tokens": option.tuned_usd_per_million_prompt_tokens,
            "usd_per_million_completion_tokens": option.tuned_usd_per_million_completion_tokens,
        }
    )
    return option.chat.model_copy(update={"model": model, "endpoint": endpoint})


def _judgment(reply: chat.ChatReply | Failure) -> Judgment:
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
