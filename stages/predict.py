"""Let the student, the students trained again, and the baselines judge test and the probes."""

from pathlib import Path

from judge import tables
from judge.settings import Budget, Settings
from judge.students import baseline, saved
from judge.tables.dry_run import DRY_RUN
from judge.tables.items import Item
from judge.tables.levels import Judgment
from stages import run

RETRAINED = Path("data/retrained")


class Config(Settings):
    """What this stage reads: no setting of the student, all of them are saved with it."""

    budget_usd: Budget


def main(config: Config) -> None:
    """Write the judgments of test and of the probes: data/scores/student.jsonl, data/scores/baselines, and the same in data/scores/probes.

    The students that were trained again judge test alone: data/scores/retrained.
    """
    test, probes = tables.read(tables.TEST), tables.read(tables.PROBES)
    # A probe has no reference answer; to a student that is held against references its passage stands in for one.
    items = [item if item.reference else item._replace(reference=item.context) for item in map(Item.of, test + probes)]
    student = saved.load("data/student", budget_usd=config.budget_usd)
    if DRY_RUN.get():
        raise student.planned(items)
    baselines = baseline.read().judge(items)
    untuned = student.untuned()
    if untuned is not None:
        baselines["untuned"] = untuned.judge(items)
    _write(tables.STUDENT_SCORES, tables.probe_scores("student"), test, probes, student.judge(items))
    for name, judgments in baselines.items():
        answered, probed = (tables.judgments_in(folder, name) for folder in (tables.BASELINES, tables.PROBED_BASELINES))
        _write(answered, probed, test, probes, judgments)
    again = student.judge_retrained(RETRAINED, items[: len(test)])
    Path(tables.RETRAINED_SCORES).mkdir(parents=True, exist_ok=True)
    for seed, judgments in again.items():
        rows = tables.judgment_rows([row["answer_id"] for row in test], judgments)
        tables.write(tables.judgments_in(tables.RETRAINED_SCORES, str(seed)), rows)
    print(
        f"{len(test)} answers and {len(probes)} probes judged by student and {len(baselines)} baselines, test by {len(again)} trained again"
    )


def _write(
    answered: tables.Table, probed: tables.Table, test: list[tables.Row], probes: list[tables.Row], judgments: list[Judgment]
) -> None:
    """One judge's judgments, first those of the answers."""
    tables.write(answered, tables.judgment_rows([row["answer_id"] for row in test], judgments[: len(test)]))
    tables.write(probed, tables.judgment_rows([row["probe_id"] for row in probes], judgments[len(test) :]))


if __name__ == "__main__":
    run(main, Config, asks=True)
