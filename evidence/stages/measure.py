"""Measure all tasks into one table, each figure with its interval."""

import json
import sys

from evidence.stages import EVIDENCE_CSV, FOLDER, Params, judgments, read_rows
from judge import tables
from judge.errors import JudgeError
from judge.evaluation import evidence
from judge.evaluation.evaluation import EvaluateSettings
from judge.settings import Settings, check, read_params
from judge.tables import atomic
from stages import settings


class Config(Settings):
    """What of the project is read: how intervals are made."""

    evaluate: EvaluateSettings


def main() -> None:
    """Write metrics/evidence.csv of this folder."""
    params = check(Params, read_params(FOLDER / "params.yaml"))
    intervals = settings(Config, []).evaluate
    rows = []
    for name in params.tasks:
        rows += evidence.measure(_task(params, name), intervals, params.seed)
        print(f"{name} is measured", flush=True)
    atomic.write_text(EVIDENCE_CSV, evidence.to_csv(rows))


def _task(params: Params, name: str) -> evidence.Task:
    """A task with its rows and all judgments of them."""
    task = params.tasks[name]
    told = json.loads((FOLDER / "data/scores" / name / "told.json").read_text(encoding="utf-8"))
    judged = {"student": tables.read(judgments(f"scores/{name}/student"))}
    judged |= tables.read_folder(f"{FOLDER}/data/scores/{name}/baselines")
    if name in params.ask.files:
        judged["teacher"] = tables.read(judgments(f"asked/{name}"))
    rows = read_rows(task.rows)
    # The scores one by one lie beside the rows that have several.
    single = list(tables.read_folder(str((FOLDER / task.rows).parent / "single")).values())
    return evidence.Task(name, task.trained_on, task.against, task.figure, rows, judged, told["best"], told["threshold"], single)


if __name__ == "__main__":
    try:
        main()
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
