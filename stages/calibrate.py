"""Fit what turns the teacher's evidence into a probability, on statements whose truth is known by construction."""

from pydantic import Field

from judge import chunks, metrics, tables, teachers
from judge.settings import Settings
from stages import run


class Config(Settings):
    """What this stage reads."""

    seed: int = Field(ge=0, description="of the statements and of the bootstrap")
    chunk: chunks.ChunkSettings
    teacher: teachers.Teacher


def main(config: Config) -> None:
    """Write data/teacher.json, and its cross-validated figures to metrics/teacher.json."""
    background = chunks.cut(tables.read(tables.BACKGROUND), config.chunk)
    calibration = teachers.calibrate(config.teacher, background, tables.read(tables.CHUNKS), config.seed)
    teachers.write_calibration(calibration)
    metrics.write(metrics.TEACHER, teachers.figures(calibration))
    if calibration is None:
        print(f"{config.teacher.name} needs no calibration")
        return
    print(f"{calibration.n} statements of {calibration.articles} articles; Brier {calibration.brier}, AUROC {calibration.auroc}")


if __name__ == "__main__":
    run(main, Config, asks=True)
