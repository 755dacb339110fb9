"""The agreement figures, against scipy and scikit-learn and at the edges."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from judge.errors import JudgmentError
from judge.evaluation.agreement import Judgments, agreement, is_acceptable, line_up
from judge.evaluation.bootstrap import Array, Draws, Mask, draw
from judge.evaluation.definitions import FIGURES
from judge.tables.levels import interpolate
from judge.tables.schema import Row

THRESHOLD = 0.8
# The calibration error is a root of what is known to twelve places.
TOLERANCE = 1e-10


def judgments(scores: Array, probabilities: Array | None = None) -> Judgments:
    """Judgments with these scores, and the class itself as the probability where none is given."""
    chance = (scores > THRESHOLD).astype(float) if probabilities is None else probabilities
    return Judgments(scores, chance, [None] * len(scores))


def everyone(count: int) -> Draws:
    """The data themselves and no resample."""
    return draw([f"document {number}" for number in range(count)], 0, 0.95, 0)


def of_data(teacher: Array, judge: Judgments) -> dict[str, float]:
    """The figures of the data."""
    rows = np.ones(len(teacher), dtype=np.bool_)
    return {
        name: float(values[0]) for name, values in agreement(judgments(teacher), judge, rows, THRESHOLD, everyone(len(teacher))).items()
    }


def by_libraries(teacher: Array, judge: Judgments, documents: Sequence[int] | None = None) -> dict[str, float]:
    """The same figures as scipy and scikit-learn have them; both of calibration in loops. Without `documents` each row has its own."""
    actual, predicted = teacher > THRESHOLD, judge.scores > THRESHOLD
    surplus = sum(float(given) - float(said) for given, said in zip(judge.probabilities, actual, strict=True))
    return {
        "pearson": stats.pearsonr(teacher, judge.scores).statistic,
        "spearman": stats.spearmanr(teacher, judge.scores).statistic,
        "kendall": stats.kendalltau(teacher, judge.scores).statistic,
        "mae": sklearn_metrics.mean_absolute_error(teacher, judge.scores),
        "kappa": sklearn_metrics.cohen_kappa_score(actual, predicted),
        "accuracy": sklearn_metrics.accuracy_score(actual, predicted),
        "f1": sklearn_metrics.f1_score(actual, predicted),
        "f1_unacceptable": sklearn_metrics.f1_score(actual, predicted, pos_label=False),
        "mcc": sklearn_metrics.matthews_corrcoef(actual, predicted),
        "true_positive_rate": sklearn_metrics.recall_score(actual, predicted),
        "true_negative_rate": sklearn_metrics.recall_score(actual, predicted, pos_label=False),
        "auroc": sklearn_metrics.roc_auc_score(actual, judge.scores),
        "brier": sklearn_metrics.brier_score_loss(actual, judge.probabilities),
        "ece": by_pairs(judge.probabilities, actual, documents or range(len(teacher))),
        "calibration": surplus / len(teacher),
    }


def by_pairs(probabilities: Array, actual: Mask, documents: Sequence[int]) -> float:
    """The calibration error, pair by pair: products of the surpluses of two rows of a tenth that are of different documents."""
    square, counted = 0.0, 0
    for tenth in range(10):
        inside = [row for row, chance in enumerate(probabilities) if min(9, int(chance * 10)) == tenth]
        pairs = [(a, b) for a in inside for b in inside if documents[a] != documents[b]]
        if pairs:
            surplus = {row: float(probabilities[row]) - float(actual[row]) for row in inside}
            square += len(inside) * sum(surplus[a] * surplus[b] for a, b in pairs) / len(pairs)
            counted += len(inside)
    return float(np.sign(square) * np.sqrt(abs(square) / counted))


def tied(seed: int, count: int = 80) -> tuple[Array, Judgments]:
    """Scores of a teacher and a judge in tenths, so that many are tied."""
    generator = np.random.default_rng(seed)
    teacher = generator.integers(0, 11, count) / 10
    judge = np.clip(np.round(teacher + generator.normal(0, 0.25, count), 1), 0, 1)
    return teacher, judgments(judge, generator.random(count))


@pytest.mark.parametrize("metric", FIGURES)
def test_the_figures_are_those_of_scipy_and_scikit_learn(metric: str) -> None:
    """On data with many ties each figure is the one that scipy or scikit-learn computes."""
    teacher, judge = tied(1)

    expected = pytest.approx(by_libraries(teacher, judge)[metric], abs=TOLERANCE)

    assert expected == of_data(teacher, judge)[metric]


@pytest.mark.parametrize("metric", FIGURES)
def test_a_resample_has_the_figures_of_its_rows_written_out(metric: str) -> None:
    """The figure of a draw is the one that scipy or scikit-learn finds when the drawn rows are copied out."""
    teacher, judge = tied(2)
    documents = np.arange(80) // 3
    draws = draw([f"document {number}" for number in documents], 100, 0.95, 3)
    copies = np.repeat(np.arange(80), draws.counts[57, draws.cluster_of].astype(int))
    written_out = Judgments(judge.scores[copies], judge.probabilities[copies], [None] * len(copies))

    expected = pytest.approx(by_libraries(teacher[copies], written_out, documents[copies].tolist())[metric], abs=TOLERANCE)

    assert expected == agreement(judgments(teacher), judge, np.ones(80, dtype=np.bool_), THRESHOLD, draws)[metric][57]


@pytest.mark.parametrize("metric", FIGURES)
def test_a_judge_that_repeats_its_teacher_has_the_best_value_of_every_figure(metric: str) -> None:
    """The teacher's own judgments, scores between the levels among them, read from its rows: the best that `FIGURES` states."""
    scores = np.random.default_rng(4).random(80)
    rows: list[Row] = [{"item_id": str(number), "score": float(score), "reason": None} for number, score in enumerate(scores)]
    copy = line_up("student", [row["item_id"] for row in rows], rows, THRESHOLD)

    expected = pytest.approx(FIGURES[metric].best, abs=1e-12)

    assert expected == of_data(scores, copy)[metric]


@pytest.mark.parametrize(("probability", "sign"), [(0.9, 1), (0.1, -1)])
def test_calibration_is_above_zero_for_a_lenient_judge(probability: float, sign: int) -> None:
    """One who finds everything likely acceptable, where half is, is too lenient by 0.4; one who doubts all too strict by as much."""
    teacher = np.tile([0.2, 0.9], 20)

    assert pytest.approx(sign * 0.4) == of_data(teacher, judgments(teacher, np.full(40, probability)))["calibration"]


def test_a_judge_that_reverses_its_teacher_has_a_correlation_of_minus_one() -> None:
    """1 - score gives r = -1."""
    teacher = tied(4)[0]

    expected = pytest.approx(-1.0, abs=1e-12)

    assert expected == of_data(teacher, judgments(1 - teacher))["pearson"]


def test_constant_scores_leave_the_correlations_undefined() -> None:
    """A judge that always says 0.3 has no correlation, though rounding leaves its variance above zero."""
    teacher = tied(5)[0]

    figures = of_data(teacher, judgments(np.full(80, 0.3)))

    assert {"pearson", "spearman", "kendall", "mcc"} == {name for name, value in figures.items() if np.isnan(value)}


def test_a_judge_of_one_class_has_a_kappa_of_zero() -> None:
    """Calling everything unacceptable agrees no better than chance, which is a figure and not undefined."""
    teacher = tied(5)[0]

    assert of_data(teacher, judgments(np.full(80, 0.3)))["kappa"] == 0.0


def test_a_teacher_of_one_class_leaves_the_class_figures_undefined() -> None:
    """With no acceptable answer on either side kappa, F1, MCC, the true-positive rate and AUROC have no value."""
    teacher = np.linspace(0.0, 0.7, 20)

    figures = of_data(teacher, judgments(teacher / 2))

    assert {"kappa", "f1", "mcc", "true_positive_rate", "auroc"} == {name for name, value in figures.items() if np.isnan(value)}


def test_fewer_than_two_rows_leave_everything_undefined() -> None:
    """One answer is no agreement."""
    figures = of_data(np.array([0.9]), judgments(np.array([0.9])))

    assert all(np.isnan(value) for value in figures.values())


def test_a_score_at_the_threshold_is_not_acceptable() -> None:
    """Acceptable means strictly above."""
    expected = [False, True]

    assert expected == is_acceptable([0.8, 0.81], 0.8).tolist()


def test_judgments_are_put_in_the_order_of_the_items() -> None:
    """A failed judgment keeps its place, as NaN with its reason."""
    rows: list[Row] = [
        {"item_id": "b", "score": 0.9, "reason": None},
        {"item_id": "a", "score": None, "reason": "refused"},
        {"item_id": "of another table", "score": 0.1, "reason": None},
    ]

    lined_up = line_up("student", ["a", "b"], rows, THRESHOLD)

    expected = ([False, True], 0.9, 1.0, ["refused", None])

    assert expected == (lined_up.judged.tolist(), lined_up.scores[1], lined_up.probabilities[1], lined_up.reasons)


def test_a_judge_that_states_no_probability_has_its_class_for_certain() -> None:
    """A stated probability of acceptable is taken; without one, 1 strictly above the threshold and 0 at it, whatever the levels say."""
    rows: list[Row] = [
        {"item_id": "stated", "score": 0.7, "acceptable": 0.3, "reason": None},
        {"item_id": "above", "score": 0.82, "levels": interpolate(0.82), "acceptable": None, "reason": None},
        {"item_id": "at", "score": 0.8, "levels": interpolate(0.8), "reason": None},
    ]

    assert [0.3, 1.0, 0.0] == line_up("student", ["stated", "above", "at"], rows, THRESHOLD).probabilities.tolist()


def test_a_missing_judgment_is_refused_by_name() -> None:
    """An item without even a failed judgment is a fault, and its id is named."""
    with pytest.raises(JudgmentError, match="The student has no judgment of 1 of 2 items, b among them"):
        line_up("student", ["a", "b"], [{"item_id": "a", "levels": None, "score": None, "reason": "error"}], THRESHOLD)
