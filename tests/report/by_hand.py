"""Revisions made by hand, with the scores that a test gives."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from judge.evaluation import figures
from judge.report.revisions import Answer, Judged, Revision
from judge.tables import levels


def judged(score: float | None, threshold: float = 0.8) -> Judged:
    """A judgment by its score, of a judge that gives no probability."""
    if score is None:
        return Judged(None, None, None)
    label = levels.classify(score, threshold)
    return Judged(score, float(label == levels.ACCEPTABLE), label)


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
