"""Fitting the correction of a student's distributions."""

import numpy as np
import pytest

from judge.distillation import recalibration
from judge.students.tempering import Tempering


def distributions(count: int) -> list[tuple[float, ...]]:
    """Some teacher's, from a fixed seed."""
    masses = np.random.default_rng(5).dirichlet(np.full(11, 0.4), count)
    return [tuple(row) for row in masses]


def test_it_undoes_a_known_distortion() -> None:
    """A student that is its teacher, sharpened and tilted, is corrected back: with the KL alone the two numbers are the inverse ones."""
    teacher = distributions(300)
    # p^(1/0.5) * exp(-1 * level) is undone by the temperature 2 and half the opposite tilt.
    student = [Tempering(0.5, -1.0).apply(levels) for levels in teacher]
    found = recalibration.fit(student, teacher, [None] * 300, 0.8, 0.0)
    assert found.temperature == pytest.approx(2.0, rel=0.02)
    assert found.tilt == pytest.approx(0.5, abs=0.02)


def test_the_class_alone_moves_a_harsh_student() -> None:
    """At alpha 1 a student whose scores are all below the threshold is tilted until they are on their sides."""
    teacher = distributions(400)
    acceptable = [float(np.dot(levels, np.arange(11) / 10)) > 0.5 for levels in teacher]
    student = [Tempering(tilt=-3.0).apply(levels) for levels in teacher]
    found = recalibration.fit(student, teacher, [*acceptable], 0.5, 1.0)
    right = [
        (float(np.dot(found.apply(levels), np.arange(11) / 10)) > 0.5) == is_one for levels, is_one in zip(student, acceptable, strict=True)
    ]
    assert np.mean(right) > 0.97


def test_few_answers_correct_nothing() -> None:
    """Below fifty the correction would be chance."""
    some = distributions(49)
    assert recalibration.fit(some, some[::-1], [True] * 49, 0.8, 0.5) == Tempering()
