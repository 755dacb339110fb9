"""Train a student on published rows, and fit the simple judges that it has to beat on the same rows."""

from evidence.stages import FOLDER, Params, read_rows, run
from judge.distillation import baseline_fit, model_card, registry
from judge.distillation.settings import DistilSettings
from judge.distillation.trainer import TrainingRun
from judge.settings import Settings
from judge.students import baseline, saved
from judge.students.options import StudentOption
from judge.tables.levels import LabelSettings
from stages import settings


class Config(Settings):
    """What of the project is read: how a student is trained."""

    student: StudentOption
    label: LabelSettings
    distil: DistilSettings


def main(params: Params, name: str) -> None:
    """Write data/judges/NAME/student and data/judges/NAME/baselines.json."""
    wanted = params.train[name]
    config = settings(Config, [f"student={wanted.student}", *wanted.settings])
    rows, threshold = read_rows(wanted.rows), config.label.threshold
    trained = registry.trainer(config.student.kind)(rows, config.student, config.distil, TrainingRun(threshold, "recorded", params.seed))
    fitted = baseline_fit.fit(rows, [], config.student, config.distil, threshold, params.seed).baselines
    folder = FOLDER / "data/judges" / name
    saved.save(trained, folder / "student", model_card.write(trained))
    baseline.write(fitted, folder / "baselines.json")
    print(f"{wanted.student} trained on {len(rows)} rows; the strongest baseline on answers left out is {fitted.best}")


if __name__ == "__main__":
    run(main, "train")
