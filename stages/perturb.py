"""Perturb the statements of known truth, in ways that judges may be fooled by, and let the teacher judge a sample of them."""

from pydantic import Field

from judge import tables
from judge.probes import perturbed
from judge.settings import Budget, Settings
from judge.tables.items import Item
from judge.teachers import calibration, registry
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of what is drawn")
    perturb: perturbed.PerturbSettings
    teacher: registry.Teacher
    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/perturbed.jsonl and data/scores/perturbed/teacher.jsonl."""
    rows = perturbed.perturbed(tables.read(tables.PROBES), config.seed, config.perturb.per_document)
    sample = perturbed.sample(rows, config.perturb.teacher_rows, config.seed) if config.teacher.is_probed else []
    # As for the probes: nothing but the passage says what is true, so it stands in for a reference answer.
    items = [Item.of(row)._replace(reference=row["context"]) for row in sample]
    judged = config.teacher.judge(items, calibration.read(), config.budget_usd) if items else []
    tables.write(tables.PERTURBED, rows)
    tables.write(tables.perturbed_scores("teacher"), tables.judgment_rows([row["perturbed_id"] for row in sample], judged))
    injected = sum(row["language"] is not None for row in rows)
    print(f"{len(rows)} perturbed statements, {injected} of them with an instruction to the judge; the teacher judges {len(sample)}")


if __name__ == "__main__":
    run(main, Config, asks=True)
