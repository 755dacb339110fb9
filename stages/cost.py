"""Sum calls, tokens and dollars of every stage that asks a hosted model."""

import json
from pathlib import Path

from judge import tables
from judge.settings import Settings
from judge.tables import metric_files, usage
from judge.tables.usage import Usage
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators


def main(config: Config) -> None:
    """Write metrics/cost.json."""
    training = json.loads(Path("data/student/config.json").read_text(encoding="utf-8"))["training"]
    folders = (tables.BASELINES, tables.PROBED_BASELINES, tables.RETRAINED_SCORES)
    others = [row for folder in folders for rows in tables.read_folder(folder).values() for row in rows]
    altered = tables.read(tables.perturbed_scores("student"))
    judged = {
        "score": tables.read(tables.TEACHER_SCORES),
        "probe": tables.read(tables.probe_scores("teacher")),
        "perturb": tables.read(tables.perturbed_scores("teacher")),
        "predict": [*tables.read(tables.STUDENT_SCORES), *tables.read(tables.probe_scores("student")), *others, *altered],
    }
    questions = metric_files.read(metric_files.QUESTIONS)
    figures = usage.sums(
        {
            "question": _usage(questions, "prompt_tokens", int(questions["calls"] or 0)),
            "answer": tables.usage_of(tables.read_answers(config.generators)),
            **{stage: tables.usage_of(rows) for stage, rows in judged.items()},
            "distil": _usage(training, "trained_tokens", int("trained_tokens" in training)),
        },
    )
    metric_files.write(metric_files.COST, figures)
    print(f"hosted models: {figures['total.calls']} calls, {figures['total.usd']:.4f} dollars")


def _usage(figures: metric_files.Metrics, tokens: str, calls: int) -> Usage | None:
    """What a stage says of itself where its calls have no rows of their own: those for dropped questions, and the fine-tuning."""
    if not calls:
        return None
    completion = int(figures.get("completion_tokens") or 0)
    return Usage(calls, int(figures.get(tokens) or 0), completion, float(figures.get("usd") or 0.0))


if __name__ == "__main__":
    run(main, Config)
