"""How long the stages evaluate and report take, and how much memory, on a test table of 100,000 answers about 33,334 documents.

In a built project: `python -m bench.evaluate [--answers N] [--others N]`. It repeats the tables of data/ in a temporary folder, with every
score moved a little, until test holds N answers, and train, probes and perturbed statements as many as `--others` says. Of the answers of
test 1,000 have labels of one to three people. Takes two minutes and 1 GB of disk.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.compare import ROOT, measure
from judge import tables
from judge.people import inclusion
from judge.tables import levels
from judge.tables.schema import Row, Table

LABELLED, ANNOTATORS, SEED = 1000, ("anna", "ben", "clara"), 17
THRESHOLD, DISSENT = 0.8, 0.1


class Source(NamedTuple):
    """A table to repeat, the columns that name a row or what it is of, and the column of its document."""

    table: Table
    ids: tuple[str, ...]


def main() -> None:
    """Make the tables, run the stages, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100_000, metavar="N")
    parser.add_argument("--others", type=int, default=20_000, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_project(folder, options.answers, options.others)
        size = sum(path.stat().st_size for path in (folder / "data").rglob("*.jsonl")) / 1e6
        print(f"{options.answers} answers of test, {options.others} of train, as many statements of either kind, {size:.0f} MB of tables")
        for stage in ("evaluate", "report"):
            seconds, busy, peak = measure(folder, [sys.executable, "-m", f"stages.{stage}"])
            print(f"{stage}: {seconds:.1f} s, {busy:.1f} s of them on a processor, {peak:.2f} GB resident at most")
        for path in ("report.html", "plots/scores.csv", "plots/roc.csv"):
            print(f"metrics/{path}: {(folder / 'metrics' / path).stat().st_size / 1e6:.2f} MB")


def make_project(folder: Path, answers: int, others: int) -> None:
    """What the two stages read, in an empty folder."""
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("*.safetensors", "labels"))
    shutil.copytree(ROOT / "conf", folder / "conf")
    shutil.copytree(ROOT / "metrics", folder / "metrics")
    shutil.copy(ROOT / "params.yaml", folder)
    here = Path.cwd()
    os.chdir(ROOT)
    judged = (tables.STUDENT_SCORES, *of_folder(tables.BASELINES), *of_folder(tables.RETRAINED_SCORES))
    unseen = (tables.STUDENT_OUT_OF_FOLD, *of_folder(tables.BASELINES_OUT_OF_FOLD))
    probed = (*(tables.probe_scores(judge) for judge in ("teacher", "student")), *of_folder(tables.PROBED_BASELINES))
    altered = tuple(tables.perturbed_scores(judge) for judge in ("teacher", "student", "baseline"))
    for source, with_it, rows in (
        (tables.TEST, judged, answers),
        (tables.TRAIN, unseen, others),
        (tables.PROBES, probed, others),
        (tables.PERTURBED, altered, others),
    ):
        for table in (source, *with_it):
            write(folder, table, repeated(table, rows, len(tables.read(source))))
    taught = [row for table, rows in ((tables.TEST, answers), (tables.TRAIN, others)) for row in judgments(table, rows)]
    write(folder, tables.TEACHER_SCORES, iter(taught))
    test = list(repeated(tables.TEST, answers, len(tables.read(tables.TEST))))
    verdicts = labels(folder, test)
    write(folder, tables.TEST, ({**row, "human_class": verdicts.get(row["answer_id"])} for row in test))
    os.chdir(here)


def of_folder(folder: str) -> tuple[Table, ...]:
    """The judgments tables of a folder."""
    return tuple(tables.judgments_in(folder, path.stem) for path in sorted(Path(folder).glob("*.jsonl")))


def repeated(table: Table, rows: int, once: int) -> Iterator[Row]:
    """The rows of a table again and again, about new documents, until those of the table that they belong to, `once` rows, are `rows`."""
    given = tables.read(table)
    for copy in range(-(-rows // once)):
        # The same table and copy are moved alike, so that a judge has one score of an answer wherever it stands.
        moved = np.random.default_rng([SEED, copy, len(table.path)]).normal(0.0, 0.05, len(given))
        for row, by in zip(given, moved, strict=True):
            yield again(row, copy, float(by))


def again(row: Row, copy: int, moved: float) -> Row:
    """A row of another document, its score moved."""
    made: Row = {name: f"{value}-{copy}" if name.endswith("_id") and value is not None else value for name, value in row.items()}
    for score, mass in (("score", "levels"), ("teacher_score", "teacher_levels")):
        if made.get(score) is not None:
            made[score] = float(np.clip(row[score] + moved, 0.0, 1.0))
            made[mass] = list(levels.interpolate(made[score]))
            if "teacher_class" in made:
                made["teacher_class"] = levels.classify(made["teacher_score"], THRESHOLD)
    return made


def judgments(table: Table, rows: int) -> Iterator[Row]:
    """The teacher's judgments that stand in a dataset table, as rows of a judgments table."""
    blank = dict.fromkeys(column.name for column in tables.JUDGMENTS.columns)
    for row in repeated(table, rows, len(tables.read(table))):
        scored = {"levels": row["teacher_levels"], "score": row["teacher_score"], "reason": row["reason"], "source": "model"}
        yield {**blank, "item_id": row["answer_id"], **scored}


def labels(folder: Path, test: list[Row]) -> dict[str, str]:
    """Write one to three labels of each of the first answers of the random queue: the teacher's class, and now and then the other one.

    Returns the verdict of each of these answers, the class of the mean of its labels.
    """
    generator = np.random.default_rng(SEED)
    teacher = {row["answer_id"]: row["teacher_class"] == levels.ACCEPTABLE for row in test}
    order = inclusion.random_order([row["answer_id"] for row in test], SEED)[:LABELLED]
    said: dict[str, list[float]] = {item: [] for item in order}
    for number, annotator in enumerate(ANNOTATORS):
        chosen = [item for place, item in enumerate(order) if place % len(ANNOTATORS) != number or place % 2]
        given: list[Row] = [
            {
                "item_id": item,
                "annotator": annotator,
                "label": float(teacher[item] != (generator.random() < DISSENT)),
                "comment": None,
                "queue": "test",
            }
            for item in chosen
        ]
        write(folder, replace(tables.LABELS, path=f"data/labels/{annotator}.jsonl"), iter(given))
        for label in given:
            said[label["item_id"]].append(label["label"])
    return {item: levels.classify(float(np.mean(each)), THRESHOLD) for item, each in said.items() if each}


def write(folder: Path, table: Table, rows: Iterator[Row]) -> None:
    """Write a table under a folder."""
    path = folder / table.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
