"""Label each answer by its teacher score: acceptable means strictly above the threshold."""

from collections import Counter

from judge import tables
from judge.dataset.labels import label
from judge.people import labels
from judge.settings import Settings
from judge.tables.items import rows_to_judge
from judge.tables.levels import LabelSettings
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators
    label: LabelSettings


def main(config: Config) -> None:
    """Write data/dataset.jsonl."""
    items = rows_to_judge(
        tables.read_answers(config.generators),
        tables.read(tables.QUESTIONS),
        tables.read(tables.CHUNKS),
        tables.read(tables.RECORDED),
    )
    given = labels.read()
    people = labels.verdicts(given, config.label.threshold)
    rows = label(items, tables.read(tables.TEACHER_SCORES), config.label, people)
    tables.write(tables.DATASET, rows)
    counts = Counter(row["teacher_class"] or "without a score" for row in rows)
    print(
        f"{len(rows)} rows above or below {config.label.threshold}: "
        + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    )
    if given:
        lost = labels.lost(given, [row["answer_id"] for row in rows])
        print(f"{len(people) - len(lost)} of them are labelled by people; {len(lost)} labelled answers are gone, and their labels are kept")


if __name__ == "__main__":
    run(main, Config)
