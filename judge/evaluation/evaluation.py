"""All that is measured of a run: the table of figures, and the tables behind the pictures."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from judge.evaluation import bootstrap, figures, known_truth, people_figures, plots, robustness, teacher_agreement
from judge.evaluation.agreement import Judgments, is_acceptable, line_up
from judge.evaluation.bootstrap import Draws
from judge.evaluation.definitions import BY_GENERATOR, PRIMARY
from judge.evaluation.figures import ALL, NONE, OUT_OF_FOLD, counted, measured
from judge.evaluation.people_figures import Heard
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
    # Commits from before there was such a test have no such key, and are still compared with.
    epsilon: float = Field(
        default=0.15, ge=0.0, lt=1.0, description="what a judge is given ahead of one person in the alternative annotator test"
    )


@dataclass(frozen=True, eq=False)
class Evaluation:
    """`figures` is the table of figures (`figures.COLUMNS`), the most important first; `plots` holds the rows of `plots.COLUMNS`."""

    figures: "pd.DataFrame"
    plots: dict[str, list[Row]]


class Judged(NamedTuple):
    """What there is to measure. Judgments are rows of a judgments table, whose item_id is the id of what is judged.

    Attributes:
        test: rows of the dataset table; at least one.
        student: its judgments, one for each test row.
        baselines: the same of the simple judges that it has to beat, by name.
        best: the name of the strongest baseline, chosen on other rows than these.
        retrained: the same of students that differ from this one in the training seed alone, by that seed; there may be none.
        probes: rows of the probes table; none where no test document has a passage.
        probed: judgments of the probes by the judge's name (teacher, student, and the baselines'); one that was not asked has none, or
            is not there, and gets no figures.
        train: rows of the dataset table that the student learnt from.
        calibrated: ids of the run's own documents that the teacher was calibrated on; answers about them in test are counted.
        out_of_fold: judgments of training rows by what had not learnt from them, by name (student, and the baselines'); a judge that
            has none is not there.
        perturbed: rows of the perturbed table.
        altered: judgments of some or all of them by teacher, student and baseline, the strongest; one that was not asked has none.
        heard: what people said of answers, and which they were asked about.
        teacher: the teacher's own judgments, of test rows among others, which say whether it was asked several times; or none.
    """

    test: Sequence[Row]
    student: Sequence[Row]
    baselines: Mapping[str, Sequence[Row]]
    best: str
    retrained: Mapping[str, Sequence[Row]] = MappingProxyType({})
    probes: Sequence[Row] = ()
    probed: Mapping[str, Sequence[Row]] = MappingProxyType({})
    train: Sequence[Row] = ()
    out_of_fold: Mapping[str, Sequence[Row]] = MappingProxyType({})
    calibrated: Collection[str] = ()
    perturbed: Sequence[Row] = ()
    altered: Mapping[str, Sequence[Row]] = MappingProxyType({})
    heard: Heard = Heard()
    teacher: Sequence[Row] = ()


def evaluate(judged: Judged, threshold: float, settings: EvaluateSettings, seed: int) -> Evaluation:
    """Measure student and baselines on the test rows, all judges against people where they have spoken, and every judge on the probes.

    Args:
        judged: what is measured.
        threshold: a score strictly above it is acceptable.
        settings: how the intervals are made.
        seed: of the bootstrap.

    A failed judgment is left out of the figures of its judge and counted.
    A difference is measured on the answers that both have judged: student less the strongest baseline, and against people student
    less teacher as well.

    Raises:
        JudgmentError: a judgment is missing.
    """
    # The order of the rows must not reach a figure, not even its last bit.
    test = sorted(judged.test, key=lambda row: str(row["answer_id"]))
    others = dict(judged.baselines)
    judges = _lined_up(test, {"student": judged.student, "baseline": others[judged.best]}, threshold)
    draws = bootstrap.draw([row["document_id"] for row in test], settings.resamples, settings.confidence, seed)
    people = [None if row["human_class"] is None else row["human_class"] == ACCEPTABLE for row in test]
    accepted = [None if row["teacher_class"] is None else row["teacher_class"] == ACCEPTABLE for row in test]
    generators = [row["generator"] for row in test]
    agreed = teacher_agreement.on_all(judges, threshold, draws)
    # No difference is taken to them.
    simple = {name: rows for name, rows in _lined_up(test, others, threshold).items() if name != "teacher"}
    table = figures.frame(
        [
            *(row for row in agreed if row["figure"] == PRIMARY),
            *people_figures.of_people(test, judged.heard, _told(judges), simple, threshold, settings.epsilon, draws),
            *people_figures.of_itself("teacher", test, judged.teacher, threshold, draws),
            *_counts(judges, threshold, draws),
            counted("test", NONE, "calibrated", len(test), sum(row["document_id"] in judged.calibrated for row in test)),
            counted("baseline", NONE, "best", None, 1, f"name={judged.best}"),
            *_known_truth(judged, threshold, settings, seed),
            *(row for row in agreed if row["figure"] != PRIMARY),
            *teacher_agreement.each(judges["teacher"], simple, threshold, draws),
            *_seeds(test, judged, threshold, draws),
            *_out_of_fold(judged, threshold, settings, seed),
            *teacher_agreement.by_generator(generators, judges, threshold, draws),
            *people_figures.of_systems(test, judged.heard, judges["student"], threshold, draws),
            *robustness.generator_scores(generators, judges, draws, {"people": people, "teacher": accepted}),
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
            "spread": plots.spread(test),
            "examples": plots.examples(test),
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
        # Runs are chosen by these two, which no test row has touched; the others report.
        f"out_of_fold_{PRIMARY}": f"student.out_of_fold.{PRIMARY}",
        "out_of_fold_kappa": "student.out_of_fold.kappa",
        f"baseline_{PRIMARY}": f"baseline.{PRIMARY}",
        "baseline_kappa": "baseline.kappa",
        f"seed_spread_{PRIMARY}": f"student.seed_spread.{PRIMARY}",
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


def _lined_up(rows: Sequence[Row], judgments: Mapping[str, Sequence[Row]], threshold: float) -> dict[str, Judgments]:
    """The teacher's judgments of rows of the dataset, and those of other judges, in the order of the rows."""
    ids = [str(row["answer_id"]) for row in rows]
    teacher = [{"item_id": row["answer_id"], "score": row["teacher_score"], "reason": row["reason"]} for row in rows]
    return {name: line_up(name, ids, given, threshold) for name, given in ({"teacher": teacher} | dict(judgments)).items()}


def _told(judges: Mapping[str, Judgments]) -> dict[str, Judgments]:
    """The three judges that a run is told by, the student first."""
    return {name: judges[name] for name in ("student", "baseline", "teacher")}


def _seeds(test: Sequence[Row], judged: Judged, threshold: float, draws: Draws) -> list[Row]:
    """The standard deviation of each figure over trainings that differ in the seed alone, this student's among them."""
    if not judged.retrained:
        return []
    trained = {"student": judged.student, **{f"seed {seed}": rows for seed, rows in judged.retrained.items()}}
    judges = _lined_up(test, trained, threshold)
    teacher = judges.pop("teacher")
    return teacher_agreement.spread(teacher, list(judges.values()), threshold, draws)


def _out_of_fold(judged: Judged, threshold: float, settings: EvaluateSettings, seed: int) -> list[Row]:
    """Agreement on training rows, each judged by what had not learnt from its document: what a run may be chosen by."""
    if "student" not in judged.out_of_fold:
        return []
    answered = {str(row["item_id"]) for row in judged.out_of_fold["student"]}
    train = sorted((row for row in judged.train if row["answer_id"] in answered), key=lambda row: str(row["answer_id"]))
    if not train:
        return []
    sides = {"student": judged.out_of_fold["student"]}
    if judged.best in judged.out_of_fold:
        sides["baseline"] = judged.out_of_fold[judged.best]
    judges = _lined_up(train, sides, threshold)
    draws = bootstrap.draw([row["document_id"] for row in train], settings.resamples, settings.confidence, seed)
    return teacher_agreement.each(judges.pop("teacher"), judges, threshold, draws, OUT_OF_FOLD, BY_GENERATOR)


def _known_truth(judged: Judged, threshold: float, settings: EvaluateSettings, seed: int) -> list[Row]:
    if not judged.probes:
        return [counted("probe", NONE, name, 0, 0) for name in ("n", "documents")]
    probes = sorted(judged.probes, key=lambda row: str(row["probe_id"]))
    draws = bootstrap.draw([row["document_id"] for row in probes], settings.resamples, settings.confidence, seed)
    # The strongest baseline stands under that name, so that a rule of the gate can mean whichever it is.
    renamed = {"baseline" if name == judged.best else name: rows for name, rows in judged.probed.items()}
    found = known_truth.against_truth(probes, renamed, draws, threshold)
    if judged.perturbed:
        perturbed = sorted(judged.perturbed, key=lambda row: str(row["perturbed_id"]))
        altered_draws = bootstrap.draw([row["document_id"] for row in perturbed], settings.resamples, settings.confidence, seed)
        found += robustness.robustness(perturbed, judged.altered, renamed, altered_draws, threshold)
        found += robustness.length_slopes(probes, {judge: renamed.get(judge, ()) for judge in judged.altered}, draws)
    return found
