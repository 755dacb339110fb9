"""The figures of metrics/evaluation.json: student and baseline against the teacher, and every judge against people and known truth."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from judge.evaluation import bootstrap, plots
from judge.evaluation.agreement import Verdicts, agreement, auroc, brier, class_agreement, is_acceptable, line_up, mean
from judge.evaluation.bootstrap import Array, Draws, Mask
from judge.evaluation.figures import ALL, BY_GENERATOR, PRIMARY
from judge.settings import Settings
from judge.tables.levels import ACCEPTABLE
from judge.tables.metric_files import Metrics
from judge.tables.schema import Row

EVERY_KIND = ALL


class EvaluateSettings(Settings):
    """How the intervals are made."""

    resamples: int = Field(ge=100, description="draws of the bootstrap; the ends of an interval settle at about 2000")
    confidence: float = Field(gt=0.5, lt=1.0, description="the share of intervals that shall hold the true figure")


@dataclass(frozen=True)
class Evaluation:
    """`metrics` is flat, the most important first; `plots` holds the rows of each table of `plots.COLUMNS`."""

    metrics: Metrics
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
    The difference of student and baseline is measured on the answers that both have judged;
    `difference.human.` is that of student and teacher.

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
    agreed = _agreement(judges, np.ones(len(test), dtype=np.bool_), threshold, draws)
    probed = _probe_metrics(probes, probe_judgments, threshold, settings, seed)
    people = [None if row["human_class"] is None else row["human_class"] == ACCEPTABLE for row in test]
    by_people = _by_people(people, judges, threshold, draws)
    by_generator = _by_generator([row["generator"] for row in test], judges, threshold, draws)
    headline = tuple(f"{side}.{PRIMARY}" for side in ("student", "baseline", "difference"))
    metrics: Metrics = {key: value for key, value in agreed.items() if key.startswith(headline)}
    metrics |= by_people
    metrics |= _counts(judges, threshold, draws)
    metrics |= {key: value for key, value in probed.items() if key.startswith("probe.teacher.")}
    metrics |= agreed | probed | by_generator
    metrics |= {"interval.confidence": settings.confidence, "interval.resamples": settings.resamples}
    return Evaluation(
        metrics,
        {
            "scores": plots.scores(test, judges, threshold),
            "confusion": plots.confusion(judges, threshold),
            "reliability": plots.reliability(judges, threshold, draws),
            "roc": plots.roc(judges, threshold),
            "by_generator": plots.by_generator(metrics),
            "thresholds": plots.thresholds(judges, draws),
            "probes": plots.probes(metrics),
        },
    )


def summary(metrics: Metrics) -> Metrics:
    """The few figures that runs are told apart by, for the tables of `dvc metrics` and `dvc exp show`: the rest is in evaluation.json."""
    found: Metrics = {}
    for name in (PRIMARY, "kappa"):
        found |= {f"{name}{end}": metrics.get(f"student.{name}{end}") for end in ("", "_low", "_high")}
    found |= {
        f"baseline_{PRIMARY}": metrics[f"baseline.{PRIMARY}"],
        "baseline_kappa": metrics["baseline.kappa"],
        "true_negative_rate": metrics["student.true_negative_rate"],
        "ece": metrics["student.ece"],
        "acceptable_share": metrics["teacher.acceptable_share"],
        "test_rows": metrics["test.n"],
    }
    if "human.n" in metrics:
        found["human_kappa"] = metrics["student.human.kappa"]
    return found


def _agreement(judges: Mapping[str, Verdicts], chosen: Mask, threshold: float, draws: Draws) -> Metrics:
    """The figures of the chosen answers (answers,), each under student, baseline and difference."""
    teacher = judges["teacher"]
    common = chosen & np.all([verdicts.judged for verdicts in judges.values()], axis=0)
    paired: list[dict[str, Array]] = []
    metrics: Metrics = {}
    for side in ("student", "baseline"):
        rows = chosen & teacher.judged & judges[side].judged
        figures = agreement(teacher, judges[side], rows, threshold, draws)
        for name, values in figures.items():
            metrics |= draws.of(rows).figure(values).named(f"{side}.{name}")
        metrics[f"{side}.n"] = int(rows.sum())
        same = np.array_equal(rows, common)
        paired.append(figures if same else agreement(teacher, judges[side], common, threshold, draws))
    student, baseline = paired
    for name, values in student.items():
        metrics |= draws.of(common).figure(values - baseline[name]).named(f"difference.{name}")
    metrics["difference.n"] = int(common.sum())
    return metrics


def _by_people(people: Sequence[bool | None], judges: Mapping[str, Verdicts], threshold: float, draws: Draws) -> Metrics:
    """How far each judge agrees with people on the class, and student less teacher; no figures where no person has spoken."""
    asked = np.array([said is not None for said in people])
    if not asked.any():
        return {}
    positive = np.array([said is True for said in people])
    metrics: Metrics = {"human.n": int(asked.sum())}

    def against_people(judge: str, rows: Mask) -> dict[str, Array]:
        seen, scores = draws.of(rows), judges[judge].scores[rows]
        figures = class_agreement(positive[rows], is_acceptable(scores, threshold), seen)
        return figures | {"auroc": auroc(scores, positive[rows], seen)}

    for judge in ("student", "baseline", "teacher"):
        rows = asked & judges[judge].judged
        metrics[f"{judge}.human.n"] = int(rows.sum())
        for name, values in against_people(judge, rows).items():
            metrics |= draws.of(rows).figure(values).named(f"{judge}.human.{name}")
    common = asked & judges["student"].judged & judges["teacher"].judged
    metrics["difference.human.n"] = int(common.sum())
    teacher = against_people("teacher", common)
    for name, values in against_people("student", common).items():
        metrics |= draws.of(common).figure(values - teacher[name]).named(f"difference.human.{name}")
    return metrics


def _by_generator(generators: Sequence[str], judges: Mapping[str, Verdicts], threshold: float, draws: Draws) -> Metrics:
    metrics: Metrics = {}
    for generator in sorted(set(generators)):
        chosen = np.array([name == generator for name in generators])
        for key, value in _agreement(judges, chosen, threshold, draws).items():
            side, name = key.split(".")
            if name == "n" or name.startswith(BY_GENERATOR):
                metrics[f"{side}.by_generator.{generator}.{name}"] = value
    return metrics


def _counts(judges: Mapping[str, Verdicts], threshold: float, draws: Draws) -> Metrics:
    """How many answers there are, how many judgments failed and why, and which share of the others is acceptable."""
    answers = len(draws.cluster_of)
    metrics: Metrics = {"test.n": answers, "test.documents": draws.clusters}
    for name, verdicts in judges.items():
        rows, failed = verdicts.judged, Counter(reason for reason in verdicts.reasons if reason)
        metrics |= {f"{name}.judged": int(rows.sum()), f"{name}.failed": failed.total(), f"{name}.failed_share": failed.total() / answers}
        metrics |= {f"{name}.failed_by.{reason}": count for reason, count in sorted(failed.items())}
        share = mean(is_acceptable(verdicts.scores[rows], threshold), draws.of(rows))
        metrics |= draws.of(rows).figure(share).named(f"{name}.acceptable_share")
    return metrics


def _probe_metrics(
    probes: Sequence[Row], judgments: Mapping[str, Sequence[Row]], threshold: float, settings: EvaluateSettings, seed: int
) -> Metrics:
    """For each judge the AUROC of each kind of false statement against all true ones, and the Brier score of the score as a probability."""
    if not probes:
        return {"probe.n": 0, "probe.documents": 0}
    probes = sorted(probes, key=lambda row: str(row["probe_id"]))
    ids = [str(row["probe_id"]) for row in probes]
    truth = np.array([row["truth"] for row in probes], dtype=np.bool_)
    kinds = np.array([row["kind"] for row in probes])
    draws = bootstrap.draw([row["document_id"] for row in probes], settings.resamples, settings.confidence, seed)
    metrics: Metrics = {"probe.n": len(probes), "probe.documents": draws.clusters, "probe.true_share": float(truth.mean())}
    false_kinds = sorted(set(kinds[~truth].tolist()))
    for judge, rows in judgments.items():
        if not rows:
            continue
        verdicts = line_up(judge, ids, rows, threshold)
        judged = verdicts.judged
        for kind in (EVERY_KIND, *false_kinds):
            false = judged & ~truth & ((kinds == kind) | (kind == EVERY_KIND))
            chosen = false | (judged & truth)
            ranked = auroc(verdicts.scores[chosen], truth[chosen], draws.of(chosen))
            metrics |= draws.of(chosen).figure(ranked).named(f"probe.{judge}.auroc.{kind}")
            metrics[f"probe.{judge}.n.{kind}"] = int(false.sum())
        missed = brier(verdicts.scores[judged], truth[judged], draws.of(judged))
        metrics |= draws.of(judged).figure(missed).named(f"probe.{judge}.brier")
        metrics |= {f"probe.{judge}.n": int(judged.sum()), f"probe.{judge}.failed": int((~judged).sum())}
        metrics[f"probe.{judge}.n_true"] = int((judged & truth).sum())
    return metrics
