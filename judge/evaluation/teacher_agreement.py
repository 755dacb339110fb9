"""How far student and baseline agree with the teacher, and by how much the student is ahead."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from judge.evaluation.agreement import Judgments, agreement
from judge.evaluation.bootstrap import Array, Draws, Mask
from judge.evaluation.figures import ALL, BY_GENERATOR, FIGURES, TEACHER, measured
from judge.tables.schema import Row


def on_all(judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> list[Row]:
    """All `FIGURES` on all answers, as rows of the table of figures, of student, baseline and difference.

    The difference of student and baseline is measured on the answers that all three have judged.

    Args:
        judges: the judgments of teacher, student and baseline on the same answers.
        threshold: a score strictly above it is acceptable.
        draws: the draws of all answers.
    """
    everyone = np.ones(len(draws.cluster_of), dtype=np.bool_)
    return _on_some(judges, everyone, threshold, draws, ALL, FIGURES)


def by_generator(generators: Sequence[str], judges: Mapping[str, Judgments], threshold: float, draws: Draws) -> list[Row]:
    """The figures of `BY_GENERATOR` on the answers of one generator at a time; `generators` names that of each answer."""
    rows = []
    for generator in sorted(set(generators)):
        chosen = np.array([name == generator for name in generators])
        rows += _on_some(judges, chosen, threshold, draws, f"generator={generator}", BY_GENERATOR)
    return rows


def _on_some(judges: Mapping[str, Judgments], chosen: Mask, threshold: float, draws: Draws, part: str, names: Iterable[str]) -> list[Row]:
    """The named figures of the chosen answers (answers,), of student, baseline and difference."""
    teacher = judges["teacher"]
    common = chosen & np.all([judgments.judged for judgments in judges.values()], axis=0)
    paired: list[dict[str, Array]] = []
    made = []
    for side in ("student", "baseline"):
        rows = chosen & teacher.judged & judges[side].judged
        values = agreement(teacher, judges[side], rows, threshold, draws)
        made += [
            measured(side, TEACHER, part, name, int(rows.sum()), draws.of(rows).figure(values[name], FIGURES[name].scale)) for name in names
        ]
        same = np.array_equal(rows, common)
        paired.append(values if same else agreement(teacher, judges[side], common, threshold, draws))
    student, baseline = paired
    less = draws.of(common)
    return made + [
        measured("difference", TEACHER, part, name, int(common.sum()), less.figure(student[name] - baseline[name])) for name in names
    ]
