"""From features to distributions, and the share of acceptable answers that nobody has labelled."""

import math

import numpy as np
import pytest

from judge.errors import JudgmentError
from judge.probes.seen import Seen
from judge.tables import levels
from judge.teachers import calibrated
from judge.teachers.calibrated import Array
from judge.teachers.calibration import Calibration

FITTED = Calibration(
    model="m",
    features=("a", "b"),
    centers=(1.0, 2.0),
    scales=(2.0, 1.0),
    intercepts=(0.5, -0.5),
    coefficients=((1.0, 0.0), (0.5, 1.0)),
    n=10,
    articles=4,
    share_true=0.5,
    brier=None,
    auroc=None,
    kinds={},
    seen=Seen.of([]),
)
FEATURES = np.array([[3.0, 2.0], [-1.0, 1.0]])


def _balanced(share: float, n: int = 4000) -> Array:
    """Calibrated probabilities, were half acceptable, of answers of which `share` is: two normal classes, two apart."""
    rng = np.random.default_rng(3)
    acceptable = rng.random(n) < share
    x = rng.normal(np.where(acceptable, 1.0, -1.0))
    chances: Array = 1.0 / (1.0 + np.exp(-2.0 * x))
    return chances


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.8])
def test_the_true_share_is_found(share: float) -> None:
    """From probabilities that are calibrated for another share."""
    assert calibrated.estimate_share(_balanced(share)) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(("chance", "expected"), [(0.0, 0.02), (1e-9, 0.02), (1.0, 0.98), (0.5, 0.5)])
def test_no_sample_makes_all_certain(chance: float, expected: float) -> None:
    """Where all answers look alike the share stays within its limits; where they tell nothing it stays a half."""
    assert calibrated.estimate_share(np.full(50, chance)) == expected


def test_the_share_moves_all_log_odds_by_the_same() -> None:
    """That of every fit and every item."""
    moved = FITTED.model_copy(update={"share_acceptable": 0.2})
    before, after = (calibrated.probabilities(one, FEATURES) for one in (FITTED, moved))
    shift = np.log(after / (1 - after)) - np.log(before / (1 - before))
    assert shift == pytest.approx(np.full((2, 2), math.log(0.25)))


def test_a_probability_is_that_of_the_standardised_features() -> None:
    """By hand, for two fits and two items."""
    log_odds = [[0.5 + 1.0, -0.5 + 0.5], [0.5 - 1.0, -0.5 - 0.5 - 1.0]]
    assert calibrated.probabilities(FITTED, FEATURES) == pytest.approx(1 / (1 + np.exp(-np.array(log_odds))))
    chances = calibrated.probabilities(FITTED, FEATURES).mean(axis=1)
    assert [levels.mean(one) for one in calibrated.distributions(FITTED, FEATURES)] == pytest.approx(chances)


def test_the_share_is_estimated_on_the_run_and_from_the_balanced_fits() -> None:
    """Adapting twice is adapting once."""
    once = calibrated.adapted(FITTED, FEATURES)
    assert once.share_acceptable == calibrated.estimate_share(calibrated.probabilities(FITTED, FEATURES).mean(axis=1))
    assert once == calibrated.adapted(once, FEATURES)


def test_without_answers_nothing_is_adapted_and_nothing_judged() -> None:
    """An empty run stays one."""
    none = np.empty((0, 2))
    assert FITTED == calibrated.adapted(FITTED, none)
    assert [] == calibrated.distributions(FITTED, none)


@pytest.mark.parametrize(
    ("calibration", "model", "names"), [(None, "m", ("a", "b")), (FITTED, "other", ("a", "b")), (FITTED, "m", ("a", "c"))]
)
def test_the_calibration_of_another_teacher_is_refused(calibration: Calibration | None, model: str, names: tuple[str, ...]) -> None:
    """With the command that makes it again."""
    assert FITTED == calibrated.require(FITTED, "m", ("a", "b"))
    with pytest.raises(JudgmentError, match="dvc repro calibrate"):
        calibrated.require(calibration, model, names)
