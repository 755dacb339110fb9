"""All that is measured of a run: the table of figures, and the tables behind the pictures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from judge.evaluation import bootstrap, figures, known_truth, people_agreement, plots, teacher_agreement
from judge.evaluation.agreement import Judgments, is_acceptable, line_up
from judge.evaluation.bootstrap import Draws
from judge.evaluation.figures import ALL, NONE, PRIMARY, counted, measured
from judge.settings import Settings
from judge.tables.levels import ACCEPTABLE
from judge.tables.metric_files import Metrics
from judge.tables.schema import Row

if TYPE_CHECKING:
    import pandas as pd


class EvaluateSettings(Settings):
    """How the intervals are made."""

    resamples: int = Field(ge=100, description="draws of the bootstrap; the ends of an interval settle at about 2000")
    confidence: float = Field(gt=0.5, lt=1.0, description="the share of intervals that shall hold the true figure")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """`figures` is the table of figures (`figures.COLUMNS`), the most important first; `plots` holds the rows of `plots.COLUMNS`."""

    figures: "pd.DataFrame"
    plots: dict[str, list[Row]]


def evaluate(
    test: Sequence[Row],
    student: Sequence[Row],
    baseline: Sequence[Row],
    probes: Sequence[Row],
    probe_judgments: Mapping[str, Sequence[Row]],
    threshold: float,
    settings: EvaluateSettings,
    seed: int,
) -> Evaluation:
    """Measure student and baseline on the test rows, all three judges against people where they have spoken, and every judge on the probes.

    Args:
        test: rows of the dataset table; at least one.
        student: judgments whose item_id is the answer_id, one for each test row.
        baseline: the same for the judge to beat.
        probes: rows of the probes table; none where no test document has a passage.
        probe_judgments: for each judge (teacher, student, baseline, overlap) its judgments, whose item_id is the probe_id;
            one that was not asked has none, or is not there, and gets no figures.
        threshold: a score strictly above it is acceptable.
        settings: how the intervals are made.
        seed: of the bootstrap.

    A failed judgment is left out of the figures of its judge and counted.
    A difference is measured on the answers that both have judged: student less baseline, and against people student less teacher.

    Raises:
        JudgmentError: a judgment is missing.
    """
    # The order of the rows must not reach a figure, not even its last bit.
    test = sorted(test, key=lambda row: str(row["answer_id"]))
    ids = [str(row["answer_id"]) for row in test]
    teacher = [
        {"item_id": row["answer_id"], "levels": row["teacher_levels"], "score": row["teacher_score"], "reason": row["reason"]}
        for row in test
    ]
    judges = {
        name: line_up(name, ids, judgments, threshold)
        for name, judgments in (("teacher", teacher), ("student", student), ("baseline", baseline))
    }
    draws = bootstrap.draw([row["document_id"] for row in test], settings.resamples, settings.confidence, seed)
    people = [None if row["human_class"] is None else row["human_class"] == ACCEPTABLE for row in test]
    agreed = teacher_agreement.on_all(judges, threshold, draws)
    table = figures.frame(
        [
            *(row for row in agreed if row["figure"] == PRIMARY),
            *people_agreement.against_people(people, judges, threshold, draws),
            *_counts(judges, threshold, draws),
            *_known_truth(probes, probe_judgments, threshold, settings, seed),
            *(row for row in agreed if row["figure"] != PRIMARY),
            *teacher_agreement.by_generator([row["generator"] for row in test], judges, threshold, draws),
            counted("interval", NONE, "confidence", None, settings.confidence),
            counted("interval", NONE, "resamples", None, settings.resamples),
        ]
    )
    return Evaluation(
        table,
        {
            "scores": plots.scores(test, judges, threshold),
            "confusion": plots.confusion(judges, threshold),
            "reliability": plots.reliability(judges, threshold, draws),
            "roc": plots.roc(judges, threshold),
            "by_generator": plots.by_generator(table),
            "thresholds": plots.thresholds(judges, draws),
            "probes": plots.probes(table),
        },
    )


def summary(table: "pd.DataFrame") -> Metrics:
    """The few figures that runs are told apart by, for the tables of `dvc metrics` and `dvc exp show`: the rest is in figures.csv."""
    named = figures.named(table)
    values: Metrics = {}
    for name in (PRIMARY, "kappa"):
        student = named[f"student.{name}"]
        values |= {name: student.value, f"{name}_low": student.low, f"{name}_high": student.high}
    wanted = {
        f"baseline_{PRIMARY}": f"baseline.{PRIMARY}",
        "baseline_kappa": "baseline.kappa",
        "true_negative_rate": "student.true_negative_rate",
        "calibration": "student.calibration",
        "acceptable_share": "teacher.acceptable_share",
        "test_rows": "test.n",
        "human_kappa": "student.human.kappa",
    }
    return values | {key: named[name].value for key, name in wanted.items() if name in named}


def _counts(judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> list[Row]:
    """How many answers there are, how many judgments failed and why, and which share of the others is acceptable."""
    answers = len(draws.cluster_of)
    rows = [counted("test", NONE, "n", answers, answers), counted("test", NONE, "documents", answers, draws.clusters)]
    for judge, judgments in judges.items():
        judged, failed = judgments.judged, Counter(reason for reason in judgments.reasons if reason)
        share = draws.of(judged).share(is_acceptable(judgments.scores[judged], threshold))
        rows += [
            counted(judge, NONE, "judged", answers, int(judged.sum())),
            counted(judge, NONE, "failed", answers, failed.total()),
            counted(judge, NONE, "failed_share", answers, failed.total() / answers),
            *(counted(judge, NONE, "failed", answers, count, f"reason={reason}") for reason, count in sorted(failed.items())),
            measured(judge, NONE, ALL, "acceptable_share", int(judged.sum()), share),
        ]
    return rows


def _known_truth(
    probes: Sequence[Row], judgments: Mapping[str, Sequence[Row]], threshold: float, settings: EvaluateSettings, seed: int
) -> list[Row]:
    if not probes:
        return [counted("probe", NONE, name, 0, 0) for name in ("n", "documents")]
    probes = sorted(probes, key=lambda row: str(row["probe_id"]))
    draws = bootstrap.draw([row["document_id"] for row in probes], settings.resamples, settings.confidence, seed)
    return known_truth.against_truth(probes, judgments, draws, threshold)
