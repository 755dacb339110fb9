"""Ask questions of the passages, each with a reference answer."""

from pydantic import Field

from judge import metrics, questions, tables
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of sampling, where the questioner samples")
    questioner: questions.Questioner
    question: questions.QuestionSettings


def main(config: Config) -> None:
    """Write data/questions.jsonl and metrics/questions.json."""
    found = questions.ask(tables.read(tables.CHUNKS), config.questioner, config.question, config.seed)
    tables.write(tables.QUESTIONS, found.rows)
    dropped = {f"dropped.{reason}": count for reason, count in found.dropped.items()}
    metrics.write(metrics.QUESTIONS, {"asked": found.asked, "kept": len(found.rows), **dropped})
    print(f"{found.asked} questions asked for, {len(found.rows)} kept; dropped: {found.dropped or 'none'}")


if __name__ == "__main__":
    run(main, Config)
