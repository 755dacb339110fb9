"""What the text and the page say of a comparison in the same words."""

import json
from collections.abc import Iterable
from typing import Any

from judge.evaluation import figures
from judge.evaluation.bootstrap import REASONS
from judge.evaluation.definitions import FIGURES, PRIMARY
from judge.evaluation.figures import TEACHER, TRAINING_SEEDS, Estimate, SeedSpread
from judge.report.compare import Comparison
from judge.report.compare_metrics import Metric
from judge.report.paired import Paired
from judge.report.revisions import Judged, Revision
from judge.report.significance import Significance
from judge.tables.schema import Row

ROWS = {
    "student_flipped": "The student's class flipped",
    "teacher_flipped": "The teacher's class flipped",
    "moved": "The student's score moved most",
    "appeared": "Answers only in B",
    "vanished": "Answers only in A",
}
# Those that are counted among the answers that both sides have.
COMMON = ("student_flipped", "teacher_flipped", "moved")
GROUPS = {
    "student": "The student against its teacher",
    "baseline": "The baseline against the teacher",
    "people": "Against people",
    "probes": "Statements of known truth",
    "other": "All other figures",
}
# The groups of which only what differs is shown.
CHANGES = ("baseline", "people", "probes")
ALONE = (
    "A and B: each side's own figures and intervals, on its own test answers. "
    "Intervals that overlap do not show that a difference is chance; a paired one would tell."
)


def side(revision: Revision) -> Row:
    """What a revision is: name, commit, threshold, how many test answers of how many documents, and how many are judged.

    The counts are None where it lacks its answers, and `lacks` says why.
    """
    answers = revision.answers.values()
    counts = {
        "rows": len(answers),
        "documents": len({answer.document_id for answer in answers}),
        "judged_by_teacher": sum(answer.teacher.score is not None for answer in answers),
        "judged_by_student": sum(answer.student.score is not None for answer in answers),
    }
    return {
        "name": revision.name,
        "commit": revision.commit,
        "threshold": revision.threshold,
        "lacks": revision.lacks,
        **(dict.fromkeys(counts) if revision.lacks else counts),
    }


def row(comparison: Comparison, answer_id: str) -> Row:
    """The texts of an answer, and on each side that has it the score and the class of teacher and student."""
    sides = {name: revision.answers.get(answer_id) for name, revision in (("a", comparison.a), ("b", comparison.b))}
    present = {name: answer for name, answer in sides.items() if answer}
    latest = list(present.values())[-1]
    texts = {"generator": latest.generator, "question": latest.question, "answer": latest.answer}
    return texts | {name: {"teacher": _judgment(answer.teacher), "student": _judgment(answer.student)} for name, answer in present.items()}


def notes(comparison: Comparison) -> list[str]:
    """What the reader has to know of the two sides."""
    thresholds = comparison.a.threshold, comparison.b.threshold
    moved = [f"the thresholds differ, {thresholds[0]} and {thresholds[1]}: the figures of classes and probabilities measure other classes"]
    return [*(moved if len(set(thresholds)) > 1 else []), *comparison.a.notes, *comparison.b.notes]


def lacks(comparison: Comparison) -> list[str]:
    """What a side lacks, why, and what to do; empty where both have their answers."""
    # Two sides that lack the same have the same thing to be done about it.
    return list(dict.fromkeys([*comparison.a.lacks, *comparison.b.lacks]))


def summary(comparison: Comparison) -> str:
    """How the student's primary figure differs, in one sentence."""
    name = FIGURES[PRIMARY].label
    if comparison.paired is None:
        metric = _student(comparison).get(PRIMARY)
        values = f"{number(metric.a.value)} in A and {number(metric.b.value)} in B" if metric else "in neither side's metrics/"
        return (
            f"The student's {name} with its teacher is {values}, each on its own test answers. Not all answers are at hand, "
            "so nothing is paired and no single answers follow: only figures and settings are compared."
        )
    paired, tested = comparison.paired, comparison.tested[PRIMARY]
    figure = paired.figures[PRIMARY]
    common = f"On the {paired.rows} answers of {paired.documents} documents that both sides have judged"
    if figure.difference is None:
        return f"{common}, the difference in the student's {name} with its teacher is undefined."
    between = f" ({paired.confidence:.0%} interval {tested.low:+.3f} to {tested.high:+.3f})" if tested.low is not None else ""
    if not between:
        verdict = "without an interval"
    elif tested.spread is None:
        verdict = "which the luck of one training may explain: its spread over training seeds is not known"
    else:
        verdict = "significant" if tested.significant else "not significant"
    return (
        f"{common}, the student's {name} with its teacher is {number(figure.a)} in A and {number(figure.b)} in B: "
        f"a difference of {number(figure.difference, signed=True)}{between}, {verdict}."
    )


def luck(comparison: Comparison) -> str:
    """How far the training seed moves the primary figure on each side, and what of the intervals that makes; empty without pairs."""
    if comparison.paired is None:
        return ""
    spreads = seed_spreads(comparison)
    unknown = [letter.upper() for letter, spread in spreads.items() if spread is None]
    if unknown:
        return (
            f"The spread over training seeds ({figures.name_of('student', TEACHER, TRAINING_SEEDS, PRIMARY)}) is not known of "
            f"{' and '.join(unknown)}: the intervals hold the documents alone, and no difference gets a star."
        )
    known = (f"{spread.deviation:.4f} in {letter.upper()} (of {spread.trainings})" for letter, spread in spreads.items() if spread)
    return (
        f"The intervals hold the training seed too: over trainings that differ in it alone, the standard deviation of "
        f"{FIGURES[PRIMARY].label} is {' and '.join(known)}."
    )


def starred(comparison: Comparison) -> str:
    """What a star says; empty where there is none."""
    if comparison.paired is None or not any(tested.significant for tested in comparison.tested.values()):
        return ""
    confidence, others = comparison.paired.confidence, sum(tested.p is not None for tested in comparison.tested.values())
    return (
        f"* more than chance at {confidence:.0%}: for {FIGURES[PRIMARY].label}, the primary figure, the interval excludes 0; "
        f"the other {others - (comparison.tested[PRIMARY].p is not None)} get a star only after Holm's correction over all of them."
    )


def seed_spreads(comparison: Comparison) -> dict[str, SeedSpread | None]:
    """The spread of the primary figure over the training seeds of each side, under "a" and "b"; None where it is not known."""
    return {letter: figures.seed_spread(side.figures, PRIMARY) for letter, side in (("a", comparison.a), ("b", comparison.b))}


def basis(paired: Paired | None) -> str:
    """What the differences of the student rest on, in one or two sentences."""
    if paired is None:
        return ALONE
    return (
        f"Paired: B - A on the {paired.rows} answers of {paired.documents} documents that both sides have judged, "
        f"with its {paired.confidence:.0%} interval from {paired.resamples} resamples of documents."
    )


def student(comparison: Comparison) -> list[tuple[str, Metric, Significance | None]]:
    """For each figure of the student against its teacher: what it is, what metrics/ says, and the paired difference, if there is one."""
    metrics = _student(comparison)
    nothing = Estimate(None, None, None, None, None)
    missing = {name: Metric("student", "", name, defined.label, nothing, nothing) for name, defined in FIGURES.items()}
    return [(name, metrics.get(name, missing[name]), comparison.tested.get(name)) for name in FIGURES]


def header(comparison: Comparison) -> list[str]:
    """What stands above the student's own figures: the side, and how many answers they are of."""
    metric = _student(comparison).get(PRIMARY)
    return [f"{letter}, n = {number(own.n)}" for letter, own in (("A", metric.a), ("B", metric.b))] if metric else ["A", "B"]


def letters(comparison: Comparison) -> dict[str, str]:
    """The letter that stands for each reason why a figure of the student lacks something."""
    used: set[str | None] = set()
    for _, metric, figure in student(comparison):
        used |= {figure.reason} if figure else {metric.a.reason, metric.b.reason}
    return dict(zip((reason for reason in REASONS if reason in used), "abcdefgh", strict=False))


def differing(comparison: Comparison, group: str) -> list[Metric]:
    """The metrics of a group whose values are not the same on both sides."""
    return [metric for metric in comparison.metrics if metric.group == group and metric.a.value != metric.b.value]


def number(value: float | None, *, signed: bool = False) -> str:
    """A figure to three places, a count as it is, – where there is none."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:+d}" if signed else str(value)
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def interval(figure: Significance | Estimate | None, *, signed: bool = True) -> str:
    """The interval of a figure, empty where there is none."""
    if figure is None or figure.low is None:
        return ""
    return f"[{number(figure.low, signed=signed)}, {number(figure.high, signed=signed)}]"


def judgment(judged: Row | None) -> str:
    """Score and class of a judgment in print; – where the side has no such answer."""
    if judged is None:
        return "–"
    return "failed" if judged["score"] is None else f"{judged['score']:.3f} {judged['class']}"


def value(change: Row, name: str) -> str:
    """The value of one side of a setting in print, – where that side has no such key."""
    if name not in change:
        return "–"
    return change[name] if isinstance(change[name], str) else json.dumps(change[name], ensure_ascii=False)


def rows_of(comparison: Comparison) -> Iterable[tuple[str, str, list[str]]]:
    """Each kind of rows that differ, with its title and its answer ids; nothing where a side lacks its answers."""
    return [(kind, title, comparison.rows[kind]) for kind, title in ROWS.items() if kind in comparison.rows]


def _student(comparison: Comparison) -> dict[str, Metric]:
    return {metric.key.rpartition(".")[2]: metric for metric in comparison.metrics if metric.group == "student"}


def _judgment(judged: Judged) -> dict[str, Any]:
    return {"score": judged.score, "class": judged.label}
