"""The student in a real evaluation by inspect_ai."""

from collections.abc import Callable
from typing import Any

import pytest

from judge.tables.levels import Judgment
from tests.evaluators.tools import ROWS, WORDLESS, to_judge


@pytest.fixture(scope="module")
def results(evaluated: Callable[[str], Any]) -> Any:
    """What inspect_ai's log holds."""
    return evaluated("inspect-ai")


def test_scores_are_those_of_the_student(results: Any, judgments: list[Judgment]) -> None:
    """A sample has the student's own score, and is correct where that is above the threshold; both classes are among them."""
    scored = [(judgment.score, sample) for judgment, sample in zip(judgments, results["student"]["samples"], strict=True)]
    worded = [(score, sample) for score, sample in scored if score is not None]
    assert [pytest.approx(score, abs=1e-6) for score, _ in worded] == [sample["score"] for _, sample in worded]
    assert ["C" if score > 0.8 else "I" for score, _ in worded] == [sample["value"] for _, sample in worded]
    assert {"C", "I"} == {sample["value"] for _, sample in worded}


def test_no_verdict_is_unscored(results: Any, judgments: list[Judgment]) -> None:
    """A sample without a verdict has its reason, and lowers no accuracy."""
    unscored = results["student"]["samples"][WORDLESS]
    assert ("no_verdict", None) == (unscored["reason"], unscored["score"])
    scores = [judgment.score for judgment in judgments if judgment.score is not None]
    accuracy = sum(score > 0.8 for score in scores) / len(scores)
    assert pytest.approx(accuracy) == results["student"]["metrics"]["accuracy"]
    assert 0 < results["student"]["metrics"]["stderr"]


def test_what_reaches_the_student(results: Any) -> None:
    """The passages of the metadata are the context, the targets are the references."""
    assert sorted(map(str, map(to_judge, ROWS))) == sorted(map(str, results["asked"]))
