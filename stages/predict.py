"""Let the student and the baseline judge test and the probes."""

from collections.abc import Iterable, Sequence

from judge import tables
from judge.settings import Budget, Settings
from judge.students.options import OpenAI
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.items import Item, Judge
from judge.tables.levels import Judgment
from stages import run


class Config(Settings):
    """What this stage reads: no setting of the student, all of them are saved with it."""

    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/scores/{student,baseline}.jsonl and data/scores/probes/{student,baseline}.jsonl."""
    from judge.students.saved import load

    test, probes = tables.read(tables.TEST), tables.read(tables.PROBES)
    # A probe has no reference answer; to a student that is held against references its passage stands in for one.
    items = [Item(row["question"], row["answer"], row["context"], row.get("reference") or row["context"]) for row in test + probes]
    student = load("data/student", budget_usd=config.budget_usd)
    judges: dict[str, Judge] = {"student": student, "baseline": student.baseline()}
    if DRY_RUN.get():
        raise _plan(judges.values(), items) if isinstance(student.option, OpenAI) else Planned("judgments", 2 * len(items), 0)
    for name, judge in judges.items():
        _write(name, test, probes, judge.judge(items))
    print(f"{len(test)} answers and {len(probes)} probes judged by student and baseline")


def _plan(judges: Iterable[Judge], items: Sequence[Item]) -> Planned:
    """What all the judges together would ask."""
    plans = []
    for judge in judges:
        try:
            judge.judge(items)
        except Planned as plan:
            plans.append(plan)
    return Planned(
        "judgments",
        sum(plan.requests for plan in plans),
        sum(plan.cached for plan in plans),
        sum(plan.prompt_tokens for plan in plans),
        sum(plan.completion_tokens for plan in plans),
        sum(plan.usd or 0.0 for plan in plans),
    )


def _write(judge: str, test: list[tables.Row], probes: list[tables.Row], judgments: list[Judgment]) -> None:
    """One judge's judgments, first those of the answers."""
    answered = tables.STUDENT_SCORES if judge == "student" else tables.BASELINE_SCORES
    tables.write(answered, tables.judgment_rows([row["answer_id"] for row in test], judgments[: len(test)]))
    tables.write(tables.probe_scores(judge), tables.judgment_rows([row["probe_id"] for row in probes], judgments[len(test) :]))


if __name__ == "__main__":
    run(main, Config)
