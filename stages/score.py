"""Let the teacher judge every answer."""

from judge import tables, teachers
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators
    score: teachers.ScoreSettings
    teacher: teachers.Likelihood


def main(config: Config) -> None:
    """Write data/scores/teacher.jsonl."""
    contexts = {row["chunk_id"]: row["text"] for row in tables.read(tables.CHUNKS)}
    questions = {row["question_id"]: row for row in tables.read(tables.QUESTIONS)}
    answers = tables.read_answers(config.generators)
    items = [
        {"context": contexts[question["chunk_id"]], "question": question["question"], "answer": answer["answer"]}
        for answer in answers
        for question in [questions[answer["question_id"]]]
    ]
    judgments = teachers.judge(config.teacher, teachers.read_calibration(), items)
    teachers.require_few_failed(judgments, config.score)
    tables.write(tables.TEACHER_SCORES, tables.judgment_rows([answer["answer_id"] for answer in answers], judgments))
    failed = sum(judgment.levels is None for judgment in judgments)
    print(f"{len(judgments)} answers judged by {config.teacher.name}, {failed} failed")


if __name__ == "__main__":
    run(main, Config)
