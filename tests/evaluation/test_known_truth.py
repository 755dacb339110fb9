"""How well judges tell true statements from false ones."""

import pytest

from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import TRUTH, Estimate
from tests.evaluation.made_up_run import JUDGES, a_run, evaluate, figures_of, judgment, values_of


def test_a_kind_of_probe_is_measured_against_all_true_statements(named: dict[str, Estimate]) -> None:
    """Judges that see every number and half of the names get 1 and 0.75."""
    expected = {"replaced_number": 1.0, "replaced_name": 0.75, "all": 0.875}

    assert expected == {kind: named[f"probe.teacher.auroc.{kind}"].value for kind in expected}


def test_the_brier_score_of_the_probes_takes_the_score_as_a_probability(named: dict[str, Estimate]) -> None:
    """Fifty of sixty statements are missed by 0.1, ten by 0.9."""
    expected = pytest.approx((50 * 0.1**2 + 10 * 0.9**2) / 60)

    assert expected == named["probe.student.brier"].value


def test_a_failed_judgment_of_a_probe_is_left_out_and_counted() -> None:
    """A false statement that the teacher gave no verdict on counts in no AUROC."""
    run = a_run()
    judged = run["probe_judgments"]["teacher"]
    judged[1] = judgment(judged[1]["item_id"], None)

    assert judged[1]["item_id"] == "probe 00 replaced_number"
    expected = (1.0, 19, 39, 59, 1, 20)
    names = ("auroc.replaced_number", "n.replaced_number", "n.all", "n", "failed", "n_true")
    assert expected == values_of(run, *(f"probe.teacher.{name}" for name in names))


def test_the_share_of_true_statements_stands_beside_the_brier_score(named: dict[str, Estimate]) -> None:
    """A third of the statements is true."""
    assert named["probe.true_share"].value == pytest.approx(1 / 3)


def test_a_judge_that_was_not_asked_for_the_probes_gets_no_figures_of_them() -> None:
    """No judgments of the teacher, or none of the overlap at all: the others keep theirs."""
    run = a_run()
    judged = run["probe_judgments"]
    some = {"teacher": [], "student": judged["student"], "baseline": judged["baseline"]}

    table = evaluate(**run | {"probe_judgments": some}).figures

    assert ["student", "baseline", "difference"] == table.loc[table["against"] == TRUTH, "judge"].unique().tolist()


def test_every_judge_that_was_asked_has_every_kind(evaluated: Evaluation) -> None:
    """The judges stand in the order given, each with the AUROC of all kinds first."""
    table = evaluated.figures
    aurocs = table[(table["against"] == TRUTH) & (table["figure"] == "auroc")]

    parts = ["all", "kind=replaced_name", "kind=replaced_number"]
    expected = [(judge, part) for judge in (*JUDGES, "difference") for part in parts]
    assert expected == list(zip(aurocs["judge"], aurocs["slice"], strict=True))


def test_the_shares_that_a_judge_accepts(named: dict[str, Estimate]) -> None:
    """All true statements, ten of forty false ones: half of the names and no number; each with its n and its interval."""
    expected = {"true_accepted": (1.0, 20), "false_accepted": (0.25, 40), "accepted.sentence": (1.0, 20)}
    expected |= {"accepted.replaced_name": (0.5, 20), "accepted.replaced_number": (0.0, 20)}

    shares = {name: named[f"probe.student.{name}"] for name in expected}

    assert expected == {name: (share.value, share.n) for name, share in shares.items()}
    assert all(share.low is not None and share.low < share.high for share in shares.values() if share.high is not None)
    assert all(share.reason is None for share in shares.values())


def test_a_failed_judgment_is_in_no_share() -> None:
    """Nineteen names are left, of which nine are accepted."""
    run = a_run()
    judged = run["probe_judgments"]["teacher"]
    judged[2] = judgment(judged[2]["item_id"], None)

    assert judged[2]["item_id"] == "probe 00 replaced_name"
    assert (9 / 19, 9 / 39) == pytest.approx(values_of(run, "probe.teacher.accepted.replaced_name", "probe.teacher.false_accepted"))


def test_without_probes_there_are_no_figures_of_known_truth() -> None:
    """Recorded judgments without passages leave nothing to make statements of."""
    run = a_run() | {"probes": [], "probe_judgments": {judge: [] for judge in JUDGES}}

    named = figures_of(run)

    expected = {"probe.n": 0, "probe.documents": 0}
    assert expected == {name: estimate.value for name, estimate in named.items() if name.startswith("probe.")}
    assert [] == evaluate(**run).plots["probes"]


def test_the_difference_is_that_of_student_and_baseline_on_the_same_statements() -> None:
    """A baseline that misses every name is behind by what the student's AUROC is above its own, with an interval of its own."""
    run = a_run()
    missed = [judgment(row["probe_id"], 0.9 if row["kind"] != "replaced_number" else 0.1) for row in run["probes"]]

    named = figures_of(run | {"probe_judgments": run["probe_judgments"] | {"baseline": missed}})

    student, baseline, ahead = (named[f"probe.{judge}.auroc.replaced_name"] for judge in ("student", "baseline", "difference"))
    assert ahead.value == pytest.approx(float(student.value or 0) - float(baseline.value or 0), abs=1e-11)
    assert (0.5, 20, True) == (baseline.value, ahead.n, ahead.low is not None)
    assert (0.0, "no_spread") == (
        named["probe.difference.auroc.replaced_number"].value,
        named["probe.difference.auroc.replaced_number"].reason,
    )
