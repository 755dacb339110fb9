"""Let the teacher judge every answer."""

from judge import labels, recorded, tables, teachers
from judge.settings import Budget, Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators
    score: teachers.ScoreSettings
    teacher: teachers.Teacher
    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/scores/teacher.jsonl."""
    rows = tables.read(tables.RECORDED)
    items = labels.items(
        tables.read_answers(config.generators),
        tables.read(tables.QUESTIONS),
        tables.read(tables.CHUNKS),
        rows,
    )
    if isinstance(config.teacher, recorded.RecordedTeacher) and rows:
        judged = dict(zip([row["answer_id"] for row in rows], recorded.judgments(rows), strict=True))
        judgments = [judged[item["answer_id"]] for item in items]
    else:
        judgments = teachers.judge(config.teacher, teachers.read_calibration(), items, config.budget_usd)
    teachers.require_few_failed(judgments, config.score)
    tables.write(tables.TEACHER_SCORES, tables.judgment_rows([item["answer_id"] for item in items], judgments))
    failed = sum(judgment.levels is None for judgment in judgments)
    print(f"{len(judgments)} answers judged by {config.teacher.name}, {failed} failed")


if __name__ == "__main__":
    run(main, Config, asks=True)
