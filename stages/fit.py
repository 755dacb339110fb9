"""Fit the simple judges that the student has to beat, on the student's own training rows and target."""

from pathlib import Path

from pydantic import Field

from judge import tables
from judge.distillation import baseline_fit, settings
from judge.settings import Settings
from judge.students import baseline, options
from judge.tables import levels
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the folds")
    student: options.StudentOption
    label: levels.LabelSettings
    distil: settings.DistilSettings


def main(config: Config) -> None:
    """Write data/baselines.json, and to data/out_of_fold/baselines what each says of answers that its fit had left out."""
    rows, statements, constructed = (tables.read(table) for table in (tables.TRAIN, tables.STATEMENTS, tables.CONSTRUCTED))
    fitted, out_of_fold = baseline_fit.fit(
        rows, statements, config.student, config.distil, config.label.threshold, config.seed, constructed
    )
    baseline.write(fitted)
    Path(tables.BASELINES_OUT_OF_FOLD).mkdir(parents=True, exist_ok=True)
    for name, judgments in out_of_fold.items():
        table = tables.judgments_in(tables.BASELINES_OUT_OF_FOLD, name)
        tables.write(table, tables.judgment_rows(list(judgments), list(judgments.values())))
    agreed = ", ".join(f"{name} {one.pearson}" for name, one in fitted.fitted.items())
    print(f"baselines on answers left out, Pearson: {agreed}; the strongest is {fitted.best}")


if __name__ == "__main__":
    run(main, Config)
