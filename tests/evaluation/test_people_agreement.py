"""How far every judge agrees with people."""

import pytest

from judge.evaluation.definitions import AGAINST_PEOPLE
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import PEOPLE, Estimate
from tests.evaluation.made_up_run import THRESHOLD, a_run, asked_people, evaluate, figures_of, judgment, values_of


def test_without_people_there_are_no_figures_against_them(evaluated: Evaluation) -> None:
    """A run of generated answers has no row that speaks of people, but what the judge alone says of each system."""
    of_people = (evaluated.figures["against"] == PEOPLE) | (evaluated.figures["judge"] == PEOPLE)
    assert {"systems"} == set(evaluated.figures.loc[of_people, "judge"])


def test_every_judge_is_held_against_people() -> None:
    """Of 30 answers that people were asked about, the teacher gives 25 their class; every judge that states a probability has all figures.

    The simple judges stand there by name, the strongest of them as `baseline` as well; the teacher has no figure of a probability.
    """
    table = evaluate(**asked_people()).figures
    names = ("human.n", "student.human.n", "baseline.human.n", "teacher.human.n", "teacher.human.accuracy")

    assert (30, 30, 30, 30, pytest.approx(25 / 30)) == values_of(asked_people(), *names)
    of_judges = (table["against"] == PEOPLE) & (table["judge"] != "systems") & ~table["figure"].str.endswith("_p")
    against_people = table[of_judges].groupby("judge")["figure"].agg(list).to_dict()
    of_classes = [name for name in AGAINST_PEOPLE if name not in ("brier", "ece")]
    of_teacher = dict.fromkeys(("teacher", "difference", "teacher_baseline_difference"), of_classes)
    everything = {judge: list(AGAINST_PEOPLE) for judge in ("student", "baseline", "overlap", "baseline_difference")}
    assert everything | of_teacher == against_people


def test_the_base_rate_stands_beside_them() -> None:
    """Which share of the answers people accept, with its interval."""
    run = asked_people()
    said = [row["human_class"] for row in run["test"] if row["human_class"] is not None]
    found = figures_of(run)["human.acceptable_share"]
    share = said.count("acceptable") / len(said)
    assert pytest.approx(share) == found.value
    assert len(said) == found.n
    assert found.low is not None
    assert found.low < share


def test_the_figures_against_people_are_those_of_scikit_learn() -> None:
    """Kappa, F1 of both classes, MCC and AUROC of the student, computed a second time from its own scores."""
    from sklearn.metrics import cohen_kappa_score, f1_score, matthews_corrcoef, roc_auc_score

    run = asked_people()
    pairs = [(row["human_class"] == "acceptable", judged["score"]) for row, judged in zip(run["test"], run["student"], strict=True)]
    asked = [pair for pair, row in zip(pairs, run["test"], strict=True) if row["human_class"] is not None]
    said, scores = [said for said, _ in asked], [score for _, score in asked]
    called = [score > THRESHOLD for score in scores]

    expected = {
        "kappa": cohen_kappa_score(said, called),
        "f1": f1_score(said, called),
        "f1_unacceptable": f1_score(said, called, pos_label=False),
        "mcc": matthews_corrcoef(said, called),
        "auroc": roc_auc_score(said, scores),
    }
    named = figures_of(run)
    assert pytest.approx(expected) == {name: named[f"student.human.{name}"].value for name in expected}


def test_the_difference_against_people_is_student_less_teacher() -> None:
    """It is paired: a student that says what the teacher says differs by nothing in any draw."""
    run = asked_people()
    copied = [judgment(row["answer_id"], row["teacher_score"]) for row in run["test"]]

    student, teacher, difference = values_of(run, *(f"{side}.human.kappa" for side in ("student", "teacher", "difference")))
    same = figures_of(run | {"student": copied})["difference.human.kappa"]

    assert student is not None
    assert teacher is not None
    assert difference == pytest.approx(student - teacher, abs=1e-11)
    assert (0.0, "no_spread") == (same.value, same.reason)


def test_the_difference_to_the_baseline_is_student_less_strongest_baseline() -> None:
    """By its own name, on the answers that both have judged; a rule of the gate spells it student's way."""
    run = asked_people()
    failed = [judgment(row["answer_id"], None) for row in run["test"][:5]]
    named = figures_of(run | {"baseline": [*failed, *run["baseline"][5:]]})
    of_both = figures_of(run | {"test": run["test"][5:]})

    student, baseline = of_both["student.human.accuracy"].value, of_both["baseline.human.accuracy"].value
    assert student is not None
    assert baseline is not None
    assert pytest.approx(student - baseline) == named["baseline_difference.human.accuracy"].value
    # Of the first five one is among those that nobody was asked about.
    assert (30, 26) == (named["student.human.n"].value, named["baseline_difference.human.n"].value)
    assert named["overlap.human.kappa"] == named["baseline.human.kappa"]
    teacher = of_both["teacher.human.accuracy"].value
    assert teacher is not None
    assert pytest.approx(teacher - baseline) == named["teacher_baseline_difference.human.accuracy"].value


def test_a_judge_that_failed_everywhere_has_no_figure_against_people() -> None:
    """Null with its reason, and n = 0."""
    run = asked_people()

    named = figures_of(run | {"student": [judgment(row["answer_id"], None) for row in run["test"]]})

    nothing = Estimate(None, None, None, 0, "undefined")
    assert (nothing, nothing) == (named["student.human.auroc"], named["difference.human.kappa"])


def test_people_come_right_after_the_primary_figure() -> None:
    """In the table, what people say stands before counts and every further figure, and changes none of the other rows."""
    with_people, without = (evaluate(**run).figures for run in (asked_people(), a_run()))
    of_systems = with_people["judge"] == "systems"
    of_people = ((with_people["against"] == PEOPLE) | (with_people["judge"] == PEOPLE)) & ~of_systems

    first = with_people[of_people].index[0]
    assert with_people[of_people].index.tolist() == list(range(first, first + of_people.sum()))
    assert {"pearson"} == set(with_people["figure"][:first])
    # Scores at equal truth stand at the end, with the other figures of a generator.
    by_people = with_people["figure"].str.startswith("score_if_people")
    rest = with_people[~of_people & ~by_people & ~of_systems].reset_index(drop=True)
    assert without[without["judge"] != "systems"].reset_index(drop=True).equals(rest)
