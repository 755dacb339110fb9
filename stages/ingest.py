"""Read the corpus: the documents of the run, those set aside to calibrate a teacher on, and judgments made before."""

from pydantic import Field

from judge import tables
from judge.dataset import documents
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the choice of articles")
    corpus: documents.Corpus


def main(config: Config) -> None:
    """Write data/documents.jsonl, data/background.jsonl and data/recorded/answers.jsonl."""
    found = documents.read(config.corpus, config.seed)
    tables.write(tables.DOCUMENTS, found.documents)
    tables.write(tables.BACKGROUND, found.background)
    tables.write(tables.RECORDED, found.recorded)
    for name, reason in found.skipped:
        print(f"left out {name}: {reason}")
    print(f"{len(found.documents)} documents, {len(found.background)} set aside, {len(found.recorded)} recorded judgments")


if __name__ == "__main__":
    run(main, Config)
