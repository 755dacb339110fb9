"""How far a judge that was asked several times agrees with itself."""

from itertools import permutations

import numpy as np
import pytest

from judge.errors import JudgmentError
from judge.evaluation.bootstrap import Draws, draw
from judge.evaluation.figures import frame, named
from judge.evaluation.self_agreement import same_class, self_agreement
from judge.tables.levels import Judgment, average, interpolate
from judge.tables.rows import judgment_rows
from judge.tables.schema import Row

THRESHOLD = 0.8


def judged(*verdicts: float) -> Row:
    """A row whose levels are the histogram of these verdicts; without any, a judgment that failed."""
    levels = average([interpolate(verdict) for verdict in verdicts]) if verdicts else None
    (row,) = judgment_rows(["an answer"], [Judgment(levels, None if verdicts else "no_verdict", "samples")])
    return row


def draws_of(answers: int) -> Draws:
    """Draws of answers, each about a document of its own."""
    return draw([f"document {number:03d}" for number in range(answers)], 200, 0.95, 1)


def test_the_chance_that_two_verdicts_agree_is_that_of_all_pairs() -> None:
    """Of five verdicts three are acceptable: of the 20 ordered pairs of two different ones, 6 + 2 are of one class."""
    accepted = [True, True, True, False, False]
    pairs = [one == other for one, other in permutations(accepted, 2)]

    assert [pytest.approx(np.mean(pairs))] == same_class(np.array([0.6]), 5).tolist()
    assert [pytest.approx(0.4)] == same_class(np.array([0.6]), 5).tolist()


def test_without_their_number_a_verdict_may_meet_itself() -> None:
    """0.6² + 0.4² = 0.52: more than the 0.4 of two different verdicts, and by a fifth of 1 - 0.4."""
    assert [pytest.approx(0.52)] == same_class(np.array([0.6])).tolist()
    assert 0.52 - 0.4 == pytest.approx((1 - 0.4) / 5)


def test_both_figures_are_means_over_answers() -> None:
    """Half of the answers get 1, 1, 0.9 and 0.2, the others four times 0: the class agrees by 0.5 and by 1 of two different verdicts.

    The share acceptable is 0.375, so that 0.53125 agree by chance, and (0.75 - 0.53125) / (1 - 0.53125) = 0.4667 beyond it.
    """
    rows = [judged(1.0, 1.0, 0.9, 0.2), judged(0.0, 0.0, 0.0, 0.0)] * 10

    found = named(frame(self_agreement("teacher", rows, THRESHOLD, draws_of(20), samples=4)))

    assert ["teacher.self_agreement", "teacher.self_kappa"] == list(found)
    assert [pytest.approx(0.75), 20] == list(found["teacher.self_agreement"][::3])
    assert pytest.approx(0.466667, abs=1e-6) == found["teacher.self_kappa"].value
    assert all(figure.low is not None and figure.high is not None for figure in found.values())


def test_a_judge_that_always_says_the_same_of_an_answer_agrees_with_itself() -> None:
    """0.7 and 0.8 are both unacceptable at 0.8; agreement and kappa are 1 in every draw."""
    rows = [judged(0.7, 0.8), judged(0.9, 1.0)] * 10

    found = named(frame(self_agreement("teacher", rows, THRESHOLD, draws_of(20))))

    assert [(1.0, "no_spread")] * 2 == [(figure.value, figure.reason) for figure in found.values()]


def test_one_class_alone_leaves_the_chance_corrected_figure_undefined() -> None:
    """Who rejects everything agrees with itself, and shows nothing by it."""
    found = named(frame(self_agreement("teacher", [judged(0.1, 0.2)] * 20, THRESHOLD, draws_of(20))))

    assert (1.0, "undefined") == (found["teacher.self_agreement"].value, found["teacher.self_kappa"].reason)


def test_only_histograms_of_verdicts_count() -> None:
    """A failed judgment and one from another source are left aside; where nothing else is there, there is no figure."""
    (other,) = judgment_rows(["an answer"], [Judgment(interpolate(0.5), None, "logprobs")])
    rows = [judged(1.0, 0.0), judged(), other] * 4

    assert 4 == self_agreement("teacher", rows, THRESHOLD, draws_of(12))[0]["n"]
    assert [] == self_agreement("teacher", [other, judged()], THRESHOLD, draws_of(2))


def test_one_sample_is_refused() -> None:
    """Nobody agrees with himself in one verdict; the message says what to do."""
    with pytest.raises(JudgmentError, match=r"got samples = 1.\nNext: ask it twice"):
        self_agreement("teacher", [judged(1.0)], THRESHOLD, draws_of(1), samples=1)
