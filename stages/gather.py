"""Put the answers of the chosen generators into one table."""

from pathlib import Path

from judge import tables
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    generators: tables.Generators


def main(config: Config) -> None:
    """Write data/answers.jsonl.

    DVC cannot depend on one file for each item of a list, only on their folder, where an edit of `generators` by hand leaves the answers
    of a generator that is no longer chosen. They end here, so that no stage after this one runs again for them.
    """
    chosen = [tables.answers_of(generator) for generator in config.generators]
    rows = [row for table in chosen for row in tables.read(table)]
    tables.write(tables.ANSWERS, rows)
    for path in sorted({str(path) for path in Path(chosen[0].path).parent.glob("*.jsonl")} - {table.path for table in chosen}):
        print(f"left out {path}: its generator is not chosen; `dvc checkout` removes the file")
    print(f"{len(rows)} answers by {len(chosen)} generators")


if __name__ == "__main__":
    run(main, Config)
