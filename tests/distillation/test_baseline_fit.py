"""Fitting the simple judges on a student's rows."""

from typing import Any

import numpy as np
import pytest

from judge.distillation import baseline_fit
from judge.students.baseline import FEATURES, measure
from judge.tables.items import Item
from judge.tables.levels import interpolate
from tests.students.examples import SETTINGS, causal_lm, late_interaction, supported_or_not


def rows(**changes: Any) -> list[dict[str, Any]]:
    """Own sentences of a passage, which the teacher likes, and those of others, three times over in other documents."""
    return [
        {**row, "answer_id": f"{row['answer_id']}-{copy}", "document_id": f"{row['document_id']} {copy}", **changes}
        for copy in range(3)
        for row in supported_or_not()
    ]


def test_word_overlap_learns_a_rule_of_words() -> None:
    """Where own sentences are right and others wrong, it is the strongest baseline; its best name is kept."""
    fitted = baseline_fit.fit(rows(), [], late_interaction(), SETTINGS, 0.8, seed=1).baselines
    assert fitted.best == "overlap"
    assert (fitted.fitted["overlap"].pearson or 0.0) > 0.95
    assert fitted.fitted["majority"].pearson is None


def test_what_rows_and_option_do_not_allow_is_left_out() -> None:
    """No reference, no `contains`; no encoder, no cosine; no statements, no baseline that learns from them."""
    without_reference = baseline_fit.fit(rows(), [], late_interaction(), SETTINGS, 0.8, 1).baselines.fitted
    assert {"overlap", "cosine", "length", "majority"} == set(without_reference)
    with_reference = baseline_fit.fit(rows(reference=["Falcons"]), rows(), causal_lm(), SETTINGS, 0.8, 1).baselines.fitted
    assert {"overlap", "overlap-statements", "length", "majority", "contains"} == set(with_reference)
    assert set(with_reference) <= set(FEATURES)


def test_the_majority_rejects_where_most_are_rejected() -> None:
    """Its score is 0 for everybody, and its probability the share of the acceptable ones."""
    given = rows()
    fitted = baseline_fit.fit(given, [], late_interaction(), SETTINGS, 0.8, seed=1).baselines
    (judgment,) = fitted.judge([Item("?", "Anything at all", "A passage.")])["majority"]
    share = np.mean([row["teacher_class"] == "acceptable" for row in given])
    assert judgment.score == pytest.approx(0.0, abs=1e-12)
    assert judgment.acceptable == pytest.approx(share, abs=0.01)


def test_every_answer_is_judged_by_a_fit_that_had_left_its_document_out() -> None:
    """A length that only one document's answers teach is not known to the fit that judges them."""
    given = rows()
    outlier = [{**row, "teacher_levels": list(interpolate(1.0)), "teacher_score": 1.0} for row in given if row["document_id"] == "Oxygen 0"]
    others = [row for row in given if row["document_id"] != "Oxygen 0"]
    judged = baseline_fit.fit([*others, *outlier], [], late_interaction(), SETTINGS, 0.8, seed=1).out_of_fold
    unmoved = baseline_fit.fit(given, [], late_interaction(), SETTINGS, 0.8, seed=1).out_of_fold
    assert {row["answer_id"] for row in given} == set(judged["overlap"])
    for row in outlier:
        assert judged["overlap"][row["answer_id"]].score == pytest.approx(unmoved["overlap"][row["answer_id"]].score, abs=1e-9)


def test_where_people_have_spoken_their_class_is_the_target() -> None:
    """With alpha at 1 nothing of the teacher is left: what it says of rows that people judged changes no fit."""
    settings = SETTINGS.model_copy(update={"target": "people", "alpha": 1.0})
    given = [{**row, "human_class": row["teacher_class"]} for row in rows()]
    all_liked = [{**row, "teacher_levels": list(interpolate(1.0)), "teacher_score": 1.0} for row in given]
    fits = [baseline_fit.fit(some, [], late_interaction(), settings, 0.8, 1).baselines.fitted for some in (given, all_liked)]
    assert fits[0] == fits[1]


def test_the_fit_is_the_likeliest_for_a_share() -> None:
    """At the fitted weights the mean score is the mean of the teacher's: the gradient of the intercept is 0."""
    given = rows()
    one = baseline_fit.fit(given, [], late_interaction(), SETTINGS, 0.8, seed=1).baselines.fitted["length"]
    measured = measure([Item.of(row) for row in given], "context", ["length"], None)["length"][:, None]
    assert np.mean(one.scores(measured)) == pytest.approx(np.mean([row["teacher_score"] for row in given]), abs=1e-4)
