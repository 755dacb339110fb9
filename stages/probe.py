"""Make statements of known truth from the test documents, and let the teacher and plain word overlap judge them."""

from pydantic import Field

from judge import tables
from judge.probes import overlap, rows, seen
from judge.settings import Budget, Settings
from judge.tables.items import Item
from judge.tables.levels import Judgment, interpolate
from judge.teachers import calibration, registry
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the statements")
    probe: rows.ProbeSettings
    teacher: registry.Teacher
    budget_usd: Budget


def main(config: Config) -> None:
    """Write data/probes.jsonl, data/scores/probes/teacher.jsonl and data/scores/probes/overlap.jsonl."""
    chosen = {row["document_id"] for row in tables.read(tables.TEST_DOCUMENTS)}
    fitted = calibration.read()
    chunks = [row for row in tables.read(tables.CHUNKS) if row["document_id"] in chosen]
    made = rows.probes(chunks, config.seed, seen.NOTHING if fitted is None else fitted.seen, config.probe.per_passage)
    probes = made.rows
    ids = [probe["probe_id"] for probe in probes]
    judged = []
    if config.teacher.is_probed:
        # Nothing but the passage says what is true, so it stands in for a reference answer.
        items = [Item.of(probe)._replace(reference=probe["context"]) for probe in probes]
        judged = config.teacher.judge(items, fitted, config.budget_usd)
    overlaps = [overlap.overlap_score(probe["question"], probe["answer"], probe["context"]) for probe in probes]
    tables.write(tables.PROBES, probes)
    tables.write(tables.probe_scores("teacher"), tables.judgment_rows(ids if judged else [], judged))
    tables.write(tables.probe_scores("overlap"), tables.judgment_rows(ids, [Judgment(interpolate(score)) for score in overlaps]))
    print(f"{len(probes)} statements of {len(chosen)} documents, {sum(probe['truth'] for probe in probes)} of them true")
    print(
        f"The teacher was calibrated on {calibration.own_documents_among(chosen, fitted)} of these documents. Left out as seen: "
        f"{made.passages} of {len(chunks)} passages, {made.sentences} sentences of the others, {made.statements} statements",
    )
    if chunks and not probes:
        print("No statement is left to probe the judges with: add documents to the corpus")


if __name__ == "__main__":
    run(main, Config, asks=True)
