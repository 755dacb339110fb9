"""A comparison as JSON: what a program gets."""

import json

import pytest

from judge.report import compare, compare_json, revisions
from judge.report.compare import Comparison
from tests.report.by_hand import revision, scores, spreads


def test_the_json_holds_all_of_it_and_is_the_same_every_time(comparison: Comparison) -> None:
    """Keys sorted, every answer that differs once with both sides, each figure with its interval."""
    text = compare_json.render(comparison)
    again = compare_json.render(compare.compare(*revisions.read(["one", "two"])))

    values = json.loads(text)
    assert text == again
    assert json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False) + "\n" == text
    own = {"a_low": 0.25, "a_high": 0.625, "a_n": 23, "b_low": 0.5, "b_high": 0.875, "b_n": 23}
    assert {"a": 0.5, "b": 0.75, "difference": 0.25} | own == values["metrics"]["metrics/figures.csv"]["student.pearson"]
    assert {"a": 0.25, "b": 0.25, "difference": 0.0} == values["metrics"]["metrics/cost.json"]["usd"]
    judged = {"wide_low", "wide_high", "seed_spread", "p", "significant"}
    assert {"a", "b", "difference", "low", "high", "reason"} | judged == set(values["paired"]["figures"]["kappa"])
    assert {*comparison.rows["moved"], "answer04", "answer22", "answer23"} == set(values["rows"]["answers"])
    flipped = values["rows"]["answers"]["answer00"]
    assert ({"score": 0.5, "class": "unacceptable"}, {"score": 0.95, "class": "acceptable"}) == (
        flipped["a"]["student"],
        flipped["b"]["student"],
    )
    assert "a" not in values["rows"]["answers"]["answer23"]


def test_the_json_says_how_differences_were_judged() -> None:
    """Both intervals, the spread over seeds, and of how many trainings it is on each side."""
    teacher, bad, better = scores(90)
    sides = revision(teacher, bad, figures=spreads(0.03, 8)), revision(teacher, better, figures=spreads(0.04, 5))

    found = json.loads(compare_json.render(compare.compare(*sides)))["paired"]

    assert ("pearson", {"a": 8, "b": 5}) == (found["primary"], found["trainings"])
    assert "Holm" in found["correction"]
    pearson = found["figures"]["pearson"]
    assert pytest.approx(0.05) == pearson["seed_spread"]
    assert pearson["wide_low"] < pearson["low"] < pearson["high"] < pearson["wide_high"]


def test_without_the_spread_of_a_side_no_wide_interval_is_given() -> None:
    """What is not known is null, and nothing is significant."""
    teacher, bad, better = scores(90)
    sides = revision(teacher, bad), revision(teacher, better, figures=spreads(0.04, 5))

    found = json.loads(compare_json.render(compare.compare(*sides)))["paired"]

    assert {"a": None, "b": 5} == found["trainings"]
    assert {(None, None, None, False)} == {
        (it["wide_low"], it["seed_spread"], it["p"], it["significant"]) for it in found["figures"].values()
    }


def test_what_is_not_known_is_null(incomplete: Comparison) -> None:
    """Where a side lacks its answers there is nothing paired and no row, its counts are null, and the reason stands with the side."""
    values = json.loads(compare_json.render(incomplete))

    assert (None, None, None) == (values["paired"], values["rows"], values["a"]["rows"])
    assert (incomplete.a.lacks, [], 23) == (values["a"]["lacks"], values["b"]["lacks"], values["b"]["rows"])
    assert values["metrics"]["metrics/figures.csv"]["student.pearson"]["difference"] == 0.25
