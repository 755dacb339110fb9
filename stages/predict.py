"""Let the student, the students trained again, and the baselines judge test, the probes and the perturbed statements."""

from pathlib import Path

from judge import tables
from judge.settings import Budget, Settings
from judge.students import baseline, saved
from judge.tables import spans
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

    Which words of test answers found no support is in data/scores/spans.jsonl.
    The perturbed statements are judged by the student and the strongest baseline alone: data/scores/perturbed.
    The students that were trained again judge test alone: data/scores/retrained.
    """
    test, probes, perturbed = (tables.read(table) for table in (tables.TEST, tables.PROBES, tables.PERTURBED))
    items, altered = _items([*test, *probes]), _items(perturbed)
    student = saved.load("data/student", budget_usd=config.budget_usd)
    if DRY_RUN.get():
        raise student.planned([*items, *altered])
    simple = baseline.read()
    baselines = simple.judge(items)
    untuned = student.untuned()
    if untuned is not None:
        baselines["untuned"] = untuned.judge(items)
    explained = student.explain_items(items[: len(test)]) if student.EXPLAINS else []
    ids = [row["answer_id"] for row in test]
    tables.write(tables.SPANS, spans.rows(ids, explained) if explained else [])
    _write(tables.STUDENT_SCORES, tables.probe_scores("student"), test, probes, student.judge(items))
    for name, judgments in baselines.items():
        answered, probed = (tables.judgments_in(folder, name) for folder in (tables.BASELINES, tables.PROBED_BASELINES))
        _write(answered, probed, test, probes, judgments)
    for judge, judgments in {"student": student.judge(altered), "baseline": simple.strongest.judge(altered)[simple.best]}.items():
        tables.write(tables.perturbed_scores(judge), tables.judgment_rows([row["perturbed_id"] for row in perturbed], judgments))
    again = student.judge_retrained(RETRAINED, items[: len(test)])
    Path(tables.RETRAINED_SCORES).mkdir(parents=True, exist_ok=True)
    for seed, judgments in again.items():
        tables.write(tables.judgments_in(tables.RETRAINED_SCORES, str(seed)), tables.judgment_rows(ids, judgments))
    print(
        f"{len(test)} answers and {len(probes)} probes judged by student and {len(baselines)} baselines, "
        f"test by {len(again)} trained again, {len(perturbed)} perturbed statements by student and {simple.best}"
    )


def _items(rows: list[tables.Row]) -> list[Item]:
    """What is judged; a statement has no reference answer, and to a student that needs one its passage stands in for it."""
    return [item if item.reference else item._replace(reference=item.context) for item in map(Item.of, rows)]


def _write(
    answered: tables.Table, probed: tables.Table, test: list[tables.Row], probes: list[tables.Row], judgments: list[Judgment]
) -> None:
    """One judge's judgments, first those of the answers."""
    tables.write(answered, tables.judgment_rows([row["answer_id"] for row in test], judgments[: len(test)]))
    tables.write(probed, tables.judgment_rows([row["probe_id"] for row in probes], judgments[len(test) :]))


if __name__ == "__main__":
    run(main, Config, asks=True)
