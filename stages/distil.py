"""Train the student on the teacher's classes and distributions."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from judge import labels, student_settings, tables
from judge.settings import Settings
from stages import run

STUDENT = Path("data/student")
TRAINING = Path("metrics/training")


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the folds, the first weights, dropout and the order of rows")
    teacher: str = Field(description="the teacher's name, for the model card")
    student: student_settings.StudentOption
    label: labels.LabelSettings
    distil: student_settings.DistilSettings


def main(config: Config) -> None:
    """Write data/student/, and the training curves to metrics/training/."""
    from dvclive.live import Live

    from judge.distillation import distil
    from judge.student import save

    rows = tables.read(tables.TRAIN)
    # Curves of an earlier run that had more epochs would stand on.
    shutil.rmtree(TRAINING, ignore_errors=True)
    with Live(str(TRAINING), save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False) as live:

        def on_epoch(epoch: int, terms: Mapping[str, float]) -> None:
            live.step = epoch
            for name, value in terms.items():
                side, _, term = name.partition("_")
                live.log_metric(f"{side}/{term}", value)
            live.make_summary()

        distilled = distil(
            rows,
            config.student,
            config.distil,
            threshold=config.label.threshold,
            teacher=config.teacher,
            seed=config.seed,
            on_epoch=on_epoch,
        )
    save(distilled.student, STUDENT, distilled.card)
    print(f"{config.student.name} distilled from {len(rows)} rows into {STUDENT}")


if __name__ == "__main__":
    run(main, Config)
