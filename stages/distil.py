"""Train the student on the teacher's classes and distributions."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from judge import tables
from judge.distillation import settings
from judge.settings import Budget, Settings
from judge.students import options
from judge.tables import levels
from judge.tables.dry_run import DRY_RUN, Planned
from stages import run

if TYPE_CHECKING:
    from judge.distillation.training_rows import Distilled, OnEpoch

STUDENT = Path("data/student")
TRAINING = Path("metrics/training")


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the folds, the first weights, dropout, the order of rows, and verdict copies")
    teacher: str = Field(description="the teacher's name, for the model card")
    budget_usd: Budget
    student: options.StudentOption
    label: levels.LabelSettings
    distil: settings.DistilSettings


def main(config: Config) -> None:
    """Write data/student/, and the training curves to metrics/training/."""
    from dvclive.live import Live

    from judge.students.saved import save

    rows = tables.read(tables.TRAIN)
    if DRY_RUN.get():
        # The curves of the last run have to stay, so this ends here.
        if isinstance(config.student, options.OpenAI):
            _distil(rows, config, lambda _step, _terms: None)
        raise Planned("training", len(rows), 0)
    # Curves of an earlier run that had more epochs would stand on.
    shutil.rmtree(TRAINING, ignore_errors=True)
    with Live(str(TRAINING), save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False) as live:

        def on_epoch(epoch: int, terms: Mapping[str, float]) -> None:
            live.step = epoch
            for name, value in terms.items():
                side, _, term = name.partition("_")
                live.log_metric(f"{side}/{term}", value)
            live.make_summary()

        distilled = _distil(rows, config, on_epoch)
    save(distilled.student, STUDENT, distilled.card)
    print(f"{config.student.name} distilled from {len(rows)} rows into {STUDENT}")


def _distil(rows: list[tables.Row], config: Config, on_epoch: "OnEpoch") -> "Distilled":
    """The training that belongs to the option's kind."""
    option, threshold, teacher, seed = config.student, config.label.threshold, config.teacher, config.seed
    if isinstance(option, options.OpenAI):
        from judge.distillation import finetune_job

        return finetune_job.distil(
            rows, option, config.distil, threshold=threshold, teacher=teacher, seed=seed, budget_usd=config.budget_usd, on_epoch=on_epoch
        )
    if isinstance(option, options.CausalLM):
        from judge.distillation import causal_lm_training

        return causal_lm_training.distil(rows, option, config.distil, threshold=threshold, teacher=teacher, seed=seed, on_epoch=on_epoch)
    from judge.distillation import encoder_training

    return encoder_training.distil(rows, option, config.distil, threshold=threshold, teacher=teacher, seed=seed, on_epoch=on_epoch)


if __name__ == "__main__":
    run(main, Config, asks=True)
