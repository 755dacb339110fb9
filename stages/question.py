"""Ask questions of the passages, each with a reference answer."""

from pydantic import Field

from judge import tables
from judge.dataset import questions
from judge.dataset.answers import AnswerSettings
from judge.dataset.questioners import Questioner
from judge.settings import Budget, Settings
from judge.tables import metric_files
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of sampling, where the questioner samples")
    questioner: Questioner
    question: questions.QuestionSettings
    answer: AnswerSettings
    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/questions.jsonl and metrics/questions.json."""
    result = questions.Questions([], 0, {}, None)
    # Recorded judgments bring their questions and answers along.
    if not tables.read(tables.RECORDED):
        result = questions.ask(
            tables.read(tables.CHUNKS),
            config.questioner,
            config.question,
            config.seed,
            config.budget_usd,
            config.answer.max_failed_share,
        )
    tables.write(tables.QUESTIONS, result.rows)
    dropped = {f"dropped.{reason}": count for reason, count in result.dropped.items()}
    metric_files.write(metric_files.QUESTIONS, {"asked": result.asked, "kept": len(result.rows), **dropped, **tables.calls(result.usage)})
    print(f"{result.asked} questions asked for, {len(result.rows)} kept; dropped: {result.dropped or 'none'}")


if __name__ == "__main__":
    run(main, Config, asks=True)
