"""Cut the dataset into train and test, whole documents to one side by default."""

from pydantic import Field

from judge import tables
from judge.dataset import splits
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the shuffle")
    split: splits.SplitSettings


def main(config: Config) -> None:
    """Write data/train.jsonl, data/test.jsonl and data/test_documents.jsonl."""
    sides = splits.split(tables.read(tables.DATASET), config.split, config.seed)
    tables.write(tables.TRAIN, sides.train)
    tables.write(tables.TEST, sides.test)
    documents = {row["document_id"] for row in sides.test}
    # A list of its own, which another threshold does not change, so that the probes of these documents stand.
    tables.write(tables.TEST_DOCUMENTS, [{"document_id": document} for document in documents])
    print(f"{len(sides.train)} rows to train, {len(sides.test)} to test, of {len(documents)} documents")


if __name__ == "__main__":
    run(main, Config)
