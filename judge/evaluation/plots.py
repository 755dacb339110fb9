"""The tables behind the pictures, and some beside them, as rows and as the CSV files of metrics/plots/ that `dvc plots` draws."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from judge.evaluation import definitions, figures
from judge.evaluation.agreement import Judgments, class_agreement, is_acceptable
from judge.evaluation.bootstrap import Draws, Figure, Mask
from judge.evaluation.calibration_error import BINS, calibration_bin
from judge.evaluation.figures import Estimate
from judge.tables.levels import ACCEPTABLE, classify
from judge.tables.schema import Row

if TYPE_CHECKING:
    import pandas as pd

# Spans of scores, each with its lower end left out and its upper end in it.
SPANS = {"up to 0.2": (-1.0, 0.2), "up to 0.5": (0.2, 0.5), "up to 0.8": (0.5, 0.8), "above 0.8": (0.8, 1.0)}
# A figure takes three columns: itself and the two ends of its interval.
ENDS = ("", "_low", "_high")
COLUMNS: dict[str, tuple[str, ...]] = {
    # One row an answer that all three have judged.
    "scores": (
        "answer_id",
        "generator",
        "teacher_score",
        "student_score",
        "baseline_score",
        "teacher_class",
        "student_class",
        "baseline_class",
    ),
    # One row an answer: the teacher's class and the student's.
    "confusion": ("actual", "predicted"),
    # One row a tenth of the student's probability of acceptable that has answers: the share that the teacher calls acceptable.
    "reliability": ("bin", "n", "mean_predicted", "observed_share", "observed_share_low", "observed_share_high"),
    # One row a point of the curve of student or baseline.
    "roc": ("judge", "fpr", "tpr"),
    # One row a generator.
    "by_generator": (
        "generator",
        "n",
        *(f"{side}_{name}{end}" for side, name, end in product(("student", "baseline"), ("pearson", "kappa"), ENDS)),
    ),
    # One row a threshold, for classes that are made anew from the stored scores; the student is not trained again.
    "thresholds": (
        "threshold",
        "n",
        *(f"{side}_kappa{end}" for side, end in product(("student", "baseline"), ENDS)),
        *(f"{side}_share{end}" for side, end in product(("teacher", "student", "baseline"), ENDS)),
    ),
    # One row a generator: how the teacher's scores and classes spread.
    "spread": ("generator", "n", "acceptable_share", "mean_score", *SPANS),
    # Five answers as the tutorial's own table has them: those of the smallest ids, which are hashes of their texts.
    "examples": ("question", "answer", "teacher_score", "teacher_class"),
    # One row a judge and a kind of false statement; n counts these.
    "probes": ("judge", "kind", "n", "auroc", "auroc_low", "auroc_high"),
}
_EXAMPLES = 5
THRESHOLDS = tuple(step / 100 for step in range(50, 100, 5))


def scores(test: Sequence[Row], judges: Mapping[str, Judgments], threshold: float) -> list[Row]:
    """The three scores of each answer, in the order of the test rows."""
    rows = []
    for number in np.flatnonzero(_judged_by_all(judges)).tolist():
        given = {judge: float(judgments.scores[number]) for judge, judgments in judges.items()}
        rows.append(
            {"answer_id": test[number]["answer_id"], "generator": test[number]["generator"]}
            | {f"{judge}_score": score for judge, score in given.items()}
            | {f"{judge}_class": classify(score, threshold) for judge, score in given.items()},
        )
    return rows


def spread(test: Sequence[Row]) -> list[Row]:
    """How many of each generator's judged answers the teacher accepts, their mean score, and the share of them in each span of scores."""
    rows = []
    for generator in sorted({row["generator"] for row in test}):
        own = [row for row in test if row["generator"] == generator and row["teacher_score"] is not None]
        scores = np.array([row["teacher_score"] for row in own])
        if own:
            accepted = sum(row["teacher_class"] == ACCEPTABLE for row in own) / len(own)
            shares = {name: float(((scores > low) & (scores <= high)).mean()) for name, (low, high) in SPANS.items()}
            rows.append({"generator": generator, "n": len(own), "acceptable_share": accepted, "mean_score": float(scores.mean())} | shares)
    return rows


def examples(test: Sequence[Row]) -> list[Row]:
    """Question, answer, teacher score and class of five judged answers of test."""
    judged = sorted((row for row in test if row["teacher_score"] is not None), key=lambda row: str(row["answer_id"]))
    return [{name: row[name] for name in COLUMNS["examples"]} for row in judged[:_EXAMPLES]]


def confusion(judges: Mapping[str, Judgments], threshold: float) -> list[Row]:
    """The teacher's class and the student's of each answer that both have judged."""
    rows = judges["teacher"].judged & judges["student"].judged
    pairs = zip(judges["teacher"].scores[rows], judges["student"].scores[rows], strict=True)
    return [{"actual": classify(float(actual), threshold), "predicted": classify(float(guess), threshold)} for actual, guess in pairs]


def reliability(judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> list[Row]:
    """How often the teacher accepts what the student gives a probability in each tenth; no interval below ten documents."""
    judged = judges["teacher"].judged & judges["student"].judged
    probabilities = judges["student"].probabilities
    bins = []
    for number in range(BINS):
        rows = judged.copy()
        rows[judged] = calibration_bin(probabilities[judged]) == number
        if rows.any():
            observed = draws.of(rows).share(is_acceptable(judges["teacher"].scores[rows], threshold))
            bins.append(
                {"bin": (number + 0.5) / BINS, "n": int(rows.sum()), "mean_predicted": float(probabilities[rows].mean())}
                | _with_ends("observed_share", observed),
            )
    return bins


def roc(judges: Mapping[str, Judgments], threshold: float) -> list[Row]:
    """The curves of student and baseline for the teacher's class, by score; none where the teacher knows only one class."""
    from sklearn.metrics import roc_curve

    points = []
    for judge in ("student", "baseline"):
        rows = judges["teacher"].judged & judges[judge].judged
        positive = is_acceptable(judges["teacher"].scores[rows], threshold)
        if positive.any() and not positive.all():
            fpr, tpr, _ = roc_curve(positive, judges[judge].scores[rows])
            points += [{"judge": judge, "fpr": float(x), "tpr": float(y)} for x, y in zip(fpr, tpr, strict=True)]
    return points


def by_generator(table: "pd.DataFrame") -> list[Row]:
    """The agreement with the teacher on the answers of each generator, from the table of figures; n counts those of the student."""
    rows = []
    for generator in figures.sliced(table, "generator")["slice"].unique():
        part = f"generator={generator}"
        row: Row = {"generator": generator, "n": figures.get(table, "student", "pearson", part=part).n}
        for side, name in product(("student", "baseline"), ("pearson", "kappa")):
            row |= _with_ends(f"{side}_{name}", figures.get(table, side, name, part=part))
        rows.append(row)
    return rows


def thresholds(judges: Mapping[str, Judgments], draws: Draws) -> list[Row]:
    """Kappa and the share of acceptable answers at each of `THRESHOLDS`, on the answers that all three have judged."""
    rows = _judged_by_all(judges)
    draws = draws.of(rows)
    moved = []
    for threshold in THRESHOLDS:
        classes = {judge: is_acceptable(judgments.scores[rows], threshold) for judge, judgments in judges.items()}
        row: Row = {"threshold": threshold, "n": int(rows.sum())}
        for judge in ("student", "baseline"):
            kappa = class_agreement(classes["teacher"], classes[judge], draws)["kappa"]
            row |= _with_ends(f"{judge}_kappa", draws.figure(kappa, definitions.FIGURES["kappa"].scale))
        for judge, positive in classes.items():
            row |= _with_ends(f"{judge}_share", draws.share(positive))
        moved.append(row)
    return moved


def probes(table: "pd.DataFrame") -> list[Row]:
    """The AUROC of each judge on each kind of false statement, and on all kinds, from the table of figures."""
    three = table["judge"].isin(("teacher", "student", "baseline"))
    chosen = table[(table["against"] == figures.TRUTH) & (table["figure"] == "auroc") & three]
    kinds = chosen["slice"].str.removeprefix("kind=")
    estimates = [figures.estimate(row) for row in chosen.to_dict("records")]
    return [
        {"judge": judge, "kind": kind, "n": estimate.n} | _with_ends("auroc", estimate)
        for judge, kind, estimate in zip(chosen["judge"], kinds, estimates, strict=True)
    ]


def to_csv(name: str, rows: Iterable[Row]) -> str:
    """The CSV text of a table of `COLUMNS`: texts in quotes, numbers in full precision, nothing between quotes for None.

    Quotes tell a generator named NA, or 7, from a missing value or a number; `from_csv` gives the rows back.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[name], quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def from_csv(text: str) -> list[Row]:
    """The rows that `to_csv` wrote; whole numbers come back as floats."""
    rows = csv.DictReader(io.StringIO(text), quoting=csv.QUOTE_NONNUMERIC)
    return [{name: None if value == "" else value for name, value in row.items()} for row in rows]


def _judged_by_all(judges: Mapping[str, Judgments]) -> Mask:
    return np.asarray(np.all([judgments.judged for judgments in judges.values()], axis=0))


def _with_ends(name: str, figure: Figure | Estimate) -> Row:
    """The three columns of a figure: a table has no column for the reason why one is empty, figures.csv has."""
    return dict(zip((f"{name}{end}" for end in ENDS), (figure.value, figure.low, figure.high), strict=True))
