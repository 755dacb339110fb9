"""Fit what turns the teacher's evidence into a probability, on statements whose truth is known by construction."""

from pydantic import Field

from judge import tables
from judge.dataset import chunks, set_aside
from judge.probes.rows import judged_statements, passage_of
from judge.settings import Settings
from judge.tables import metric_files
from judge.tables.items import Item, rows_to_judge
from judge.teachers import calibration, registry
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the statements and of the bootstrap")
    generators: tables.Generators
    chunk: chunks.ChunkSettings
    teacher: registry.Teacher


def main(config: Config) -> None:
    """Write data/teacher.json, its cross-validated figures to metrics/teacher.json, and the statements that it was fitted on, judged."""
    background = chunks.cut(tables.read(tables.BACKGROUND), config.chunk)
    own = set_aside.own_passages(tables.read(tables.CHUNKS), config.seed)
    chosen = set_aside.Chosen(background, "document_id") if background else own
    passages = [passage_of(row, chosen.unit) for row in chosen.chunks]
    fitted = config.teacher.calibrate(passages, config.seed)
    if fitted is not None and not background:
        fitted = fitted.of_own(own.chunks)
    answers = rows_to_judge(
        tables.read_answers(config.generators),
        tables.read(tables.QUESTIONS),
        tables.read(tables.CHUNKS),
        tables.read(tables.RECORDED),
    )
    fitted = config.teacher.adapt(fitted, [Item.of(row) for row in answers])
    calibration.write(fitted)
    metric_files.write(metric_files.TEACHER, calibration.figures(fitted))
    made = config.teacher.statements(passages, config.seed)
    judged = config.teacher.judge([Item(each.question, each.statement, each.context) for each in made], fitted) if made else []
    document_of = {row[chosen.unit]: row["document_id"] for row in chosen.chunks}
    tables.write(tables.STATEMENTS, judged_statements(made, judged, document_of))
    if fitted is None:
        print(f"{config.teacher.name} needs no calibration")
        return
    print(f"{fitted.n} statements of {fitted.articles} articles; Brier {fitted.brier}, AUROC {fitted.auroc}")
    if fitted.share_acceptable is not None:
        print(f"of {len(answers)} answers {fitted.share_acceptable:.0%} are estimated to be acceptable")
    if not background:
        print(
            f"The corpus sets no documents aside: {len(fitted.seen.passages)} passages of {len(fitted.seen.documents)} documents "
            "of the run were calibrated on, and give no probe",
        )


if __name__ == "__main__":
    run(main, Config, asks=True)
