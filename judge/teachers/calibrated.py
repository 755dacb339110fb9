"""What every teacher that is fitted on statements of known truth does: from features to a distribution over the levels.

The share of acceptable answers among the statements is none of answers. It is estimated from the answers themselves, which have no
labels, by expectation maximisation (Saerens, Latinne and Decaestecker 2002), and moves all log-odds by the same amount.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from judge.errors import JudgmentError
from judge.tables import levels
from judge.teachers.calibration import CALIBRATION, Calibration

Array = npt.NDArray[np.float64]

_ROUNDS = 1000
_CONVERGED = 1e-9
# Fits are balanced: among what they were fitted on, half the weight is acceptable.
_BALANCED = 0.5
# A share of nothing or of all would make every judgment certain, which no estimate from a sample can.
_SMALLEST_SHARE = 0.02


def require(calibration: Calibration | None, model: str, names: Sequence[str]) -> Calibration:
    """The calibration, where it belongs to this teacher.

    Raises:
        JudgmentError: there is none, or it belongs to another teacher, language model or set of features.
    """
    if calibration is None:
        raise JudgmentError(f"{CALIBRATION} was made for another teacher.\nNext: `dvc repro calibrate` makes it again.")
    if (calibration.model, calibration.features) != (model, tuple(names)):
        raise JudgmentError(
            f"The calibration was fitted for {calibration.model} and {len(calibration.features)} features, "
            f"but the teacher is {model} with {len(names)} features.\n"
            "Next: `dvc repro calibrate` makes it again.",
        )
    return calibration


def probabilities(calibration: Calibration, features: Array) -> Array:
    """What each bootstrap fit holds for the probability that an answer is acceptable.

    Args:
        calibration: what was fitted.
        features: (items, features), all finite.

    Returns:
        (items, fits), in [0, 1].
    """
    standard = (features - np.array(calibration.centers)) / np.array(calibration.scales)
    log_odds = standard @ np.array(calibration.coefficients).T + np.array(calibration.intercepts)
    if calibration.share_acceptable is not None:
        log_odds += math.log(calibration.share_acceptable / (1.0 - calibration.share_acceptable))
    chances: Array = 1.0 / (1.0 + np.exp(-log_odds))
    return chances


def distributions(calibration: Calibration, features: Array) -> list[tuple[float, ...]]:
    """The average over the bootstrap fits of each item's probability as a distribution over the levels: eleven masses for each."""
    if not len(features):
        return []
    return [levels.average([levels.interpolate(float(p)) for p in row]) for row in probabilities(calibration, features)]


def adapted(calibration: Calibration, features: Array) -> Calibration:
    """The calibration with the share of acceptable answers estimated on a run's own answers.

    Args:
        calibration: as fitted, with balanced classes.
        features: (answers, features) of the run; with none of them it stays as it is.
    """
    if not len(features):
        return calibration
    balanced = probabilities(calibration.model_copy(update={"share_acceptable": None}), features).mean(axis=1)
    return calibration.model_copy(update={"share_acceptable": estimate_share(balanced)})


def estimate_share(balanced: Array) -> float:
    """The share of acceptable answers, by expectation maximisation.

    Args:
        balanced: for each answer the probability that it is acceptable, were half of all.

    Returns:
        The share that makes the answers likeliest, within [0.02, 0.98].
    """
    share = _BALANCED
    for _ in range(_ROUNDS):
        odds = balanced * share
        moved = float(np.mean(odds / (odds + (1.0 - balanced) * (1.0 - share))))
        if abs(moved - share) < _CONVERGED:
            break
        share = moved
    # Rounded far below what any answer could tell, so that another order of summing gives the same number.
    return round(min(1.0 - _SMALLEST_SHARE, max(_SMALLEST_SHARE, share)), 6)
