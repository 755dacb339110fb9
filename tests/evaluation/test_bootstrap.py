"""The cluster bootstrap: what it draws, what it covers, and when it gives no interval."""

import numpy as np
import pytest

from judge.evaluation.agreement import mean
from judge.evaluation.bootstrap import Draws, Figure, draw, reflected

THREE_EACH = [f"document {number // 3}" for number in range(60)]


def figure_of(values: list[float], clusters: int = 20) -> Figure:
    """The figure whose draws take these values, the data first."""
    draws = Draws(np.ones((len(values), clusters)), np.arange(clusters), 0.9)
    return draws.figure(np.array(values))


def test_the_first_draw_is_the_data() -> None:
    """Each document stands once in draw 0."""
    expected = [1.0] * 20

    assert expected == draw(THREE_EACH, 5, 0.95, 1).counts[0].tolist()


def test_every_resample_has_as_many_documents_as_the_data() -> None:
    """Documents are drawn with replacement, as many as there are."""
    assert {20.0} == set(draw(THREE_EACH, 50, 0.95, 1).counts.sum(axis=1).tolist())


def test_the_rows_of_a_document_are_drawn_together() -> None:
    """Rows of one document have the same count in every draw."""
    weights = np.vstack(list(draw(THREE_EACH, 300, 0.95, 1).weights()))

    assert np.array_equal(weights[:, 0::3], weights[:, 2::3])


def test_the_same_seed_draws_the_same() -> None:
    """Two calls with one seed give the same counts."""
    assert np.array_equal(draw(THREE_EACH, 50, 0.95, 1).counts, draw(THREE_EACH, 50, 0.95, 1).counts)


def test_another_seed_draws_otherwise() -> None:
    """The seed matters."""
    assert not np.array_equal(draw(THREE_EACH, 50, 0.95, 1).counts, draw(THREE_EACH, 50, 0.95, 2).counts)


def test_the_order_of_the_rows_does_not_matter() -> None:
    """A document has the same counts wherever its rows stand."""
    forward, backward = draw(THREE_EACH, 50, 0.95, 1), draw(THREE_EACH[::-1], 50, 0.95, 1)

    assert np.array_equal(forward.counts[:, forward.cluster_of], backward.counts[:, backward.cluster_of[::-1]])


def test_a_part_of_the_rows_keeps_its_draws() -> None:
    """The rows that are left have the counts that they had, and documents without a row are gone."""
    draws = draw(THREE_EACH, 50, 0.95, 1)
    rows = np.arange(60) >= 57

    assert np.array_equal(draws.counts[:, draws.cluster_of[rows]], draws.of(rows).counts[:, draws.of(rows).cluster_of])
    assert draws.of(rows).clusters == 1


def test_a_sum_over_pairs_counts_copies() -> None:
    """The sum over pairs is the sum over all pairs of the rows written out."""
    draws = draw(THREE_EACH, 20, 0.95, 1)
    values = np.random.default_rng(0).random(60)
    written_out = np.repeat(values, draws.counts[7, draws.cluster_of].astype(int))

    expected = pytest.approx(np.abs(written_out[:, None] - written_out).sum())

    assert expected == draws.pair_sums(lambda rows: np.abs(values[rows, None] - values))[7]


def test_the_interval_holds_the_middle_share_of_the_resamples() -> None:
    """At 90% the ends are the 5th and 95th percentile."""
    assert Figure(0.5, 0.05, 0.95, None) == figure_of([0.5, *(number / 100 for number in range(101))])


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """With documents that differ and rows within them that resemble each other, 95% intervals hold the mean 88 to 100 times of 100."""
    generator = np.random.default_rng(11)
    held = 0
    for seed in range(200):
        values = np.repeat(generator.normal(0, 1, 40), 3) + generator.normal(0, 0.5, 120)
        draws = draw([f"document {number // 3}" for number in range(120)], 400, 0.95, seed)
        figure = draws.figure(mean(values, draws))
        held += figure.low is not None and figure.high is not None and figure.low <= 0 <= figure.high

    assert 0.88 <= held / 200 < 1.0


def test_rows_drawn_one_by_one_would_cover_too_little() -> None:
    """The same rows, each taken for a document of its own, hold the truth less than 88 times of 100."""
    generator = np.random.default_rng(11)
    held = 0
    for seed in range(200):
        values = np.repeat(generator.normal(0, 1, 40), 3) + generator.normal(0, 0.5, 120)
        draws = draw([f"row {number}" for number in range(120)], 400, 0.95, seed)
        figure = draws.figure(mean(values, draws))
        held += figure.low is not None and figure.high is not None and figure.low <= 0 <= figure.high

    assert held / 200 < 0.88


def test_a_figure_that_is_undefined_is_none() -> None:
    """NaN never leaves as a number."""
    assert Figure(None, None, None, "undefined") == figure_of([float("nan"), 0.1, 0.2])


def test_few_documents_give_no_interval() -> None:
    """Nine documents keep their figure and get no interval."""
    assert Figure(0.5, None, None, "few_documents") == figure_of([0.5, 0.1, 0.9], clusters=9)


def test_ten_documents_give_an_interval() -> None:
    """Ten documents are enough."""
    assert figure_of([0.5, 0.1, 0.9], clusters=10).reason is None


def test_many_undefined_resamples_give_no_interval() -> None:
    """A tenth of the resamples undefined is too much."""
    values = [0.5, float("nan"), *(number / 10 for number in range(9))]

    assert Figure(0.5, None, None, "undefined_resamples") == figure_of(values)


def test_a_few_undefined_resamples_are_left_out() -> None:
    """One in a hundred undefined does no harm."""
    figure = figure_of([0.5, float("nan"), *(number / 100 for number in range(101))])

    assert Figure(0.5, 0.05, 0.95, None) == figure


def test_resamples_that_are_all_the_same_give_no_interval() -> None:
    """An AUROC of 1.0 in every resample says nothing of how far below 1 the truth may lie."""
    assert Figure(1.0, None, None, "no_spread") == figure_of([1.0, 1.0, 1.0])


def test_reflection_keeps_the_data_and_mirrors_the_resamples() -> None:
    """A resample as far above the data comes to lie as far below."""
    assert pytest.approx([0.2, 0.1, 0.3]) == reflected(np.array([0.2, 0.3, 0.1])).tolist()
