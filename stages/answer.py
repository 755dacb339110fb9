"""Let one generator answer every question."""

from pydantic import Field

from judge import tables
from judge.dataset import answers
from judge.dataset.generators import Generator
from judge.models import cluster
from judge.models.cluster import RaySettings, Runtime
from judge.settings import Budget, Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of sampling, where the generator samples")
    generator: Generator
    answer: answers.AnswerSettings
    budget_usd: Budget
    runtime: Runtime
    ray: RaySettings


def main(config: Config) -> None:
    """Write data/answers/GENERATOR.jsonl."""
    with cluster.chosen(config.runtime, config.ray):
        rows = answers.write(
            tables.read(tables.QUESTIONS),
            tables.read(tables.CHUNKS),
            config.generator,
            config.seed,
            config.budget_usd,
            config.answer.max_failed_share,
        )
    tables.write(tables.answers_of(config.generator.name), rows)
    empty = sum(row["answer"] is None for row in rows)
    print(f"{len(rows)} answers by {config.generator.name}, {empty} of them empty")


if __name__ == "__main__":
    run(main, Config, asks=True)
