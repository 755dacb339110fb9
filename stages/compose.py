"""Make statements of known truth of the training documents, for the student to learn from."""

from pydantic import Field

from judge import tables
from judge.probes import rows
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the statements")
    compose: rows.ComposeSettings


def main(config: Config) -> None:
    """Write data/constructed.jsonl; none of its passages is of a test document."""
    tested = {row["document_id"] for row in tables.read(tables.TEST_DOCUMENTS)}
    chunks = [row for row in tables.read(tables.CHUNKS) if row["document_id"] not in tested]
    made = rows.constructed(chunks, config.seed, config.compose)
    tables.write(tables.CONSTRUCTED, made)
    print(f"{len(made)} statements of {len(chunks)} passages, {sum(row['truth'] for row in made)} of them true")


if __name__ == "__main__":
    run(main, Config)
