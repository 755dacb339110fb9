"""The alternative annotator test: its authors' own numbers, an example worked by hand, and where it has nothing to say."""

import numpy as np
import pytest
from scipy import stats

from judge.evaluation.alternative_annotators import Alignment, Outcome, accuracy, alternative_annotator_test, nearness
from judge.evaluation.annotators import Annotations
from judge.evaluation.bootstrap import draw
from tests.evaluation.mt_bench import ANNOTATORS, JUDGES, VOTES

VALUES = {"a": 0.0, "b": 1.0, "t": 0.5, ".": np.nan}


def run_test(labels: list[list[float]], judge: list[float], epsilon: float, alignment: Alignment = accuracy) -> Outcome:
    """The test of labels (annotators × answers) and a judge's, each answer about a document of its own."""
    values = np.array(labels, dtype=float)
    draws = draw([f"document {number:03d}" for number in range(len(judge))], 50, 0.95, 1)
    names = tuple("ABCDEFG"[: len(values)])
    return alternative_annotator_test(Annotations(names, values.T), np.array(judge, dtype=float), alignment, epsilon, draws)


def votes_of(column: int) -> list[float]:
    """The votes in a column of `VOTES`, both turns of each comparison."""
    return [VALUES[vote] for line in VOTES.split("\n") if line for vote in line.split()[column]]


@pytest.mark.parametrize(("judge", "advantage"), [("gemini_flash", 0.72), ("gemini_pro", 0.76)])
def test_the_authors_numbers_come_out_on_their_data(judge: str, advantage: float) -> None:
    """On MT-Bench at epsilon 0.2 their notebook prints, with two digits, winning rate 0.00 and advantage probability 0.72 and 0.76."""
    people = [votes_of(1 + column) for column in range(len(ANNOTATORS))]

    tested = run_test(people, votes_of(4 + JUDGES.index(judge)), 0.2)

    assert (0.0, advantage, False) == (tested.winning_rate, round(tested.advantage or 0, 2), tested.passed)
    # Of the 120 votes some are of two annotators only: these are those of each that another one shares.
    assert [74, 84, 88] == [one.n for one in tested.left_out]


# Of thirty answers all four agree on 18; on 9 annotator A alone says 0; on 3 the judge alone does.
A, B, C, JUDGE = [1.0] * 18 + [0.0] * 9 + [1.0] * 3, [1.0] * 30, [1.0] * 30, [1.0] * 27 + [0.0] * 3


def test_an_example_worked_by_hand() -> None:
    """Without A, what remains is B and C: the judge is nearer in 9 answers, A in 3, and in 18 both are equally near.

    The differences are -1 nine times, 1 three times and 0 else: their mean is -6/30 = -0.2, their variance (12 - 30 × 0.04) / 29 = 0.3724,
    the standard error √(0.3724 / 30) = 0.11142, and at epsilon 0.1 t = (-0.2 - 0.1) / 0.11142 = -2.6926 with 29 degrees of freedom.
    Without B, A differs from C in 9 answers, and judge and B are both half right there: they are equally near but in 3, so the mean is
    0.1, t = 0 and p = 0.5. For three annotators Benjamini and Yekutieli reject the smallest p up to 0.05 / 3 / (1 + 1/2 + 1/3) = 0.00909.
    """
    tested = run_test([A, B, C], JUDGE, 0.1)

    assert [pytest.approx(p, rel=1e-4) for p in (stats.t.cdf(-2.6926, 29), 0.5, 0.5)] == [one.p for one in tested.left_out]
    assert pytest.approx(0.00583, abs=5e-6) == tested.left_out[0].p
    assert [True, False, False] == [one.won for one in tested.left_out]
    assert [(0.9, 0.7), (0.9, 1.0), (0.9, 1.0)] == [(one.judge_wins, one.annotator_wins) for one in tested.left_out]
    assert [pytest.approx(1 / 3), pytest.approx(0.9), False] == [tested.winning_rate, tested.advantage, tested.passed]


def test_the_correction_is_that_of_benjamini_and_yekutieli() -> None:
    """At epsilon 0.05 p is 0.0163: below 0.05 / 3, where Benjamini and Hochberg would reject, and above 0.00909."""
    left_out = run_test([A, B, C], JUDGE, 0.05).left_out[0]

    assert [pytest.approx(0.0163, abs=5e-5), False] == [left_out.p, left_out.won]


def test_a_judge_that_wins_against_half_passes() -> None:
    """Where people differ among themselves at random and the judge says what most of them say, it wins against all."""
    generator = np.random.default_rng(5)
    truth = generator.integers(0, 2, 200)
    people = [np.where(generator.random(200) < 0.7, truth, 1 - truth).astype(float).tolist() for _ in range(4)]

    tested = run_test(people, truth.astype(float).tolist(), 0.1)

    assert (1.0, True) == (tested.winning_rate, tested.passed)


def test_labels_that_are_equally_near_count_for_both() -> None:
    """0.3 and 0.5 are equally near to 0.4: judge and annotator both win, and there is no spread to make a t of."""
    tested = run_test([[0.3] * 30, [0.4] * 30, [0.4] * 30], [0.5] * 30, 0.1, nearness)

    assert (1.0, 1.0, 0.0) == tested.left_out[0][2:5]


def test_nearness_is_the_root_of_the_mean_square() -> None:
    """0.5 is √((0.1² + 0.3²) / 2) from 0.4 and 0.8; a missing label does not count."""
    expected = [-np.sqrt(0.05), -0.1]

    assert pytest.approx(expected) == nearness(np.array([0.5, 0.5]), np.array([[0.4, 0.8], [0.4, np.nan]])).tolist()


def test_a_judge_that_is_always_farther_wins_against_nobody() -> None:
    """Its differences are all 1: no spread either, and the p-value is 1."""
    tested = run_test([[1.0] * 30] * 3, [0.0] * 30, 0.2)

    assert (0.0, 0.0, [1.0] * 3) == (tested.winning_rate, tested.advantage, [one.p for one in tested.left_out])


@pytest.mark.parametrize(
    ("people", "answers"),
    [([A, B], 30), ([A, B, C], 29), ([[*A[:29], np.nan], B, C], 30), ([[1.0] * 15 + [np.nan] * 15, [np.nan] * 15 + [1.0] * 15] * 2, 30)],
)
def test_with_few_people_or_answers_it_has_nothing_to_say(people: list[list[float]], answers: int) -> None:
    """Two annotators; 29 answers; 29 of one of three; halves that hold 15 answers each."""
    tested = run_test([labels[:answers] for labels in people], JUDGE[:answers], 0.2)

    assert ([], None, None, None) == (tested.left_out, tested.winning_rate, tested.advantage, tested.passed)
    assert np.isnan(tested.advantage_drawn).all()


def test_answers_that_the_judge_failed_on_do_not_count() -> None:
    """Of 31 answers 30 are left to everyone."""
    assert [30] * 3 == [one.n for one in run_test([[1.0, *labels] for labels in (A, B, C)], [np.nan, *JUDGE], 0.2).left_out]


def test_the_first_draw_is_the_advantage_itself() -> None:
    """And the others are those of resampled documents."""
    tested = run_test([A, B, C], JUDGE, 0.1)

    assert pytest.approx(tested.advantage) == tested.advantage_drawn[0]
    assert len(set(tested.advantage_drawn.tolist())) > 5
