"""Rank figures of many rows: those of scipy and scikit-learn, and in resamples much like every pair taken anew."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from judge.evaluation import agreement, rank_figures
from judge.evaluation.agreement import Judgments
from judge.evaluation.bootstrap import Array, Draws, draw
from judge.evaluation.definitions import FIGURES

NAMES = ("spearman", "kendall", "auroc")


def scores(documents: int, places: int, seed: int = 1) -> tuple[Array, Array]:
    """Scores of teacher and judge of three answers to a document, tied where they are rounded to few places."""
    generator = np.random.default_rng(seed)
    teacher = 0.6 * generator.random((documents, 1)) + 0.4 * generator.random((documents, 3))
    judge = teacher + generator.normal(0.0, 0.1, (documents, 1)) + generator.normal(0.0, 0.1, (documents, 3))
    return np.round(teacher.ravel(), places), np.round(judge.ravel(), places)


def draws_of(documents: int, resamples: int) -> Draws:
    """Draws of documents of three answers each."""
    # Another seed than that of the scores, whose documents it would draw by the same random numbers.
    return draw([f"document {number // 3:05}" for number in range(3 * documents)], resamples, 0.95, 17)


def ranked(teacher: Array, judge: Array, draws: Draws) -> dict[str, Array]:
    """The three figures of this module in each draw."""
    return rank_figures.correlations(teacher, judge, draws) | {"auroc": rank_figures.auroc(judge, teacher > 0.5, draws)}


def paired(teacher: Array, judge: Array, draws: Draws) -> dict[str, Array]:
    """The same from every pair of rows of each draw."""
    return agreement.score_agreement(teacher, judge, draws) | {"auroc": agreement.auroc(judge, teacher > 0.5, draws)}


@pytest.mark.parametrize("places", [1, 2, 9])
def test_the_figures_are_those_of_scipy_and_scikit_learn(places: int) -> None:
    """With many ties, with few and with none."""
    teacher, judge = scores(100, places)
    expected = {
        "spearman": pytest.approx(stats.spearmanr(teacher, judge).statistic, abs=1e-12),
        "kendall": pytest.approx(stats.kendalltau(teacher, judge).statistic, abs=1e-12),
        "auroc": pytest.approx(sklearn_metrics.roc_auc_score(teacher > 0.5, judge), abs=1e-12),
    }

    assert expected == {name: values[0] for name, values in ranked(teacher, judge, draws_of(100, 0)).items()}


def test_a_weight_of_three_is_a_row_three_times() -> None:
    """In every draw the figures of weighted rows are those of the rows written out."""
    teacher, judge = scores(40, 1)
    draws, weights = draws_of(40, 30), np.random.default_rng(2).integers(1, 4, 120)
    copies = np.repeat(np.arange(120), weights)
    written_out = ranked(teacher[copies], judge[copies], replace(draws, cluster_of=draws.cluster_of[copies]))

    for name, values in ranked(teacher, judge, draws.weighted(weights.astype(float))).items():
        assert pytest.approx(written_out[name].tolist()) == values.tolist(), name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("places", [1, 9])
def test_resamples_spread_as_those_of_every_pair_do(name: str, places: int) -> None:
    """In 300 documents the standard error differs by less than 2%, and the draws rise and fall together."""
    teacher, judge = scores(300, places)
    draws = draws_of(300, 400)
    one, other = ranked(teacher, judge, draws)[name], paired(teacher, judge, draws)[name]

    assert pytest.approx(1.0, abs=0.02) == one[1:].std() / other[1:].std()
    assert np.corrcoef(one[1:], other[1:])[0, 1] > 0.99


def test_a_rare_class_spreads_as_every_pair_does() -> None:
    """Ten acceptable answers among 900 decide how far an AUROC may move, and resamples hold from two to twenty of them."""
    judge = scores(300, 9)[1]
    positive = np.zeros(900, dtype=np.bool_)
    positive[::90] = True
    draws = draws_of(300, 400)
    one, other = rank_figures.auroc(judge, positive, draws)[1:], agreement.auroc(judge, positive, draws)[1:]

    assert pytest.approx(1.0, abs=0.02) == one.std() / other.std()


def test_a_copy_has_the_best_figure_in_every_draw() -> None:
    """What repeats its teacher correlates at 1, whatever is drawn."""
    teacher = scores(50, 1)[0]

    figures = rank_figures.correlations(teacher, teacher, draws_of(50, 50))

    assert all(np.allclose(values, 1.0, rtol=0.0, atol=1e-12) for values in figures.values())


def test_constant_scores_and_one_class_leave_a_draw_undefined() -> None:
    """Where one document alone differs, the draws without it have no correlation and no AUROC; those with it have both."""
    teacher, judge = scores(50, 9)
    rare = np.where(np.arange(150) < 3, 1.0, 0.0)
    draws = draws_of(50, 60)
    absent = draws.counts[:, 0] == 0

    correlations = rank_figures.correlations(rare, judge, draws)

    assert 0 < absent.sum() < 60
    for values in (*correlations.values(), rank_figures.auroc(judge, rare > 0, draws)):
        assert absent.tolist() == np.isnan(values).tolist()
    assert np.isnan(rank_figures.correlations(teacher, np.full(150, 0.3), draws)["kendall"]).all()


def test_six_thousand_rows_have_every_interval() -> None:
    """Above the limit no figure goes without."""
    teacher, judge = scores(2000, 9)
    draws, rows = draws_of(2000, 100), np.ones(6000, dtype=np.bool_)
    teacher, judge = np.clip(teacher, 0, 1), np.clip(judge, 0, 1)
    judged = Judgments(judge, judge, [])

    values = agreement.agreement(Judgments(teacher, teacher, []), judged, rows, 0.5, draws)

    assert len(teacher) > agreement.MOST_PAIRED
    for name, definition in FIGURES.items():
        figure = draws.figure(values[name], definition.scale)
        assert figure.reason is None, name
