"""Fine-tune a chat model at its server, and pick up a job that a killed run had begun."""

import json
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from judge.distillation import chat_file, processes
from judge.distillation.settings import DistilSettings
from judge.distillation.trainer import TrainingRun
from judge.distillation.training_rows import figures, folds, require_classes, taught
from judge.errors import StudentError
from judge.models import hosted
from judge.models.budget import Budget
from judge.models.replies import ReplyStore
from judge.students.conversation import TRAINING_FILE
from judge.students.hosted_student import HostedStudent
from judge.students.options import OpenAI
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.identity import digest
from judge.tables.schema import Row

if TYPE_CHECKING:
    from openai.types.fine_tuning import FineTuningJob

    from judge.distillation.finetune_engine import FinetuneEngine, Plan

# Stands for a job's id between the order and its confirmation.
_ORDERED = "ordered"


def distil(rows: Sequence[Row], option: OpenAI, settings: DistilSettings, run: TrainingRun) -> HostedStudent:
    """Fine-tune a chat model at its server: a `Trainer`; of `settings` only target and alpha are followed.

    A job that was started is remembered, so a run that was killed goes on with it, and one that succeeded is not paid for again.
    Where an error says that the server cannot be reached, the job, if there is one, goes on there.
    """
    if processes.joined().count > 1:
        raise StudentError(
            "A student at a server is trained by one process; several would pay several times.\nNext: run it without a launcher."
        )
    learnt = taught(rows)
    require_classes(learnt, settings.target)
    fold_of = folds(learnt, option.validation_fraction, run.seed) if option.validation_fraction else [1] * len(learnt)
    examples = chat_file.examples(learnt, option, settings, run.seed)
    training = chat_file.write([example for example, fold in zip(examples, fold_of, strict=True) if fold], run.seed)
    validation = chat_file.write([example for example, fold in zip(examples, fold_of, strict=True) if not fold], run.seed) or None
    facts = chat_file.check(training, TRAINING_FILE)
    if validation:
        chat_file.check(validation, "validation.jsonl", fewest=1)
    job, usd = _fine_tune(option, training, validation, facts.tokens * option.epochs, run)
    trained = {
        **figures(rows, learnt, run.teacher),
        "validation_rows": fold_of.count(0),
        "examples": facts.examples,
        "target": settings.target,
        "alpha": settings.alpha,
        "base_model": option.chat.model,
        "job": job.id,
        "epochs": option.epochs,
        "trained_tokens": job.trained_tokens,
        "usd": usd,
        "seed": run.seed,
    }
    student = HostedStudent(option, run.threshold, trained, str(job.fine_tuned_model), training)
    student.budget_usd = run.budget_usd
    return student


def _fine_tune(option: OpenAI, training: str, validation: str | None, tokens: int, run: TrainingRun) -> "tuple[FineTuningJob, float]":
    """The job, ended well, and what it cost in dollars; `tokens` is about how many are trained on."""
    expected_usd = tokens * option.usd_per_million_training_tokens / 1e6
    hyperparameters = {
        "n_epochs": option.epochs,
        "batch_size": option.examples_per_step,
        "learning_rate_multiplier": option.learning_rate_multiplier,
    }
    chosen = {name: value for name, value in hyperparameters.items() if value is not None}
    order = [training, validation, option.chat.model, json.dumps(chosen, sort_keys=True), option.suffix, run.seed]
    # All that makes it another job; a model at another address is another model.
    name = digest("fine-tuning", *order, option.chat.endpoint.url)
    store = ReplyStore()
    try:
        known = store.job(name)
        if DRY_RUN.get():
            raise Planned("fine-tuning", 1, 0, tokens, 0, expected_usd) if known is None else Planned("fine-tuning", 1, 1, 0, 0, 0.0)
        from judge.distillation.finetune_engine import FinetuneEngine, Plan

        plan = Plan(option.chat.model, training, validation, chosen, option.suffix, run.seed, name)
        with closing(FinetuneEngine(plan, option.chat.endpoint, option.poll_seconds)) as engine:
            _start_or_resume(engine, plan, store, known, expected_usd, run.budget_usd)
            job = engine.wait()
            if job.status != "succeeded":
                store.drop_job(name)
                raise StudentError(_ended(job))
            usd = (job.trained_tokens or 0) * option.usd_per_million_training_tokens / 1e6
            if store.get(f"fine-tuning {job.id}") is None:
                hosted.keep(store, f"fine-tuning {job.id}", {"job": job.id}, (job.trained_tokens or 0, 0), usd)
            for step, losses in engine.curve():
                run.on_epoch(step, losses)
    finally:
        store.close()
    return job, usd


def _start_or_resume(
    engine: "FinetuneEngine", plan: "Plan", store: ReplyStore, known: str | None, usd: float, budget_usd: float | None
) -> None:
    """Go on with the job that the store knows of, or order one of about that price, where the budget allows it."""
    if known == _ORDERED:
        known = engine.find()
    if known is None:
        Budget(store, budget_usd).require(
            usd,
            what="The fine-tuning",
            state="Nothing was uploaded.",
            advice="raise budget_usd in params.yaml, or lower `copies` or `epochs` in the option file of conf/student.",
        )
        store.put_job(plan.name, _ORDERED)
        engine.finetune()
        store.put_job(plan.name, engine.job_id)
    elif not engine.resume(known):
        store.drop_job(plan.name)
        raise StudentError(
            f"{engine.url} no longer has the job {known}, or the model that it made.\n"
            "Next: run the same command again to train anew, which is paid for again.",
        )


def _ended(job: "FineTuningJob") -> str:
    if job.status == "cancelled":
        return f"The fine-tuning job {job.id} was cancelled.\nNext: run the same command again to start another one."
    said = f": {job.error.message} ({job.error.code})" if job.error is not None and job.error.message else ""
    return f"The fine-tuning job {job.id} failed{said}\nNext: mend what it names, then run the same command again; it starts another job."
