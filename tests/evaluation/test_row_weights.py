"""Rows that count for more than one: as if they stood there as often."""

from dataclasses import replace

import numpy as np
import pytest

from judge.evaluation.agreement import auroc, brier, class_agreement, mean, score_agreement
from judge.evaluation.bootstrap import Array, Draws, draw
from judge.evaluation.calibration_error import calibration_error

ROWS = 60
RANDOM = np.random.default_rng(3)
SCORES, OTHERS = RANDOM.random(ROWS), RANDOM.random(ROWS)
POSITIVE = RANDOM.random(ROWS) < SCORES
WEIGHTS = RANDOM.integers(1, 4, ROWS)
DRAWS = draw([f"document {number // 2}" for number in range(ROWS)], 50, 0.95, 1)
COPIED = np.repeat(np.arange(ROWS), WEIGHTS)


def _figures(rows: np.ndarray, draws: Draws) -> dict[str, Array]:
    scores, positive = SCORES[rows], POSITIVE[rows]
    return {
        **class_agreement(positive, scores > 0.5, draws),
        **score_agreement(OTHERS[rows], scores, draws),
        "auroc": auroc(scores, positive, draws),
        "brier": brier(scores, positive, draws),
        "ece": calibration_error(scores, positive, draws),
        "mean": mean(scores, draws),
    }


def test_a_weight_of_three_is_a_row_three_times() -> None:
    """Every figure of weighted rows is, in every draw, that of the rows written out as often as they weigh."""
    weighted = _figures(np.arange(ROWS), DRAWS.weighted(WEIGHTS.astype(float)))
    written_out = _figures(COPIED, replace(DRAWS, cluster_of=DRAWS.cluster_of[COPIED]))
    for name, values in written_out.items():
        assert pytest.approx(values.tolist(), nan_ok=True) == weighted[name].tolist(), name


def test_equal_weights_change_no_bit() -> None:
    """Labels of a random order have equal weights, and the figures that they had without."""
    plain, weighted = _figures(np.arange(ROWS), DRAWS), _figures(np.arange(ROWS), DRAWS.weighted(np.full(ROWS, 2.5)))
    assert all(np.array_equal(plain[name], weighted[name], equal_nan=True) for name in plain)


def test_a_part_of_the_rows_keeps_its_weights() -> None:
    """Rows that are left count for what they counted."""
    rows = np.arange(ROWS) % 3 == 0
    kept = DRAWS.weighted(WEIGHTS.astype(float)).of(rows).weights
    assert kept is not None
    assert pytest.approx((WEIGHTS[rows] / WEIGHTS.mean()).tolist()) == kept.tolist()


def test_a_weighted_share_has_the_interval_of_its_own_spread() -> None:
    """The share is the weighted mean; uneven weights widen its interval, as fewer rows would."""
    plain, weighted = DRAWS.share(POSITIVE), DRAWS.weighted(np.where(np.arange(ROWS) < 6, 20.0, 1.0)).share(POSITIVE)
    expected = (20 * POSITIVE[:6].sum() + POSITIVE[6:].sum()) / (20 * 6 + ROWS - 6)
    assert pytest.approx(expected) == weighted.value
    assert plain.high is not None
    assert plain.low is not None
    assert weighted.high is not None
    assert weighted.low is not None
    assert plain.high - plain.low < weighted.high - weighted.low
