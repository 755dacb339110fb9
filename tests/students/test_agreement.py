"""How far two runs of judgments agree."""

import math

import numpy as np
import pytest

from judge.students.agreement import agreement
from judge.tables.levels import Judgment, interpolate


def _judged(*scores: float | None) -> list[Judgment]:
    """Judgments with these scores; None is no verdict."""
    return [Judgment(None, reason="no_verdict") if each is None else Judgment(interpolate(each)) for each in scores]


def test_agreement_is_of_scores_and_classes() -> None:
    """Pearson's r as numpy has it; what has no verdict counts nowhere."""
    found = agreement(_judged(0.1, 0.4, None, 0.8, 0.9), _judged(0.2, 0.6, None, 0.8, 0.7), threshold=0.5)

    r = np.corrcoef([0.1, 0.4, 0.8, 0.9], [0.2, 0.6, 0.8, 0.7])[0, 1]
    assert pytest.approx((4, r, 0.2, 1)) == found


def test_scores_that_do_not_vary_have_no_correlation() -> None:
    """One answer, or the same score for all of them, correlates with nothing; the largest difference is known all the same."""
    found = agreement(_judged(0.4, 0.4), _judged(0.4, 0.5), threshold=0.8)
    assert math.isnan(found.pearson)
    assert pytest.approx(0.1) == found.largest
