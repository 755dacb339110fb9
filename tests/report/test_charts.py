"""The pictures: what a last digit may change of them, and that they stand on one page."""

import re
from pathlib import Path

from judge.report import charts
from judge.report.sameness import Sameness, compare
from judge.tables.schema import Row


def _scores(last: float) -> list[Row]:
    """Three answers, the last of which has this score."""
    values = (0.1, 0.5, last)
    return [{"generator": "g", "teacher_score": value, "student_score": value, "baseline_score": 1 - value} for value in values]


def _ids(svg: str) -> list[str]:
    return re.findall(r' id="([^"]*)"', svg)


def test_a_last_digit_changes_no_more_than_digits(tmp_path: Path) -> None:
    """Another kind of CPU moves a point by a millionth of a millionth: the picture's ids and texts stay as they are."""
    for name, score in (("old.html", 0.9), ("new.html", 0.9000001)):
        (tmp_path / name).write_text(charts.score_scatter(_scores(score), "student", 0.8), encoding="utf-8")
    assert Sameness.DIFFERENT != compare(tmp_path / "old.html", tmp_path / "new.html").sameness


def test_two_pictures_on_a_page_share_no_hashed_id() -> None:
    """What a mark or a clip path of one picture is called, no other picture uses."""
    first, second = (charts.score_scatter(_scores(0.9), judge, 0.8) for judge in ("student", "baseline"))
    named = [{name for name in _ids(svg) if name.startswith("scores-of-the-")} for svg in (first, second)]
    assert all(named)
    assert not named[0] & named[1]


def test_every_reference_of_a_picture_is_to_an_id_of_it() -> None:
    """No mark and no clip path is lost by the naming."""
    svg = charts.score_scatter(_scores(0.9), "student", 0.8)
    assert set(re.findall(r'(?:href="|url\()#([^")]*)', svg)) <= set(_ids(svg))


def test_of_very_many_answers_the_first_are_points() -> None:
    """Of 2,100 answers as many points are drawn as of 2,000; but for marks at the axes every mark is an answer."""
    few, many = (charts.score_scatter((_scores(0.9) * 700)[:count], "student", 0.8).count("<use ") for count in (2000, 2100))
    assert few > 2000
    assert many - few < 50
