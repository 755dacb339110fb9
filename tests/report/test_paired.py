"""The paired difference of two revisions' figures, and its interval."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from judge.errors import SettingsError
from judge.evaluation import agreement, bootstrap
from judge.report import compare, compare_text, paired, revisions
from judge.report.paired import Paired
from judge.report.revisions import Revision
from tests.report.by_hand import revision, scores
from tests.report.toy_project import DOCUMENTS, STUDENT_1, STUDENT_2, TEACHER_1, TEACHER_2


def pair(a: Revision, b: Revision) -> Paired:
    """The paired figures of two revisions on the answers that both have."""
    return paired.paired(a, b, sorted(a.answers.keys() & b.answers.keys()))


def test_the_paired_interval_is_the_one_calculated_by_hand(toy: Path) -> None:
    """The mean absolute error over the answers judged on both sides, documents drawn 200 times with B's seed, 90%: t times their spread."""
    assert toy.is_dir()
    both = [number for number in range(2 * DOCUMENTS) if number not in {3, 22, 23}]
    counts = np.random.default_rng(18).multinomial(DOCUMENTS - 1, [1 / (DOCUMENTS - 1)] * (DOCUMENTS - 1), size=200)
    differences, sizes = np.zeros(DOCUMENTS - 1), np.zeros(DOCUMENTS - 1)
    for number in both:
        old, new = STUDENT_1[number], STUDENT_2[number]
        assert old is not None
        assert new is not None
        differences[number // 2] += abs(TEACHER_2[number] - new) - abs(TEACHER_1[number] - old)
        sizes[number // 2] += 1
    resampled = (counts @ differences) / (counts @ sizes)

    middle = differences.sum() / sizes.sum()
    half = stats.t.ppf(0.95, DOCUMENTS - 2) * resampled.std() * np.sqrt((DOCUMENTS - 1) / (DOCUMENTS - 2))
    expected = [pytest.approx(value, abs=1e-9) for value in (middle, middle - half, middle + half)]

    result = pair(*revisions.read(["one", "two"]))
    figure = result.figures["mae"]
    assert expected == [figure.difference, figure.low, figure.high]
    assert (21, 11, 200, 0.9) == (result.rows, result.documents, result.resamples, result.confidence)


def test_the_same_judgments_differ_by_nothing_and_have_no_interval() -> None:
    """Every resample gives 0, and it is said so."""
    teacher, bad, _ = scores(90)

    same = pair(revision(teacher, bad), revision(teacher, bad)).figures["pearson"]

    assert (0.0, None, "no_spread") == (same.difference, same.low, same.reason)


def test_each_side_is_held_against_its_own_teacher_and_threshold() -> None:
    """The figure of a side is the one that `agreement` gives for that side alone."""
    teacher, bad, better = scores(90)
    other = [1 - score for score in teacher]

    figure = pair(revision(teacher, bad), revision(other, better, threshold=0.3)).figures["kappa"]

    def kappa(of_teacher: list[float], of_student: list[float], threshold: float) -> float:
        draws = bootstrap.draw(["document"] * 90, 0, 0.9, 0)
        positive, called = (agreement.is_acceptable(values, threshold) for values in (of_teacher, of_student))
        return float(agreement.class_agreement(positive, called, draws)["kappa"][0])

    expected = [pytest.approx(value) for value in (kappa(teacher, bad, 0.8), kappa(other, better, 0.3))]
    assert expected == [figure.a, figure.b]


def test_many_answers_have_the_figures_and_intervals_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above both limits each figure is the same, and its interval, from other draws, is much like the other."""
    teacher, bad, better = scores(240)
    settings = {"seed": 3, "evaluate": {"resamples": 600, "confidence": 0.9}}
    sides = revision(teacher, bad, params=settings), revision(teacher, better, params=settings)
    few = pair(*sides).figures
    monkeypatch.setattr(agreement, "MOST_PAIRED", 239)
    monkeypatch.setattr(bootstrap, "MOST_DRAWN", 79)

    many = pair(*sides).figures

    for name, figure in few.items():
        assert [pytest.approx(value, abs=1e-9) for value in figure[:3]] == list(many[name][:3])
        assert pytest.approx(figure.low, abs=0.03) == many[name].low, name
        assert pytest.approx(figure.high, abs=0.03) == many[name].high, name


def test_few_or_no_common_answers_leave_the_figures_undefined() -> None:
    """Two test sets without a common answer can be compared; nothing is paired then."""
    teacher, bad, better = scores(30)
    other = revision(teacher, better)
    other = replace(other, answers={f"new {answer_id}": answer for answer_id, answer in other.answers.items()})

    comparison = compare.compare(revision(teacher, bad), other)

    assert comparison.paired is not None
    assert {"undefined"} == {figure.reason for figure in comparison.paired.figures.values()}
    assert (0, 30, 30) == (comparison.common, len(comparison.rows["appeared"]), len(comparison.rows["vanished"]))
    assert "is undefined" in compare_text.render(comparison, 1)


def test_answers_without_documents_get_no_interval() -> None:
    """Where no table has a document_id nothing can be drawn: the figure stands there, and why it has no interval."""
    teacher, bad, better = scores(90)
    sides = [revision(teacher, student) for student in (bad, better)]
    blind = [replace(it, answers={key: answer._replace(document_id=None) for key, answer in it.answers.items()}) for it in sides]

    figure = pair(*blind).figures["pearson"]

    assert (True, None, "few_documents") == (figure.difference is not None, figure.low, figure.reason)


def test_a_revision_that_does_not_say_how_intervals_are_made_takes_the_other_one_s() -> None:
    """`evaluate` of A where B has none; a bad value is refused."""
    teacher, bad, better = scores(30)

    assert pair(revision(teacher, bad), revision(teacher, better, params={})).resamples == 100
    with pytest.raises(SettingsError, match="resamples: got 'many'"):
        pair(revision(teacher, bad), revision(teacher, better, params={"evaluate": {"resamples": "many", "confidence": 0.9}}))
