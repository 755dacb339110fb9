"""Let the student and the baseline judge test and the probes."""

from judge import tables
from judge.settings import Budget, Settings
from judge.students import saved
from judge.tables.dry_run import DRY_RUN
from judge.tables.items import Item, Judge
from judge.tables.levels import Judgment
from stages import run


class Config(Settings):
    """What this stage reads: no setting of the student, all of them are saved with it."""

    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/scores/{student,baseline}.jsonl and data/scores/probes/{student,baseline}.jsonl."""
    test, probes = tables.read(tables.TEST), tables.read(tables.PROBES)
    # A probe has no reference answer; to a student that is held against references its passage stands in for one.
    items = [Item(row["question"], row["answer"], row["context"], row.get("reference") or row["context"]) for row in test + probes]
    student = saved.load("data/student", budget_usd=config.budget_usd)
    if DRY_RUN.get():
        raise student.planned(items)
    judges: dict[str, Judge] = {"student": student, "baseline": student.baseline()}
    for name, judge in judges.items():
        _write(name, test, probes, judge.judge(items))
    print(f"{len(test)} answers and {len(probes)} probes judged by student and baseline")


def _write(judge: str, test: list[tables.Row], probes: list[tables.Row], judgments: list[Judgment]) -> None:
    """One judge's judgments, first those of the answers."""
    answered = tables.STUDENT_SCORES if judge == "student" else tables.BASELINE_SCORES
    tables.write(answered, tables.judgment_rows([row["answer_id"] for row in test], judgments[: len(test)]))
    tables.write(tables.probe_scores(judge), tables.judgment_rows([row["probe_id"] for row in probes], judgments[len(test) :]))


if __name__ == "__main__":
    run(main, Config, asks=True)
