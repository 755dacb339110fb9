"""Read the corpus: the documents of the run, and those set aside to calibrate a teacher on."""

from pydantic import Field

from judge import documents, tables
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the choice of articles")
    corpus: documents.Corpus


def main(config: Config) -> None:
    """Write data/documents.jsonl and data/background.jsonl."""
    found = documents.read(config.corpus, config.seed)
    tables.write(tables.DOCUMENTS, found.documents)
    tables.write(tables.BACKGROUND, found.background)
    for name, reason in found.skipped:
        print(f"left out {name}: {reason}")
    print(f"{len(found.documents)} documents, {len(found.background)} set aside, {len(found.skipped)} left out")


if __name__ == "__main__":
    run(main, Config)
