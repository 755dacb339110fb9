"""Fitting the correction of a student's distributions."""

import numpy as np
import pytest

from judge.distillation import recalibration
from judge.students.tempering import Tempering

HARSH = tuple(-0.3 * step for step in range(11))


def distributions(count: int) -> list[tuple[float, ...]]:
    """Some teacher's, from a fixed seed."""
    masses = np.random.default_rng(5).dirichlet(np.full(11, 0.4), count)
    return [tuple(row) for row in masses]


def scores(some: list[tuple[float, ...]]) -> np.ndarray:
    """The means."""
    means: np.ndarray = np.array(some) @ np.arange(11) / 10
    return means


def test_it_undoes_a_known_distortion() -> None:
    """A student that is its teacher, sharpened, is corrected back by the inverse temperature where the KL alone is asked."""
    teacher = distributions(3000)
    found = recalibration.fit([Tempering(0.5).apply(levels) for levels in teacher], teacher, [None] * 3000, 0.8, 0.0)
    assert found.temperature == pytest.approx(2.0, rel=0.02)
    assert max(map(abs, found.biases)) < 0.05


def test_a_harsh_student_becomes_as_lenient_as_its_teacher() -> None:
    """What pushed all scores down is pushed back: the share above the threshold is the teacher's again."""
    teacher = distributions(3000)
    student = [Tempering(biases=HARSH).apply(levels) for levels in teacher]
    acceptable = [bool(score > 0.6) for score in scores(teacher)]
    found = recalibration.fit(student, teacher, acceptable, 0.6, 0.5)
    shares = [float((scores(some) > 0.6).mean()) for some in (student, [found.apply(levels) for levels in student], teacher)]
    assert shares[0] < 0.5 * shares[2]
    assert shares[1] == pytest.approx(shares[2], abs=0.02)


def test_few_answers_move_it_less_than_many() -> None:
    """The penalty weighs like ten answers."""
    teacher = distributions(3000)
    student = [Tempering(biases=HARSH).apply(levels) for levels in teacher]
    sizes = [np.abs(recalibration.fit(student[:count], teacher[:count], [None] * count, 0.8, 0.0).biases).sum() for count in (60, 3000)]
    assert sizes[0] < 0.8 * sizes[1]


def test_very_few_answers_correct_nothing() -> None:
    """Below fifty the correction would be chance."""
    some = distributions(49)
    assert recalibration.fit(some, some[::-1], [True] * 49, 0.8, 0.5) == Tempering()
