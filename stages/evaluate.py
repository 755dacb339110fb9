"""Compare student and baselines with the teacher, and all judges with people and the known truth, each figure with its interval."""

import json
from pathlib import Path

from pydantic import Field

from judge import tables
from judge.evaluation import definitions, evaluation, figures, people_figures, plots
from judge.people import inclusion, labels
from judge.settings import Settings
from judge.tables import atomic, levels, metric_files
from stages import run

BASELINES, TEACHER = Path("data/baselines.json"), Path("data/teacher.json")
# What figures are made of: passages and the columns of cost would take most of the memory.
JUDGMENT = ("item_id", "score", "acceptable", "reason")
SEVERAL_VERDICTS = ("item_id", "levels", "source")
ANSWER = ("answer_id", "document_id", "generator", "question", "answer", "human_class", "teacher_score", "teacher_class", "reason")
STATEMENT = ("document_id", "kind", "answer", "truth")


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the bootstrap")
    label: levels.LabelSettings
    evaluate: evaluation.EvaluateSettings


def main(config: Config) -> None:
    """Write metrics/figures.csv, the same nested as metrics/evaluation.json, metrics/summary.json and metrics/plots/*.csv."""
    probed = {judge: tables.read(tables.probe_scores(judge), JUDGMENT) for judge in ("teacher", "student")}
    # Read as plain JSON: their models are of packages on which no figure depends, so that an edit there measures nothing anew.
    calibration = json.loads(TEACHER.read_text(encoding="utf-8")) or {"seen": {"documents": []}}
    test, train = tables.read(tables.TEST, ANSWER), tables.read(tables.TRAIN, ANSWER)
    judged = evaluation.Judged(
        test,
        tables.read(tables.STUDENT_SCORES, JUDGMENT),
        tables.read_folder(tables.BASELINES, JUDGMENT),
        json.loads(BASELINES.read_text(encoding="utf-8"))["best"],
        tables.read_folder(tables.RETRAINED_SCORES, JUDGMENT),
        tables.read(tables.PROBES, ("probe_id", *STATEMENT)),
        probed | tables.read_folder(tables.PROBED_BASELINES, JUDGMENT),
        train,
        {"student": tables.read(tables.STUDENT_OUT_OF_FOLD, JUDGMENT)} | tables.read_folder(tables.BASELINES_OUT_OF_FOLD, JUDGMENT),
        set(calibration["seen"]["documents"]),
        tables.read(tables.PERTURBED, ("perturbed_id", "statement_id", "language", *STATEMENT)),
        {judge: tables.read(tables.perturbed_scores(judge), JUDGMENT) for judge in ("teacher", "student", "baseline")},
        _heard(test, train, config.seed),
        tables.read(tables.TEACHER_SCORES, SEVERAL_VERDICTS),
    )
    evaluated = evaluation.evaluate(judged, config.label.threshold, config.evaluate, config.seed)
    figures.write(evaluated.figures)
    metric_files.write(metric_files.EVALUATION, figures.nested(evaluated.figures))
    metric_files.write(metric_files.SUMMARY, evaluation.summary(evaluated.figures))
    for name, rows in evaluated.plots.items():
        atomic.write_text(Path("metrics/plots") / f"{name}.csv", plots.to_csv(name, rows))
    student, baseline = (figures.get(evaluated.figures, judge, definitions.PRIMARY).value for judge in ("student", "baseline"))
    print(f"student against teacher: Pearson {student}; the strongest baseline, {judged.best}: {baseline}")


def _heard(test: list[tables.Row], train: list[tables.Row], seed: int) -> people_figures.Heard:
    """What people said, and how likely each answer was to be put before them."""
    given = labels.read()
    splits = {"test": test, "train": train, "all": [*test, *train]}
    orders = {name: inclusion.random_order([row["answer_id"] for row in rows], seed) for name, rows in splits.items()}
    return people_figures.Heard(given, inclusion.inclusion(given, inclusion.read_queues(), orders))


if __name__ == "__main__":
    run(main, Config)
