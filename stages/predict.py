"""Let the student and the baseline judge test and the probes."""

from judge import tables
from judge.levels import Judgment
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads: no setting, all of them are saved with the student."""


def main(_: Config) -> None:
    """Write data/scores/{student,baseline}.jsonl and data/scores/probes/{student,baseline}.jsonl."""
    from judge.baseline import Cosine
    from judge.student import Item, load

    test, probes = tables.read(tables.TEST), tables.read(tables.PROBES)
    # A probe has no reference answer; to a student that is held against references its passage stands in for one.
    items = [Item(row["question"], row["answer"], row["context"], row.get("reference") or row["context"]) for row in test + probes]
    student = load("data/student")
    for name, judgments in (("student", student.judge(items)), ("baseline", Cosine(student.option).judge(items))):
        _write(name, test, probes, judgments)
    print(f"{len(test)} answers and {len(probes)} probes judged by student and baseline")


def _write(judge: str, test: list[tables.Row], probes: list[tables.Row], judgments: list[Judgment]) -> None:
    """One judge's judgments, first those of the answers."""
    answered = tables.STUDENT_SCORES if judge == "student" else tables.BASELINE_SCORES
    tables.write(answered, tables.judgment_rows([row["answer_id"] for row in test], judgments[: len(test)]))
    tables.write(tables.probe_scores(judge), tables.judgment_rows([row["probe_id"] for row in probes], judgments[len(test) :]))


if __name__ == "__main__":
    run(main, Config)
