"""Cut the documents into passages."""

from judge import tables
from judge.dataset import chunks
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    chunk: chunks.ChunkSettings


def main(config: Config) -> None:
    """Write data/chunks.jsonl."""
    passages = chunks.cut(tables.read(tables.DOCUMENTS), config.chunk)
    tables.write(tables.CHUNKS, passages)
    print(f"{len(passages)} passages")


if __name__ == "__main__":
    run(main, Config)
