"""Read the corpus: the documents of the run, those set aside to calibrate a teacher on, and judgments made before."""

from pydantic import Field

from judge import tables
from judge.dataset.corpora import Corpus
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the choice of articles")
    corpus: Corpus


def main(config: Config) -> None:
    """Write data/documents.jsonl, data/background.jsonl and data/recorded/answers.jsonl."""
    read = config.corpus.read(config.seed)
    tables.write(tables.DOCUMENTS, read.documents)
    tables.write(tables.BACKGROUND, read.background)
    tables.write(tables.RECORDED, read.recorded)
    for name, reason in read.skipped:
        print(f"left out {name}: {reason}")
    print(f"{len(read.documents)} documents, {len(read.background)} set aside, {len(read.recorded)} recorded judgments")


if __name__ == "__main__":
    run(main, Config)
