"""Compare student and baseline with the teacher, and all judges with people and the known truth, each figure with its interval."""

from pathlib import Path

from pydantic import Field

from judge import tables
from judge.evaluation import evaluation, plots
from judge.settings import Settings
from judge.tables import atomic, levels, metric_files
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the bootstrap")
    label: levels.LabelSettings
    evaluate: evaluation.EvaluateSettings


def main(config: Config) -> None:
    """Write metrics/evaluation.json, metrics/summary.json and metrics/plots/*.csv."""
    found = evaluation.evaluate(
        tables.read(tables.TEST),
        tables.read(tables.STUDENT_SCORES),
        tables.read(tables.BASELINE_SCORES),
        tables.read(tables.PROBES),
        {judge: tables.read(tables.probe_scores(judge)) for judge in ("teacher", "student", "baseline", "overlap")},
        config.label.threshold,
        config.evaluate,
        config.seed,
    )
    metric_files.write(metric_files.EVALUATION, found.metrics)
    metric_files.write(metric_files.SUMMARY, evaluation.summary(found.metrics))
    for name, rows in found.plots.items():
        atomic.write_text(Path("metrics/plots") / f"{name}.csv", plots.to_csv(name, rows))
    print(f"student against teacher: Pearson {found.metrics['student.pearson']}; baseline: {found.metrics['baseline.pearson']}")


if __name__ == "__main__":
    run(main, Config)
