"""The cluster bootstrap: what it draws, what it covers, and when it gives no interval."""

import numpy as np
import pytest
from scipy import stats

from judge.evaluation import bootstrap
from judge.evaluation.agreement import auroc, mean
from judge.evaluation.bootstrap import Draws, Figure, draw
from judge.evaluation.intervals import student_t, wilson

THREE_EACH = [f"document {number // 3}" for number in range(60)]


def figure_of(values: list[float], clusters: int = 20) -> Figure:
    """The figure whose draws take these values, the data first."""
    draws = Draws(np.ones((len(values), clusters)), np.arange(clusters), 0.9)
    return draws.figure(np.array(values))


def draws_of(clusters: int) -> Draws:
    """Draws of that many clusters at 90%, for values that are given."""
    return Draws(np.ones((102, clusters)), np.arange(clusters), 0.9)


def test_the_first_draw_is_the_data() -> None:
    """Each document stands once in draw 0."""
    expected = [1.0] * 20

    assert expected == draw(THREE_EACH, 5, 0.95, 1).counts[0].tolist()


def test_every_resample_has_as_many_documents_as_the_data() -> None:
    """Documents are drawn with replacement, as many as there are."""
    assert {20.0} == set(draw(THREE_EACH, 50, 0.95, 1).counts.sum(axis=1).tolist())


def test_the_rows_of_a_document_are_drawn_together() -> None:
    """Rows of one document have the same count in every draw."""
    weights = np.vstack(list(draw(THREE_EACH, 300, 0.95, 1).row_counts()))

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


RESAMPLED = [number / 100 for number in range(101)]


def half_width(clusters: int = 20) -> float:
    """Student's t at 90% times the standard error of `RESAMPLED`, corrected for so few clusters."""
    return float(stats.t.ppf(0.95, clusters - 1) * np.std(RESAMPLED) * np.sqrt(clusters / (clusters - 1)))


def test_a_difference_has_its_standard_error_times_t_on_either_side() -> None:
    """At 90% with 20 clusters, t has 19 degrees of freedom; the middle is the figure itself, not that of the resamples."""
    figure = figure_of([0.3, *RESAMPLED])

    assert [pytest.approx(0.3 - half_width()), pytest.approx(0.3 + half_width())] == [figure.low, figure.high]


def test_a_correlation_is_widened_on_fisher_s_scale() -> None:
    """The ends are the hyperbolic tangents of arctanh(0.9) less and plus the half width over 1 - 0.9²."""
    half = half_width() / (1 - 0.9**2)

    figure = draws_of(20).figure(np.array([0.9, *RESAMPLED]), "rank_correlation")

    assert [pytest.approx(np.tanh(np.arctanh(0.9) + sign * half)) for sign in (-1, 1)] == [figure.low, figure.high]


def test_an_error_is_widened_by_a_factor() -> None:
    """An error cannot be below 0: its ends are a factor away, as far below as above."""
    figure = draws_of(40).figure(np.array([0.5, *RESAMPLED]), "error")

    assert figure.low is not None
    assert figure.high is not None
    assert figure.low > 0
    assert pytest.approx(0.25) == figure.low * figure.high


def test_a_rate_and_a_bounded_agreement_stay_within_their_range() -> None:
    """However wide, the interval of a rate ends between 0 and 1, and that of kappa at 1 or below."""
    values = np.array([0.97, *RESAMPLED])

    rate, agreement = (draws_of(40).figure(values, scale) for scale in ("rate", "agreement"))

    assert (True, 1.0) == (rate.high is not None and 0.97 < rate.high < 1, agreement.high)
    assert rate.low is not None
    assert 0 < rate.low < 0.97


def test_an_auroc_of_a_kind_is_widened_on_the_logit_and_counts_its_documents() -> None:
    """The odds of both ends are a factor away from those of the figure; nine documents of the kind give no interval."""
    values = np.array([0.8, *RESAMPLED])

    figure, nine = (draws_of(40).figure(values, "auroc_of_kind", clusters) for clusters in (20, 9))

    half = half_width() / (0.8 * 0.2)
    expected = [pytest.approx(1 / (1 + np.exp(-np.log(4) - sign * half))) for sign in (-1, 1)]
    assert expected == [figure.low, figure.high]
    assert nine.reason == "few_documents"


def test_the_quantile_is_student_s() -> None:
    """The same as scipy's, for freedoms that are no whole numbers too."""
    assert [pytest.approx(stats.t.ppf(0.975, freedom)) for freedom in (1.5, 12, 59)] == [student_t(0.95, it) for it in (1.5, 12, 59)]


def test_wilson_s_interval_is_that_of_scipy() -> None:
    """With the normal quantile and a whole number of rows it is the textbook's."""
    expected = stats.binomtest(7, 31).proportion_ci(0.95, method="wilson")

    assert [pytest.approx(expected.low), pytest.approx(expected.high)] == list(wilson(7 / 31, 31, stats.norm.ppf(0.975)))


def test_a_share_of_one_row_a_document_has_wilson_s_interval_with_t() -> None:
    """Rows that are documents have next to no design effect: the number of rows is that which the variance of the sample gives."""
    marked = np.arange(40) < 10
    figure = draw([f"document {number}" for number in range(40)], 0, 0.95, 0).share(marked)

    expected = wilson(0.25, 39, student_t(0.95, 39))
    assert [0.25, pytest.approx(expected[0]), pytest.approx(expected[1]), None] == list(figure)


def test_rows_that_repeat_their_document_count_once() -> None:
    """Three rows of a document that always agree say no more than one: the share has the interval of the documents."""
    documents = draw([f"document {number}" for number in range(40)], 0, 0.95, 0).share(np.arange(40) < 10)
    rows = draw([f"document {number // 3:02d}" for number in range(120)], 0, 0.95, 0).share(np.arange(120) < 30)

    assert [pytest.approx(end) for end in documents[:3]] == list(rows[:3])


@pytest.mark.parametrize(("marked", "share"), [(np.ones(60, dtype=np.bool_), 1.0), (np.zeros(60, dtype=np.bool_), 0.0)])
def test_a_share_of_all_or_none_counts_documents(marked: np.ndarray, share: float) -> None:
    """20 of 20 documents leave room below 1, where every resample is the same."""
    low, high = wilson(share, 20, student_t(0.95, 19))

    assert Figure(share, round(low, 12), round(high, 12), None) == draw(THREE_EACH, 0, 0.95, 0).share(marked)


def test_a_share_of_nothing_or_of_few_documents_has_no_interval() -> None:
    """No row, no share; nine documents, no interval."""
    nine = draw([f"document {number}" for number in range(9)], 0, 0.95, 0)

    assert Figure(None, None, None, "undefined") == nine.of(np.zeros(9, dtype=np.bool_)).share(np.zeros(0, dtype=np.bool_))
    assert Figure(1.0, None, None, "few_documents") == nine.share(np.ones(9, dtype=np.bool_))


def test_a_figure_that_one_document_decides_has_no_interval() -> None:
    """A mean in which one of forty documents is 1 and all others 0 says nothing of how often such a document comes."""
    draws = draw([f"document {number}" for number in range(40)], 400, 0.95, 1)

    assert "few_deciding" == draws.figure(mean((np.arange(40) == 0).astype(float), draws), "error").reason
    assert draws.figure(mean((np.arange(40) < 10).astype(float), draws), "error").reason is None


def test_documents_of_unequal_weight_widen_the_interval() -> None:
    """Where five of forty documents decide, t has fewer degrees of freedom than where all do."""
    draws = draw([f"document {number}" for number in range(40)], 400, 0.95, 1)
    drawn = mean((np.arange(40) < 5).astype(float), draws)

    few, all_alike = draws.figure(drawn, "signed"), draws.figure(drawn, "difference")

    assert few.high is not None
    assert all_alike.high is not None
    assert few.high > all_alike.high


def test_the_order_of_the_rows_does_not_reach_an_interval() -> None:
    """Rows turned round give the same figure to the last of the places kept."""
    scores, positive = np.random.default_rng(3).random(60), np.arange(60) % 3 == 0
    forward, backward = draw(THREE_EACH, 300, 0.95, 1), draw(THREE_EACH[::-1], 300, 0.95, 1)

    turned = backward.figure(auroc(scores[::-1], positive[::-1], backward), "agreement")

    assert [pytest.approx(it, abs=1e-11) for it in forward.figure(auroc(scores, positive, forward), "agreement")[:3]] == list(turned[:3])


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
    assert figure_of([0.5, *RESAMPLED]) == figure_of([0.5, float("nan"), *RESAMPLED])


def test_resamples_that_are_all_the_same_give_no_interval() -> None:
    """An AUROC of 1.0 in every resample says nothing of how far below 1 the truth may lie."""
    assert Figure(1.0, None, None, "no_spread") == figure_of([1.0, 1.0, 1.0])


def test_data_without_resamples_give_no_interval() -> None:
    """Nothing is known of the spread."""
    assert Figure(0.5, None, None, "undefined_resamples") == figure_of([0.5])


def test_many_documents_are_drawn_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the counts are bytes, the first draw is the data, every resample is as large, and the seed decides."""
    monkeypatch.setattr(bootstrap, "MOST_DRAWN", 19)
    draws, again = draw(THREE_EACH, 50, 0.95, 1), draw(THREE_EACH, 50, 0.95, 1)
    assert draws.counts.dtype == np.uint8
    assert ([1] * 20, {20}) == (draws.counts[0].tolist(), set(draws.counts.sum(axis=1).tolist()))
    assert np.array_equal(draws.counts, again.counts)
    assert not np.array_equal(draws.counts, draw(THREE_EACH, 50, 0.95, 2).counts)


def test_sums_of_bytes_are_those_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count of 20 squared is 400, more than a byte holds; sums, squares, pairs and row counts are the same as of floats."""
    generator = np.random.default_rng(0)
    counts, values = generator.integers(0, 21, (7, 20)), generator.random((60, 2))
    numbers = Draws(counts.astype(np.float64), np.arange(60) // 3, 0.95)
    expected = (numbers.sums(values), numbers.total(values[:20], power=2), numbers.pair_sums(lambda rows: values[rows, :1] * values[:, 0]))
    monkeypatch.setattr(bootstrap, "MOST_DRAWN", 19)
    monkeypatch.setattr(bootstrap, "_CLOSE_BY", 60)
    small = Draws(counts.astype(np.uint8), np.arange(60) // 3, 0.95)

    found = (small.sums(values), small.total(values[:20], power=2), small.pair_sums(lambda rows: values[rows, :1] * values[:, 0]))

    assert all(np.allclose(one, other) for one, other in zip(expected, found, strict=True))
    assert np.array_equal(np.vstack(list(numbers.row_counts())), np.vstack(list(small.row_counts())))
