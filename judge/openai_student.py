"""A student at a server: a chat model that is fine-tuned there on verdicts, and asked for one verdict's token afterwards."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge import chat, chat_file, hosted, model_card, score_tokens, verdicts
from judge.chat import ChatModel
from judge.errors import BudgetError, ModelError, StudentError
from judge.identity import digest
from judge.items import Item, Judge, has_words
from judge.levels import Judgment, from_scale, nearest
from judge.replies import ReplyStore
from judge.roads import Failure
from judge.student import AnyStudent
from judge.student_settings import DistilSettings, OpenAI
from judge.tables import Row
from judge.training_rows import Distilled, OnEpoch, figures, folds, taught
from judge.usage import DRY_RUN, Planned
from judge.verdict_copies import VERDICTS

if TYPE_CHECKING:
    from openai.types.fine_tuning import FineTuningJob

_FILE = "train.jsonl"
# Stands for a job's id between the order and its confirmation.
_ORDERED = "ordered"
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
            chat.body_of(self._model, chat_file.conversation(self._option, items[place]), logprobs=True, top_logprobs=_TOP)
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


def distil(
    rows: Sequence[Row],
    option: OpenAI,
    settings: DistilSettings,
    *,
    threshold: float,
    teacher: str,
    seed: int,
    budget_usd: float | None,
    on_epoch: OnEpoch = lambda _epoch, _metrics: None,
) -> Distilled:
    """Fine-tune a chat model on rows of the dataset table; of `settings` only alpha is followed.

    A job that was started is remembered, so a run that was killed goes on with it, and one that succeeded is not paid for again.

    Args:
        rows: rows of the dataset table.
        option: the model, its prompt, and how it is trained.
        settings: the objective.
        threshold: the one that the rows were labelled with.
        teacher: the teacher's name, for the model card.
        seed: of the folds, the copies, their order, and the server's own choices.
        budget_usd: dollars that all runs with this cache may pay together; None is no limit.
        on_epoch: called once for each step that the server reports, with `train_loss` and `validation_loss` as far as it says.

    Raises:
        StudentError: the rows make no file that can be used; the package is missing; the server refuses, or the job failed.
        BudgetError: the training could pass the budget; nothing was uploaded.
        ModelError: the key or model is refused, or the server cannot be reached; the job, if there is one, goes on there.
        Planned: in a dry run; nothing was uploaded.
    """
    learnt = taught(rows)
    fold_of = folds(learnt, option.validation_fraction, seed) if option.validation_fraction else [1] * len(learnt)
    examples = chat_file.examples(learnt, option, settings.alpha, seed)
    training = chat_file.write([example for example, fold in zip(examples, fold_of, strict=True) if fold], seed)
    validation = chat_file.write([example for example, fold in zip(examples, fold_of, strict=True) if not fold], seed) or None
    facts = chat_file.check(training, _FILE)
    if validation:
        chat_file.check(validation, "validation.jsonl", fewest=1)
    job, usd = _fine_tune(option, training, validation, facts.tokens * option.epochs, seed, budget_usd, on_epoch)
    found = {
        **figures(rows, learnt, teacher),
        "validation_rows": fold_of.count(0),
        "examples": facts.examples,
        "alpha": settings.alpha,
        "base_model": option.chat.model,
        "job": job.id,
        "epochs": option.epochs,
        "trained_tokens": job.trained_tokens,
        "usd": usd,
        "seed": seed,
    }
    student = OpenAIStudent(option, threshold, found, str(job.fine_tuned_model), training, budget_usd)
    return Distilled(student, model_card.write(student))


def _fine_tune(
    option: OpenAI, training: str, validation: str | None, tokens: int, seed: int, budget_usd: float | None, on_epoch: OnEpoch
) -> "tuple[FineTuningJob, float]":
    """The job, ended well, and what it cost in dollars; `tokens` is about how many are trained on."""
    expected_usd = tokens * option.usd_per_million_training_tokens / 1e6
    hyperparameters = {
        "n_epochs": option.epochs,
        "batch_size": option.examples_per_step,
        "learning_rate_multiplier": option.learning_rate_multiplier,
    }
    chosen = {name: value for name, value in hyperparameters.items() if value is not None}
    order = [training, validation, option.chat.model, json.dumps(chosen, sort_keys=True), option.suffix, seed]
    # All that makes it another job; a model at another address is another model.
    name = digest("fine-tuning", *order, option.chat.endpoint.url)
    store = ReplyStore()
    try:
        known = store.job(name)
        if DRY_RUN.get():
            raise Planned("fine-tuning", 1, 0, tokens, 0, expected_usd) if known is None else Planned("fine-tuning", 1, 1, 0, 0, 0.0)
        from judge.openai_finetuning import FinetuneEngine, Plan

        plan = Plan(option.chat.model, training, validation, chosen, option.suffix, seed, name)
        engine = FinetuneEngine(plan, option.chat.endpoint, option.poll_seconds)
        if known == _ORDERED:
            known = engine.find()
        if known is None:
            _require_budget(store, expected_usd, budget_usd)
            store.put_job(name, _ORDERED)
            engine.finetune()
            store.put_job(name, engine.job_id)
        elif not engine.resume(known):
            store.drop_job(name)
            raise StudentError(
                f"{option.chat.endpoint.url} no longer has the job {known}, or the model that it made.\n"
                "Next: run the same command again to train anew, which is paid for again.",
            )
        job = engine.wait()
        if job.status != "succeeded":
            store.drop_job(name)
            raise StudentError(_ended(job))
        usd = (job.trained_tokens or 0) * option.usd_per_million_training_tokens / 1e6
        if store.get(f"fine-tuning {job.id}") is None:
            hosted.keep(store, f"fine-tuning {job.id}", {"job": job.id}, (job.trained_tokens or 0, 0), usd)
        for step, losses in engine.curve():
            on_epoch(step, losses)
    finally:
        store.close()
    return job, usd


def _require_budget(store: ReplyStore, usd: float, budget_usd: float | None) -> None:
    if budget_usd is not None and store.spent() + usd > budget_usd:
        raise BudgetError(
            f"The fine-tuning may cost about {usd:.2f} dollars; {store.spent():.4f} are spent of budget_usd={budget_usd}. "
            "Nothing was uploaded.\n"
            "Next: raise budget_usd in params.yaml, or lower `copies` or `epochs` in the option file of conf/student.",
        )


def _ended(job: "FineTuningJob") -> str:
    if job.status == "cancelled":
        return f"The fine-tuning job {job.id} was cancelled.\nNext: run the same command again to start another one."
    said = f": {job.error.message} ({job.error.code})" if job.error is not None and job.error.message else ""
    return f"The fine-tuning job {job.id} failed{said}\nNext: mend what it names, then run the same command again; it starts another job."


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
