"""Train the student on the teacher's classes and distributions."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from judge import tables
from judge.distillation import model_card, processes, registry, settings
from judge.distillation.trainer import TrainingRun
from judge.settings import Budget, Settings
from judge.students import options, saved
from judge.tables import atomic, levels
from judge.tables.dry_run import DRY_RUN
from stages import run

STUDENT = Path("data/student")
RETRAINED = Path("data/retrained")
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
    """Write data/student/, what was trained again to data/retrained/, and the training curves to metrics/training/.

    data/out_of_fold/student.jsonl has its judgments of training answers by what had not learnt from them.
    """
    from dvclive.live import Live

    rows, option = tables.read(tables.TRAIN), config.student
    train = registry.trainer(option.kind)
    training_run = TrainingRun(config.label.threshold, config.teacher, config.seed, config.budget_usd)
    training_run = training_run._replace(statements=tables.read(tables.STATEMENTS), constructed=tables.read(tables.CONSTRUCTED))
    if DRY_RUN.get():
        # It raises what it would ask, before the curves of the last run are removed.
        train(rows, option, config.distil, training_run)
    together = processes.joined()
    if not together.is_first:
        # It takes part under `accelerate launch`, and tells and writes nothing.
        train(rows, option, config.distil, training_run)
        together.leave()
        return
    # Curves of an earlier run that had more epochs would stand on.
    shutil.rmtree(TRAINING, ignore_errors=True)
    with Live(str(TRAINING), save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False) as live:

        def on_epoch(epoch: int, terms: Mapping[str, float]) -> None:
            live.step = epoch
            for name, value in terms.items():
                side, _, term = name.partition("_")
                live.log_metric(f"{side}/{term}", value)
            live.make_summary()

        student = train(rows, option, config.distil, training_run._replace(on_epoch=on_epoch))
    together.leave()
    saved.save(student, STUDENT, model_card.write(student))
    with atomic.new_folder(RETRAINED) as folder:
        student.write_retrained(folder)
    left_out = student.out_of_fold
    tables.write(tables.STUDENT_OUT_OF_FOLD, tables.judgment_rows(list(left_out), list(left_out.values())))
    by = f" by {together.count} processes" if together.count > 1 else ""
    print(f"{option.name} distilled{by} from {len(rows)} rows into {STUDENT}")


if __name__ == "__main__":
    run(main, Config, asks=True)
