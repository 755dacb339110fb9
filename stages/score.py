"""Let the teacher judge every answer."""

from judge import tables
from judge.settings import Budget, Settings
from judge.tables.items import rows_to_judge
from judge.teachers import calibration, recorded, registry
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators
    score: registry.ScoreSettings
    teacher: registry.Teacher
    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/scores/teacher.jsonl."""
    rows = tables.read(tables.RECORDED)
    items = rows_to_judge(
        tables.read_answers(config.generators),
        tables.read(tables.QUESTIONS),
        tables.read(tables.CHUNKS),
        rows,
    )
    if isinstance(config.teacher, recorded.RecordedTeacher) and rows:
        judged = dict(zip([row["answer_id"] for row in rows], recorded.judgments(rows), strict=True))
        judgments = [judged[item["answer_id"]] for item in items]
    else:
        judgments = registry.judge(config.teacher, calibration.read_calibration(), items, config.budget_usd)
    registry.require_few_failed(judgments, config.score)
    tables.write(tables.TEACHER_SCORES, tables.judgment_rows([item["answer_id"] for item in items], judgments))
    failed = sum(judgment.levels is None for judgment in judgments)
    print(f"{len(judgments)} answers judged by {config.teacher.name}, {failed} failed")


if __name__ == "__main__":
    run(main, Config, asks=True)
