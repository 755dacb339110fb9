"""The rules of the project's params.yaml, on judges that may not ship."""

from typing import Any

import numpy as np
import pytest

from judge.evaluation import figures
from judge.report import gate
from judge.report.gate import Decision
from judge.report.gate_command import _Section
from judge.settings import check, read_params
from tests.conftest import ROOT
from tests.evaluation.made_up_run import a_run, answer, evaluate, judgment
from tests.report.gate_by_hand import no_base

ANSWERS = 240


def scores() -> tuple[Any, Any]:
    """A teacher's scores, of which 30% are acceptable, and those of a judge as near to it as word overlap: r is about 0.93."""
    chance = np.random.default_rng(3)
    teacher = np.where(chance.random(ANSWERS) < 0.3, chance.uniform(0.81, 1.0, ANSWERS), chance.uniform(0.0, 0.79, ANSWERS))
    return teacher, np.clip(teacher + chance.normal(0, 0.1, ANSWERS), 0, 1)


def decided(student: Any, baseline: Any) -> dict[str, Decision]:
    """What the default rules decide of a student with these scores beside a baseline, by rule; and by `all`, under no rule's name."""
    run = a_run()
    for judge, of_judge in (("student", student), ("baseline", baseline)):
        run[judge] = [judgment(f"answer {number:03d}", float(score)) for number, score in enumerate(of_judge)]
    run["test"] = [answer(number, float(score)) for number, score in enumerate(scores()[0])]
    section = {**read_params(ROOT / "params.yaml")["gate"], "base": None}
    rules = check(_Section, {"gate": section}).gate
    decisions = gate.decide(rules, figures.named(evaluate(**run).figures), no_base)
    return {f"{decision.figure} {decision.rule}": decision for decision in decisions}


def verdict(decisions: dict[str, Decision]) -> str:
    """What the gate says of all rules together."""
    return gate.overall(list(decisions.values()))


def a_cosine() -> Any:
    """A judge whose scores have little to do with the teacher's, as plain cosine: r is about 0.4."""
    teacher, _ = scores()
    return np.clip(0.4 * teacher + np.random.default_rng(4).uniform(0.0, 0.6, ANSWERS) + 0.1, 0, 1)


@pytest.mark.parametrize("score", [0.0, 0.3, 0.8, 0.85, 1.0])
def test_a_judge_that_always_says_the_same_fails(score: float) -> None:
    """Always no and always yes, however sure: agreement beyond chance is 0 in every resample, which no rule may let through."""
    decisions = decided(np.full(ANSWERS, score), scores()[1])
    assert ("fail", "fail") == (verdict(decisions), decisions["student.kappa low at least 0.6"].outcome)


def test_plain_cosine_fails() -> None:
    """It agrees with the teacher too little, on classes and on scores."""
    decisions = decided(a_cosine(), scores()[1])
    assert ["fail", "fail"] == [decisions[f"student.{rule}"].outcome for rule in ("kappa low at least 0.6", "pearson low at least 0.8")]


def test_a_judge_that_is_no_better_than_the_best_baseline_fails() -> None:
    """Word overlap in the student's place keeps the bounds of agreement, and differs by nothing from the baseline that it is."""
    _, overlap = scores()
    decisions = decided(overlap, overlap)
    agreement = [decisions[f"student.{rule}"].outcome for rule in ("kappa low at least 0.6", "pearson low at least 0.8")]
    assert (["pass", "pass"], "fail") == (agreement, decisions["probe.difference.auroc.all low above 0"].outcome)


def test_a_judge_that_is_near_the_teacher_keeps_every_rule_of_agreement() -> None:
    """The rules can be kept: by a student that is nearer to the teacher than the baseline."""
    teacher, overlap = scores()
    # Not without any error: a rate of 1 has no interval.
    near = np.clip(teacher + np.random.default_rng(5).normal(0, 0.06, ANSWERS), 0, 1)
    decisions = decided(near, overlap)
    agreement = ("student.kappa", "student.pearson", "student.true_negative_rate", "student.failed_share")
    assert {"pass"} == {it.outcome for it in decisions.values() if it.figure in agreement}
