"""How far student and baselines agree with the teacher, by how much the student is ahead, and what a training seed moves."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from judge.evaluation.agreement import Judgments, agreement, score_agreement
from judge.evaluation.bootstrap import PLACES, Array, Draws, Figure, Mask
from judge.evaluation.definitions import BY_GENERATOR, FIGURES
from judge.evaluation.figures import ALL, TEACHER, TRAINING_SEEDS, counted, measured
from judge.tables.schema import Row


def on_all(judges: Mapping[str, Judgments], threshold: float, draws: Draws, names: Iterable[str] = tuple(FIGURES)) -> list[Row]:
    """The named figures on all answers, as rows of the table of figures, of student, baseline and difference.

    The difference of student and baseline is measured on the answers that all three have judged.

    Args:
        judges: the judgments of teacher, student and baseline on the same answers.
        threshold: a score strictly above it is acceptable.
        draws: the draws of all answers.
        names: which of `FIGURES`.
    """
    everyone = np.ones(len(draws.cluster_of), dtype=np.bool_)
    return _on_some(judges, everyone, threshold, draws, ALL, tuple(names))


def by_generator(generators: Sequence[str], judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> list[Row]:
    """The figures of `BY_GENERATOR` on the answers of one generator at a time; `generators` names that of each answer."""
    rows = []
    for generator in sorted(set(generators)):
        chosen = np.array([name == generator for name in generators])
        rows += _on_some(judges, chosen, threshold, draws, f"generator={generator}", BY_GENERATOR)
    return rows


def each(
    teacher: Judgments,
    judges: Mapping[str, Judgments],
    threshold: float,
    draws: Draws,
    part: str = ALL,
    names: Iterable[str] = tuple(FIGURES),
) -> list[Row]:
    """The named figures of each judge by itself, as rows of the table of figures, on what it and the teacher have judged."""
    made = []
    for side, judgments in judges.items():
        rows = teacher.judged & judgments.judged
        made += _own(side, part, names, agreement(teacher, judgments, rows, threshold, draws), rows, draws)
    return made


def one_with_the_others(scores: Sequence[Array], draws: Draws) -> Figure:
    """How one of several scores of the same answers correlates with the mean of the others: Pearson's r, the mean over the scores.

    It is about what a judge can reach that learns from such scores: they differ among themselves as well.

    Args:
        scores: two or more, each (answers,).
        draws: the draws of the answers.
    """
    values = [
        score_agreement(np.mean([*scores[:left_out], *scores[left_out + 1 :]], axis=0), one, draws)["pearson"]
        for left_out, one in enumerate(scores)
    ]
    return draws.figure(np.mean(values, axis=0), "correlation")


def spread(teacher: Judgments, trained: Sequence[Judgments], threshold: float, draws: Draws) -> list[Row]:
    """How far chance in training alone moves each figure: its standard deviation over trainings, as rows of the table of figures.

    Args:
        teacher: its judgments of the answers.
        trained: those of two or more students that differ in the training seed alone.
        threshold: a score strictly above it is acceptable.
        draws: the draws of all answers; only the data themselves are looked at.
    """
    rows = np.all([judgments.judged for judgments in (teacher, *trained)], axis=0)
    data = Draws(draws.counts[:1], draws.cluster_of, draws.confidence)
    values = [agreement(teacher, judgments, rows, threshold, data) for judgments in trained]
    deviations = {name: float(np.std([each[name][0] for each in values], ddof=1)) for name in FIGURES}
    return [
        counted("student", TEACHER, name, len(trained), round(deviation, PLACES), TRAINING_SEEDS)
        for name, deviation in deviations.items()
        if not np.isnan(deviation)
    ]


def _own(side: str, part: str, names: Iterable[str], values: Mapping[str, Array], rows: Mask, draws: Draws) -> list[Row]:
    """The rows of the table of one judge's figures on some answers, each interval on the scale that suits its figure."""
    drawn, count = draws.of(rows), int(rows.sum())
    return [measured(side, TEACHER, part, name, count, drawn.figure(values[name], FIGURES[name].scale)) for name in names]


def _on_some(judges: Mapping[str, Judgments], chosen: Mask, threshold: float, draws: Draws, part: str, names: Iterable[str]) -> list[Row]:
    """The named figures of the chosen answers (answers,), of student, baseline and difference."""
    teacher = judges["teacher"]
    common = chosen & np.all([judgments.judged for judgments in judges.values()], axis=0)
    paired: list[dict[str, Array]] = []
    made = []
    for side in ("student", "baseline"):
        rows = chosen & teacher.judged & judges[side].judged
        values = agreement(teacher, judges[side], rows, threshold, draws)
        made += _own(side, part, names, values, rows, draws)
        same = np.array_equal(rows, common)
        paired.append(values if same else agreement(teacher, judges[side], common, threshold, draws))
    student, baseline = paired
    less = draws.of(common)
    return made + [
        measured("difference", TEACHER, part, name, int(common.sum()), less.figure(student[name] - baseline[name])) for name in names
    ]
