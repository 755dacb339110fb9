"""The curves that dvclive drew while a student was trained."""

import csv
from pathlib import Path

from judge.tables.schema import Row

FOLDER = Path("metrics/training/plots/metrics")


def read(folder: Path = FOLDER) -> list[Row]:
    """One row an epoch: epoch, and a column for each curve such as train_loss or validation_kl, None where it has no value there.

    No rows where there is no folder: not every student is trained here.
    """
    curves: dict[str, dict[int, float]] = {}
    for path in sorted(folder.glob("*/*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        curves[f"{path.parent.name}_{path.stem}"] = {int(row["step"]): float(row[path.stem]) for row in rows}
    epochs = sorted({epoch for curve in curves.values() for epoch in curve})
    return [{"epoch": epoch, **{name: curve.get(epoch) for name, curve in curves.items()}} for epoch in epochs]
