"""A comparison as JSON: what a program gets."""

import json

from judge.report import compare, compare_json, revisions
from judge.report.compare import Comparison


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
    assert {"a", "b", "difference", "low", "high", "reason", "significant"} == set(values["paired"]["figures"]["kappa"])
    assert {*comparison.rows["moved"], "answer04", "answer22", "answer23"} == set(values["rows"]["answers"])
    flipped = values["rows"]["answers"]["answer00"]
    assert ({"score": 0.5, "class": "unacceptable"}, {"score": 0.95, "class": "acceptable"}) == (
        flipped["a"]["student"],
        flipped["b"]["student"],
    )
    assert "a" not in values["rows"]["answers"]["answer23"]


def test_what_is_not_known_is_null(incomplete: Comparison) -> None:
    """Where a side lacks its answers there is nothing paired and no row, its counts are null, and the reason stands with the side."""
    values = json.loads(compare_json.render(incomplete))

    assert (None, None, None) == (values["paired"], values["rows"], values["a"]["rows"])
    assert (incomplete.a.lacks, [], 23) == (values["a"]["lacks"], values["b"]["lacks"], values["b"]["rows"])
    assert values["metrics"]["metrics/figures.csv"]["student.pearson"]["difference"] == 0.25
