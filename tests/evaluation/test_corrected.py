"""The share of a system's answers that people accept: estimates against plain references, and what their intervals do at the edges."""

import warnings

import numpy as np
import pytest

from judge.evaluation.corrected import (
    Answers,
    design_effect,
    difference,
    figure,
    labels_alone,
    labels_equivalent,
    prediction_powered,
)
from judge.evaluation.intervals import wilson


def _answers(people: list[float], probability: list[float], chance: float | list[float], document: list[int] | None = None) -> Answers:
    given = np.array(probability)
    size = len(people)
    return Answers(
        given,
        given > 0.5,
        np.array(people),
        np.full(size, chance) if isinstance(chance, float) else np.array(chance),
        np.arange(size) if document is None else np.array(document),
    )


def _made(seed: int, labelled: int, judged: int, rate: float = 0.6) -> Answers:
    generator = np.random.default_rng(seed)
    people = (generator.random(judged) < rate).astype(float)
    probability = 1 / (1 + np.exp(-2 * (people - 0.5) - generator.normal(size=judged)))
    people[labelled:] = np.nan
    return _answers(people.tolist(), probability.tolist(), labelled / judged)


def test_the_estimate_is_that_of_the_library_with_its_own_tuning() -> None:
    """Labels drawn at random: ppi-python, which takes the other answers for a sample of their own, tunes to nearly the same."""
    from ppi_py import ppi_mean_pointestimate

    for seed in range(5):
        answers = _made(seed, 400, 2000)
        rows = answers.labelled
        expected = ppi_mean_pointestimate(answers.people[rows], answers.probability[rows], answers.probability[~rows])
        assert float(expected[0]) == pytest.approx(prediction_powered(answers).value, abs=4e-3)


def test_with_a_class_alone_it_is_the_stratified_mean() -> None:
    """The share among the accepted answers and that among the rejected, weighted by how many the judge has accepted of all."""
    people = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0] + [np.nan] * 12
    accepted = [1.0] * 4 + [0.0] * 4 + [1.0] * 9 + [0.0] * 3
    assert 13 / 20 * 3 / 4 + 7 / 20 * 1 / 4 == pytest.approx(prediction_powered(_answers(people, accepted, 0.4)).value)


def test_with_every_answer_labelled_it_is_the_share_of_the_people() -> None:
    """The judge has nothing to add, and saves no label."""
    answers = _made(1, 300, 300)
    corrected, alone = prediction_powered(answers), labels_alone(answers)
    assert float(answers.people.mean()) == pytest.approx(corrected.value)
    assert float(answers.people.mean()) == pytest.approx(alone.value)
    assert 300 == pytest.approx(labels_equivalent(corrected, alone, 300), rel=0.01)


def test_a_judge_that_is_no_use_costs_little_and_a_perfect_one_saves_much() -> None:
    """With the probabilities of a coin the labels alone say as much; a judge that is always right is worth nearly all answers."""
    generator = np.random.default_rng(3)
    people = (generator.random(1000) < 0.4).astype(float)
    asked = np.where(np.arange(1000) < 100, people, np.nan).tolist()
    coin, right = (_answers(asked, given.tolist(), 0.1) for given in (generator.random(1000), people))
    alone = labels_alone(coin)
    assert 100 == pytest.approx(labels_equivalent(prediction_powered(coin), alone, 100), rel=0.06)
    assert labels_equivalent(prediction_powered(right), alone, 100) > 500


def test_a_judge_that_is_wrong_more_often_than_right_is_not_listened_to() -> None:
    """Its probabilities fall where people accept: the slope is 0 and the labels alone speak."""
    answers = _made(5, 60, 500)
    wrong = answers._replace(probability=1 - answers.probability)
    assert labels_alone(wrong).value == pytest.approx(prediction_powered(wrong).value)


def test_chosen_labels_are_weighted_by_what_they_stand_for() -> None:
    """Hájek's mean: an answer with a chance of a tenth counts for ten."""
    alone = labels_alone(_answers([1.0, 0.0, np.nan], [0.9, 0.1, 0.5], [0.1, 1.0, 0.1]))
    assert 10 / 11 == pytest.approx(alone.value)


def test_labels_alone_have_the_interval_of_wilson_with_one_label_less() -> None:
    """One label is spent on the mean."""
    answers = _answers([1.0] * 30 + [0.0] * 20, [0.5] * 50, 1.0)
    assert wilson(0.6, 49, 1.959964) == pytest.approx(labels_alone(answers).ends(0.95), abs=1e-6)


@pytest.mark.parametrize("said", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(10))
def test_labels_that_are_all_alike_leave_an_interval(said: float, seed: int) -> None:
    """Of thirty answers that are all acceptable nobody knows that every one is, whatever the last bits of their weights are."""
    answers = _made(seed, 30, 300)
    chance = np.random.default_rng(seed).uniform(0.1, 0.2, 300)
    alike = answers._replace(people=np.where(answers.labelled, said, np.nan), chance=chance)
    low, high = prediction_powered(alike).ends(0.95)
    assert 0.05 < high - low < 0.25
    low, high = labels_alone(alike).ends(0.95)
    assert 0.05 < high - low < 0.25


def test_answers_of_one_document_tell_less_than_as_many_of_several() -> None:
    """Each answer given twice: the interval is as wide as before, and not narrower by the root of 2."""
    answers = _made(4, 100, 400)
    twice = Answers(*(np.repeat(values, 2) for values in answers))  # type: ignore[arg-type]
    apart = twice._replace(document=np.arange(800))
    assert prediction_powered(answers).size == pytest.approx(prediction_powered(twice).size, rel=0.05)
    assert prediction_powered(apart).size == pytest.approx(2 * prediction_powered(answers).size, rel=0.05)


def test_the_design_effect_never_rewards_documents() -> None:
    """Two answers that err the other way round are taken for two, and one of a variance of 0 for itself."""
    moved = np.array([0.1, -0.1, 0.2, -0.2])
    assert 1.0 == pytest.approx(design_effect(moved, np.array([0, 0, 1, 1]), float(moved @ moved)))
    assert 2.0 == pytest.approx(design_effect(np.abs(moved), np.array([0, 1, 0, 1]), float(moved @ moved) * 0.9))
    assert 1.0 == design_effect(np.zeros(4), np.array([0, 1, 2, 3]), 0.0)


def test_few_documents_have_no_interval() -> None:
    """Nine of them, with twenty labels; and what has no label has no share."""
    answers = _answers([1.0, 0.0] * 10, [0.8, 0.3] * 10, 1.0, [number % 9 for number in range(20)])
    assert (0.5, None, None, "few_documents") == figure(labels_alone(answers), answers, 0.95)
    assert (None, None, None, "undefined") == figure(None, answers, 0.95)


def test_systems_that_answer_the_same_documents_are_told_apart_sooner() -> None:
    """What makes both fail drops out of their difference; the other way round it is the same with its sign turned."""
    generator = np.random.default_rng(8)
    hard = generator.random(300)
    one, other = ((hard < rate).astype(float) for rate in (0.7, 0.6))
    better, worse = (prediction_powered(_answers(people.tolist(), [0.5] * 300, 1.0)) for people in (one, other))
    same, others = np.arange(300), np.arange(300, 600)
    paired, apart = (difference(better, worse, same, documents, 0.95) for documents in (same, others))
    turned = difference(worse, better, same, same, 0.95)

    assert paired.low is not None
    assert paired.high is not None
    assert apart.low is not None
    assert apart.high is not None
    assert float(one.mean() - other.mean()) == pytest.approx(paired.value)
    assert paired.high - paired.low < 0.7 * (apart.high - apart.low)
    assert (-paired.high, -paired.low) == pytest.approx((turned.low, turned.high))


def test_the_library_leaves_warnings_on() -> None:
    """Importing ppi-python switches off every warning of the process; what is estimated here does not."""
    before = list(warnings.filters)
    prediction_powered(_made(6, 20, 50))
    assert before == list(warnings.filters)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_interval_holds_the_truth_as_often_as_it_says(rate: float) -> None:
    """Of 600 samples of 30 labels among 300 answers it does 92 to 98 times of a hundred; `bench/corrected.py` asks more closely."""
    ends = np.array([prediction_powered(_made(1000 + seed, 30, 300, rate)).ends(0.95) for seed in range(600)])
    assert 0.92 <= np.mean((ends[:, 0] <= rate) & (rate <= ends[:, 1])) <= 0.98
