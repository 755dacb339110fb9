"""Label each answer by its teacher score: acceptable means strictly above the threshold."""

from collections import Counter

from judge import labels, tables
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators
    label: labels.LabelSettings


def main(config: Config) -> None:
    """Write data/dataset.jsonl."""
    items = labels.items(
        tables.read_answers(config.generators),
        tables.read(tables.QUESTIONS),
        tables.read(tables.CHUNKS),
        tables.read(tables.RECORDED),
    )
    rows = labels.label(items, tables.read(tables.TEACHER_SCORES), config.label)
    tables.write(tables.DATASET, rows)
    counts = Counter(row["teacher_class"] or "without a score" for row in rows)
    print(
        f"{len(rows)} rows above or below {config.label.threshold}: "
        + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    )


if __name__ == "__main__":
    run(main, Config)
