"""Let the teacher judge every answer."""

from judge import tables
from judge.models import cluster
from judge.models.cluster import RaySettings, Runtime
from judge.settings import Budget, Settings
from judge.tables.items import rows_to_judge
from judge.teachers import calibration, registry, teacher
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators
    score: teacher.ScoreSettings
    teacher: registry.Teacher
    budget_usd: Budget
    runtime: Runtime
    ray: RaySettings


def main(config: Config) -> None:
    """Write data/scores/teacher.jsonl."""
    recorded = tables.read(tables.RECORDED)
    rows = rows_to_judge(
        tables.read_answers(config.generators),
        tables.read(tables.QUESTIONS),
        tables.read(tables.CHUNKS),
        recorded,
    )
    with cluster.chosen(config.runtime, config.ray):
        judgments = config.teacher.judge_rows(rows, recorded, calibration.read(), config.budget_usd)
    teacher.require_few_failed(judgments, config.score)
    tables.write(tables.TEACHER_SCORES, tables.judgment_rows([row["answer_id"] for row in rows], judgments))
    failed = sum(judgment.levels is None for judgment in judgments)
    print(f"{len(judgments)} answers judged by {config.teacher.name}, {failed} failed")


if __name__ == "__main__":
    run(main, Config, asks=True)
