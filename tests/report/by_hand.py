"""Revisions made by hand, with the scores that a test gives."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from judge.evaluation import figures
from judge.evaluation.definitions import FIGURES
from judge.evaluation.figures import TEACHER, TRAINING_SEEDS, measured
from judge.report.revisions import Answer, Judged, Revision
from judge.tables import levels

if TYPE_CHECKING:
    import pandas as pd


def judged(score: float | None, threshold: float = 0.8) -> Judged:
    """A judgment whose probability of acceptable is that of its class."""
    if score is None:
        return Judged(None, None, None)
    return Judged(score, float(score > threshold), levels.classify(score, threshold))


def spreads(deviation: float, trainings: int = 8, names: Iterable[str] = FIGURES) -> "pd.DataFrame":
    """A table of figures with nothing but the spread of the student's figures over training seeds."""
    return figures.frame([measured("student", TEACHER, TRAINING_SEEDS, name, trainings, (deviation, None, None, None)) for name in names])


def revision(teacher: Sequence[float], student: Sequence[float | None], **changes: Any) -> Revision:
    """A revision with these scores, three answers to a document."""
    answers = {
        f"answer{number:05}": Answer(f"document{number // 3:05}", "small", "Question?", "Answer.", judged(of_teacher), judged(of_student))
        for number, (of_teacher, of_student) in enumerate(zip(teacher, student, strict=True))
    }
    params = {"seed": 3, "evaluate": {"resamples": 100, "confidence": 0.9}}
    return replace(Revision("name", None, params, 0.8, {}, figures.frame([]), {}, answers, [], []), **changes)


def scores(count: int) -> tuple[list[float], list[float], list[float]]:
    """A teacher's scores, and those of a bad and of a better student."""
    generator = np.random.default_rng(1)
    teacher = generator.random(count)
    bad, better = (np.clip(teacher + generator.normal(0, noise, count), 0, 1) for noise in (0.4, 0.1))
    return teacher.tolist(), bad.tolist(), better.tolist()
