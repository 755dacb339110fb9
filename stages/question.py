"""Ask questions of the passages, each with a reference answer."""

from pydantic import Field

from judge import tables
from judge.dataset import answers, questions
from judge.settings import Budget, Settings
from judge.tables import metric_files
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of sampling, where the questioner samples")
    questioner: questions.Questioner
    question: questions.QuestionSettings
    answer: answers.AnswerSettings
    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/questions.jsonl and metrics/questions.json."""
    found = questions.Questions([], 0, {}, None)
    # Recorded judgments bring their questions and answers along.
    if not tables.read(tables.RECORDED):
        found = questions.ask(
            tables.read(tables.CHUNKS),
            config.questioner,
            config.question,
            config.seed,
            config.budget_usd,
            config.answer.max_failed_share,
        )
    tables.write(tables.QUESTIONS, found.rows)
    dropped = {f"dropped.{reason}": count for reason, count in found.dropped.items()}
    metric_files.write(metric_files.QUESTIONS, {"asked": found.asked, "kept": len(found.rows), **dropped, **tables.calls(found.usage)})
    print(f"{found.asked} questions asked for, {len(found.rows)} kept; dropped: {found.dropped or 'none'}")


if __name__ == "__main__":
    run(main, Config, asks=True)
