"""Ask the teacher of the default run about some rows of a published file, drawn by seed."""

from evidence.stages import Params, judgments, read_rows, run
from judge import tables
from judge.settings import Settings
from judge.tables.identity import shuffled
from judge.tables.items import Item
from judge.teachers import calibration
from judge.teachers.registry import Teacher
from stages import settings


class Config(Settings):
    """What of the project is read: the teacher."""

    teacher: Teacher


def main(params: Params, name: str) -> None:
    """Write data/asked/NAME.jsonl."""
    teacher = settings(Config, [f"teacher={params.ask.teacher}"]).teacher
    row_of = {row["answer_id"]: row for row in read_rows(f"data/rows/{name}/all.jsonl")}
    drawn = shuffled(row_of, params.seed, "asked")[: params.ask.rows]
    given = teacher.judge([Item.of(row_of[answer_id]) for answer_id in drawn], calibration.read())
    tables.write(judgments(f"asked/{name}"), tables.judgment_rows(drawn, given))
    failed = sum(judgment.levels is None for judgment in given)
    print(f"{len(drawn)} of {len(row_of)} rows judged by {teacher.name}, {failed} failed")


if __name__ == "__main__":
    run(main, "ask")
