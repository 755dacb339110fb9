"""How far student and baseline agree with the teacher: differences, failures, generators."""

import pytest

from judge.evaluation.definitions import BY_GENERATOR, FIGURES
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import ALL, TEACHER, Estimate
from tests.evaluation.made_up_run import DOCUMENTS, a_run, answer, evaluate, figures_of, judgment, values_of


def test_the_difference_is_student_less_baseline(named: dict[str, Estimate]) -> None:
    """Where both have judged all answers, the difference is that of the two figures."""
    student, baseline, difference = (named[f"{side}.kappa"].value for side in ("student", "baseline", "difference"))

    assert student is not None
    assert baseline is not None
    assert difference == pytest.approx(student - baseline, abs=1e-11)


def test_a_student_like_the_baseline_differs_by_nothing_in_any_draw() -> None:
    """Both are resampled together: a student that equals the baseline has a difference without any spread."""
    run = a_run()

    difference = figures_of(run | {"student": run["baseline"]})["difference.pearson"]

    assert (0.0, "no_spread") == (difference.value, difference.reason)


def test_a_perfect_student_gets_one() -> None:
    """The teacher's own scores have r = 1."""
    run = a_run()
    copied = [judgment(row["answer_id"], row["teacher_score"]) for row in run["test"]]

    assert (pytest.approx(1.0, abs=1e-9),) == values_of(run | {"student": copied}, "student.pearson")


def test_one_class_gives_none_and_not_nan() -> None:
    """A teacher that accepts nothing leaves AUROC null, with its reason."""
    rejected = [answer(number, number / 100) for number in range(2 * DOCUMENTS)]

    auroc = figures_of(a_run() | {"test": rejected})["student.auroc"]

    assert Estimate(None, None, None, 2 * DOCUMENTS, "undefined") == auroc


def test_failed_judgments_are_left_out() -> None:
    """A student without a verdict on one answer is measured on the others, and so is the difference; the baseline keeps all."""
    run = a_run()
    run["student"][3] = judgment("answer 003", None)

    table = evaluate(**run).figures

    against_teacher = table[(table["against"] == TEACHER) & (table["slice"] == ALL)]
    counts = against_teacher.groupby("judge")["n"].agg(set).to_dict()
    assert {"student": {39}, "baseline": {40}, "overlap": {40}, "difference": {39}} == counts


def test_the_difference_is_of_the_answers_that_both_have_judged() -> None:
    """An answer that the student failed on counts for the difference as if it were not there."""
    run = a_run()
    run["student"][3] = judgment("answer 003", None)
    without = {name: rows[:3] + rows[4:] for name, rows in run.items() if name in {"test", "student", "baseline"}}

    (expected,) = values_of(run | without, "difference.pearson")

    assert (pytest.approx(expected, abs=1e-11),) == values_of(run, "difference.pearson")


def test_an_answer_that_the_teacher_failed_on_is_no_one_s_agreement() -> None:
    """Without a teacher's score there is nothing to agree with."""
    run = a_run()
    run["test"][3] = answer(3, None)

    assert (39, 39, 1, 0.025) == values_of(run, "student.n", "baseline.n", "teacher.failed", "teacher.failed_share")


def test_a_student_that_failed_everywhere_has_no_figures() -> None:
    """No judgment at all gives null figures and a full count of failures."""
    run = a_run()
    failed = [judgment(row["answer_id"], None) for row in run["test"]]

    expected = (None, None, 0, 40)
    names = ("student.pearson", "difference.pearson", "student.n", "student.failed")
    assert expected == values_of(run | {"student": failed}, *names)


def test_all_figures_are_there_on_all_answers_and_some_on_those_of_one_generator(evaluated: Evaluation) -> None:
    """A line for each figure, for each of student, baseline and difference; a generator named NA is none that is missing."""
    table = evaluated.figures
    parts = table[table["against"] == TEACHER].groupby(["judge", "slice"])["figure"].agg(set)

    some = set(BY_GENERATOR)
    assert {side: set(FIGURES) for side in ("student", "baseline", "overlap", "difference")} == parts.xs(ALL, level="slice").to_dict()
    for generator in ("NA", "small"):
        assert dict.fromkeys(("student", "baseline", "difference"), some) == parts.xs(f"generator={generator}", level="slice").to_dict()


def test_the_figures_of_a_generator_are_those_of_its_answers_alone(named: dict[str, Estimate]) -> None:
    """They are the figures of a run that has no other answers."""
    run = a_run()
    own = {name: run[name][1::2] for name in ("test", "student", "baseline")}

    alone = figures_of(run | own)

    expected = {name: pytest.approx(alone[f"student.{name}"].value) for name in BY_GENERATOR}
    assert expected == {name: named[f"student.by_generator.small.{name}"].value for name in BY_GENERATOR}
    assert 20 == named["student.by_generator.small.n"].value
