"""Let a student and the baselines fitted beside it judge published rows."""

import json

from evidence.stages import FOLDER, Params, judgments, read_rows, run
from judge import tables
from judge.students import baseline, saved
from judge.tables import atomic
from judge.tables.items import Item


def main(params: Params, name: str) -> None:
    """Write data/scores/NAME: the judgments of the student and of each baseline, and told.json, the strongest of them and the threshold."""
    task = params.tasks[name]
    folder = FOLDER / task.judges
    rows = read_rows(task.rows)
    student = saved.load(folder / "student")
    baselines = baseline.read(folder / "baselines.json")
    items = [Item.of(row) for row in rows]
    judged = {"student": student.judge(items)} | baselines.judge(items)
    if not all(item.reference for item in items):
        # It looks for a reference answer, and has nothing to say where there is none.
        judged.pop(baseline.CONTAINS, None)
    ids = [row["answer_id"] for row in rows]
    for judge, given in judged.items():
        side = "student" if judge == "student" else f"baselines/{judge}"
        tables.write(judgments(f"scores/{name}/{side}"), tables.judgment_rows(ids, given))
    told = {"best": baselines.best, "threshold": student.threshold}
    atomic.write_text(FOLDER / "data/scores" / name / "told.json", json.dumps(told, indent=1) + "\n")
    print(f"{len(rows)} rows judged by student and {len(judged) - 1} baselines")


if __name__ == "__main__":
    run(main, "tasks")
