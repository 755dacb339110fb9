"""Put figures, pictures, tables and the worst disagreements into one page."""

import csv
import json
from pathlib import Path

from pydantic import Field

from judge import tables
from judge.dataset import splits
from judge.distillation import settings
from judge.evaluation import evaluation, figures, plots
from judge.people import labels
from judge.report import report, training_curves
from judge.settings import Settings, flatten
from judge.tables import atomic, levels, metric_files
from stages import run

SWEEPS = Path("metrics/sweeps")


class Config(Settings):
    """What this stage reads: what was chosen, by name, and the values that shape the labels."""

    seed: int = Field(ge=0, description="of every choice that is left to chance")
    corpus: str = Field(description="the option chosen")
    questioner: str = Field(description="the option chosen")
    generators: tables.Generators
    teacher: str = Field(description="the option chosen")
    student: str = Field(description="the option chosen")
    label: levels.LabelSettings
    split: splits.SplitSettings
    distil: settings.DistilSettings


def main(config: Config) -> None:
    """Write metrics/report.html."""
    pictures = {name: plots.from_csv(Path("metrics/plots", f"{name}.csv").read_text(encoding="utf-8")) for name in plots.COLUMNS}
    questions = metric_files.read(metric_files.QUESTIONS)
    # Recorded judgments bring their questions and answers along: nobody was asked for any.
    unused = {"questioner", "generators"} if tables.read(tables.RECORDED) else set()
    run_values = {"threshold": config.label.threshold, **flatten(config.model_dump(exclude={"label", *unused}))}
    counted = (
        tables.DOCUMENTS,
        tables.CHUNKS,
        tables.QUESTIONS,
        tables.RECORDED,
        tables.DATASET,
        tables.TRAIN,
        tables.TEST,
        tables.PROBES,
        tables.PERTURBED,
    )
    spent = metric_files.read(metric_files.COST)
    run_values["hosted models"] = f"{spent['total.calls']} calls, {spent['total.usd']:.4f} dollars"
    page = report.render(
        evaluation.Evaluation(figures.read(), pictures),
        report.Answers(tables.read(tables.TEST), tables.read(tables.SPANS), labels.read()),
        training_curves.read(),
        run_values,
        {table.name: len(tables.read(table)) for table in counted},
        {name.removeprefix("dropped."): int(count or 0) for name, count in questions.items() if name.startswith("dropped.")},
        json.loads(Path("data/student/config.json").read_text(encoding="utf-8"))["training"],
        {path.stem: _csv(path) for path in sorted(SWEEPS.glob("*.csv"))},
    )
    atomic.write_text(Path("metrics/report.html"), page)
    print("metrics/report.html is written")


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


if __name__ == "__main__":
    run(main, Config)
