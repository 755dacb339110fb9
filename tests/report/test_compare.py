"""What differs between two revisions, on a real repository and on revisions made by hand."""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.errors import SettingsError
from judge.evaluation import agreement, bootstrap
from judge.report import compare, compare_page, compare_text, paired, revisions
from judge.report.compare import Comparison
from judge.report.revisions import Answer, Revision, Verdict
from judge.tables import levels
from tests.conftest import ROOT
from tests.report.test_revisions import DOCUMENTS, ENVIRONMENT, STUDENT_1, STUDENT_2, TEACHER_1, TEACHER_2, make_project, run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, made once; nothing may change it."""
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as the current folder."""
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def found(project: Path) -> Comparison:
    """The comparison of the two built commits."""
    assert project.is_dir()
    return compare.compare(*revisions.read(["one", "two"]))


def verdict(score: float | None, threshold: float = 0.8) -> Verdict:
    """A judgment with all mass next to its score."""
    if score is None:
        return Verdict(None, None, None)
    return Verdict(score, levels.probability_above(levels.interpolate(score), threshold), levels.classify(score, threshold))


def revision(teacher: Sequence[float], student: Sequence[float | None], **changes: Any) -> Revision:
    """A revision with these scores, three answers to a document."""
    answers = {
        f"answer{number:05}": Answer(f"document{number // 3:05}", "small", "Question?", "Answer.", verdict(of_teacher), verdict(of_student))
        for number, (of_teacher, of_student) in enumerate(zip(teacher, student, strict=True))
    }
    params = {"seed": 3, "evaluate": {"resamples": 100, "confidence": 0.9}}
    return replace(Revision("name", None, params, 0.8, {}, {}, answers, []), **changes)


def scores(count: int) -> tuple[list[float], list[float], list[float]]:
    """A teacher's scores, and those of a bad and of a better student."""
    generator = np.random.default_rng(1)
    teacher = generator.random(count)
    bad, better = (np.clip(teacher + generator.normal(0, noise, count), 0, 1) for noise in (0.4, 0.1))
    return teacher.tolist(), bad.tolist(), better.tolist()


def test_every_number_of_the_metrics_is_compared_the_student_first(found: Comparison) -> None:
    """In the order of the report; a figure that only one side has keeps its place; what is no number is left out."""
    expected = [
        ("student", "Pearson's r", 0.5, 0.75, 0.25),
        ("student", "Cohen's kappa", 0.25, 0.25, 0.0),
        ("baseline", "Cohen's kappa", 0.1, 0.1, 0.0),
        ("people", "Accuracy, teacher", None, 0.5, None),
        ("probes", "AUROC, student", 0.75, 0.5, -0.25),
        ("other", "other.count", None, 3, None),
        ("other", "student.n", 23, 23, 0),
    ]

    assert expected == [(metric.group, metric.name, metric.a, metric.b, metric.difference) for metric in found.metrics]


def test_the_rows_that_differ_are_those_of_the_construction(found: Comparison) -> None:
    """Answer 0 flipped for the student, answer 4 for the teacher, 22 is gone and 23 new; the failed answer 3 neither moved nor flipped."""
    odd = [f"answer{number:02}" for number in range(5, 22, 2)]

    expected = {
        "student_flipped": ["answer00"],
        "teacher_flipped": ["answer04"],
        "moved": ["answer00", "answer01", *odd],
        "appeared": ["answer23"],
        "vanished": ["answer22"],
    }

    assert expected == found.rows
    assert found.common == 22


def test_another_threshold_flips_the_student_where_its_score_lies_between(project: Path) -> None:
    """In the experiment with 0.4 instead of 0.8 the score of 0.5 becomes acceptable, and no score moved."""
    assert project.is_dir()

    found = compare.compare(*revisions.read(["two", "lenient"]))

    assert (["answer08"], []) == (found.rows["student_flipped"], found.rows["moved"])
    assert {"label.threshold": {"a": 0.8, "b": 0.4}} == found.params
    assert "the thresholds differ, 0.8 and 0.4" in compare_text.render(found, 10)


def test_the_paired_interval_is_the_one_calculated_by_hand(found: Comparison) -> None:
    """The mean absolute error over the answers judged on both sides, documents drawn 200 times with B's seed, 90%."""
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

    low, high = np.quantile(resampled, [0.05, 0.95])
    expected = [pytest.approx(value, abs=1e-9) for value in (differences.sum() / sizes.sum(), low, high)]

    figure = found.paired.figures["mae"]
    assert expected == [figure.difference, figure.low, figure.high]
    assert (21, 11, 200, 0.9) == (found.paired.rows, found.paired.documents, found.paired.resamples, found.paired.confidence)


def test_a_difference_is_significant_where_its_interval_excludes_zero() -> None:
    """A much better student is significantly better, the same student is not."""
    teacher, bad, better = scores(90)

    assert compare.compare(revision(teacher, bad), revision(teacher, better)).paired.figures["pearson"].significant
    same = compare.compare(revision(teacher, bad), revision(teacher, bad)).paired.figures["pearson"]
    assert (0.0, None, "no_spread", False) == (same.difference, same.low, same.reason, same.significant)


def test_each_side_is_held_against_its_own_teacher_and_threshold() -> None:
    """The figure of a side is the one that `agreement` gives for that side alone."""
    teacher, bad, better = scores(90)
    other = [1 - score for score in teacher]

    found = compare.compare(revision(teacher, bad), revision(other, better, threshold=0.3)).paired.figures["kappa"]

    def kappa(of_teacher: list[float], of_student: list[float], threshold: float) -> float:
        draws = bootstrap.draw(["document"] * 90, 0, 0.9, 0)
        positive, called = (agreement.is_acceptable(values, threshold) for values in (of_teacher, of_student))
        return float(agreement.class_agreement(positive, called, draws)["kappa"][0])

    expected = [pytest.approx(value) for value in (kappa(teacher, bad, 0.8), kappa(other, better, 0.3))]
    assert expected == [found.a, found.b]


def test_many_answers_have_the_figures_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit each figure is the same, a sum has an interval much like the other, and a rank figure says that it has none."""
    teacher, bad, better = scores(240)
    settings = {"seed": 3, "evaluate": {"resamples": 600, "confidence": 0.9}}
    sides = revision(teacher, bad, params=settings), revision(teacher, better, params=settings)
    few = compare.compare(*sides).paired.figures
    monkeypatch.setattr(paired, "MOST_RANKED", 239)

    many = compare.compare(*sides).paired.figures

    for name, figure in few.items():
        assert [pytest.approx(value, abs=1e-9) for value in figure[:3]] == list(many[name][:3])
    assert {"spearman", "kendall", "auroc"} == {name for name, figure in many.items() if figure.reason == paired.MANY_ROWS}
    assert pytest.approx(few["kappa"].low, abs=0.03) == many["kappa"].low
    assert pytest.approx(few["pearson"].high, abs=0.03) == many["pearson"].high


def test_few_or_no_common_answers_leave_the_figures_undefined() -> None:
    """Two test sets without a common answer can be compared; nothing is paired then."""
    teacher, bad, better = scores(30)
    other = revision(teacher, better)
    other = replace(other, answers={f"new {answer_id}": answer for answer_id, answer in other.answers.items()})

    found = compare.compare(revision(teacher, bad), other)

    assert {"undefined"} == {figure.reason for figure in found.paired.figures.values()}
    assert (0, 30, 30) == (found.common, len(found.rows["appeared"]), len(found.rows["vanished"]))
    assert "is undefined" in compare_text.render(found, 1)


def test_answers_without_documents_get_no_interval() -> None:
    """Where no table has a document_id nothing can be drawn: the figure stands there, and why it has no interval."""
    teacher, bad, better = scores(90)
    sides = [revision(teacher, student) for student in (bad, better)]
    blind = [replace(it, answers={key: answer._replace(document_id=None) for key, answer in it.answers.items()}) for it in sides]

    figure = compare.compare(*blind).paired.figures["pearson"]

    assert (True, None, "few_documents") == (figure.difference is not None, figure.low, figure.reason)


def test_a_revision_that_does_not_say_how_intervals_are_made_takes_the_other_one_s() -> None:
    """`evaluate` of A where B has none; a bad value is refused."""
    teacher, bad, better = scores(30)

    found = compare.compare(revision(teacher, bad), revision(teacher, better, params={}))

    assert found.paired.resamples == 100
    with pytest.raises(SettingsError, match="resamples: got 'many'"):
        compare.compare(revision(teacher, bad), revision(teacher, better, params={"evaluate": {"resamples": "many", "confidence": 0.9}}))


def test_settings_are_compared_key_by_key_where_they_are_chosen(found: Comparison) -> None:
    """A chosen option by its keys, the files that no side chose by their names."""
    assert {"seed": {"a": 17, "b": 18}} == found.params
    assert {"conf/teacher.prompt.user": {"a": "Is it so?", "b": "Is it true?"}} == found.options
    assert {
        "added": ["conf/teacher/new.yaml"],
        "removed": ["conf/teacher/gone.yaml"],
        "changed": ["conf/teacher/unused.yaml"],
    } == found.option_files


def test_another_choice_is_compared_with_the_one_before() -> None:
    """A single choice is compared across its files, an added generator stands there with its own keys, and 1 is not 1.0."""
    files = {
        "conf/teacher/x.yaml": {"kind": "x", "shared": 1, "digit": 1},
        "conf/teacher/y.yaml": {"kind": "y", "shared": 1, "digit": 1.0},
        "conf/generator/g.yaml": {"tokens": 5},
    }
    old = revision(
        [0.5], [0.5], params={"teacher": "x", "generators": [], "evaluate": {"resamples": 100, "confidence": 0.9}}, options=files
    )
    new = replace(old, params={**old.params, "teacher": "y", "generators": ["g"]})

    found = compare.compare(old, new)

    assert {
        "conf/generator/g.tokens": {"b": 5},
        "conf/teacher.digit": {"a": 1, "b": 1.0},
        "conf/teacher.kind": {"a": "x", "b": "y"},
    } == found.options
    assert {"added": [], "removed": [], "changed": []} == found.option_files


def test_the_json_holds_all_of_it_and_is_the_same_every_time(found: Comparison) -> None:
    """Keys sorted, every answer that differs once with both sides, each figure with its interval."""
    text = compare_text.as_json(found)
    again = compare_text.as_json(compare.compare(*revisions.read(["one", "two"])))

    values = json.loads(text)
    assert text == again
    assert json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False) + "\n" == text
    assert {"a": 0.5, "b": 0.75, "difference": 0.25} == values["metrics"]["metrics/evaluation.json"]["student.pearson"]
    assert {"a", "b", "difference", "low", "high", "reason", "significant"} == set(values["paired"]["figures"]["kappa"])
    assert {*found.rows["moved"], "answer04", "answer22", "answer23"} == set(values["rows"]["answers"])
    flipped = values["rows"]["answers"]["answer00"]
    assert ({"score": 0.5, "class": "unacceptable"}, {"score": 0.95, "class": "acceptable"}) == (
        flipped["a"]["student"],
        flipped["b"]["student"],
    )
    assert "a" not in values["rows"]["answers"]["answer23"]


def test_the_page_escapes_what_a_model_wrote(found: Comparison) -> None:
    """A script in an answer is text, the page asks for nothing from elsewhere, and holds both sides of a flip."""
    page = compare_page.render(found, 10)

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search(r"https?:|src=|@import|url\(", page)
    assert "0.500 unacceptable → 0.950 acceptable" in page


def test_the_tables_command_no_terminal_and_fit_into_it(found: Comparison) -> None:
    """A colour code in an answer is gone, and no line is wider than 110 columns."""
    text = compare_text.render(found, 10)

    assert "\x1b" not in text
    assert "<script>alert(1)</script> [31mred" in text
    assert max(map(len, text.splitlines())) <= 110


def test_as_many_rows_are_shown_as_asked_for(found: Comparison) -> None:
    """One of each kind, in the tables and on the page; none with 0."""
    assert "The student's score moved most: 11 of 22 common answers, 1 shown" in compare_text.render(found, 1)
    assert compare_text.render(found, 1).count("    question") == 5
    assert "    question" not in compare_text.render(found, 0)
    assert compare_page.render(found, 1).count("<article>") == 5


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    """Line breaks become spaces, and what is too long ends with an ellipsis at the width."""
    assert compare_text.cut("one\ntwo   three", 20) == "one two three"
    assert compare_text.cut("abcdef", 4) == "abc…"


def test_the_command_prints_and_writes(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tables on the terminal, JSON and page in their files; with `--json -` nothing but JSON."""
    parser = argparse.ArgumentParser()
    compare.arguments(parser)
    files = tmp_path / "found.json", tmp_path / "found.html"

    compare.command(parser.parse_args(["one", "two", "--json", str(files[0]), "--html", str(files[1])]))
    printed = capsys.readouterr().out
    compare.command(parser.parse_args(["one", "two", "--json", "-"]))

    assert f"{'A  one':<37}{run(project, 'git', 'rev-parse', 'one')[:10]}" in printed
    assert files[0].read_text(encoding="utf-8") == capsys.readouterr().out
    assert files[1].read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_defaults_are_the_last_commit_and_the_workspace(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing differs where nothing was changed."""
    assert project.is_dir()
    parser = argparse.ArgumentParser()
    compare.arguments(parser)

    compare.command(parser.parse_args([]))

    printed = capsys.readouterr().out
    assert "A  HEAD" in printed
    assert "B  workspace" in printed
    assert "Settings: the same" in printed
    assert "The student's class flipped: 0 of 23 common answers" in printed


@pytest.mark.parametrize("rows", ["-1", "x", "1.5"])
def test_a_number_of_rows_that_is_none_is_refused(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The parser says what is allowed."""
    parser = argparse.ArgumentParser()
    compare.arguments(parser)

    with pytest.raises(SystemExit):
        parser.parse_args([f"--rows={rows}"])

    assert "a whole number from 0 is needed" in capsys.readouterr().err


def test_importing_the_command_is_cheap() -> None:
    """Neither DVC nor jinja2 nor scipy is loaded before there is something to compare."""
    code = "import sys\nfrom judge.report import compare\nassert not {'dvc', 'jinja2', 'scipy'} & set(sys.modules)\n"

    subprocess.run([sys.executable, "-c", code], env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)}, check=True)
