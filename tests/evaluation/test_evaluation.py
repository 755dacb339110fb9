"""What the evaluation puts into metrics and plots."""

import json
import math
from typing import Any

import numpy as np
import pytest

from judge.errors import JudgmentError, SettingsError
from judge.evaluation import plots
from judge.evaluation.evaluation import EvaluateSettings, Evaluation, evaluate
from judge.evaluation.figures import PRIMARY
from judge.settings import check
from judge.tables.files import _fault
from judge.tables.levels import Judgment, classify, interpolate
from judge.tables.rows import judgment_rows
from judge.tables.schema import DATASET, JUDGMENTS, PROBES, Row

SETTINGS = EvaluateSettings(resamples=100, confidence=0.95)
THRESHOLD = 0.8
DOCUMENTS = 20
JUDGES = ("teacher", "student", "baseline", "overlap")


def judgment(item_id: str, score: float | None) -> Row:
    """A row of a judgments table."""
    (row,) = judgment_rows([item_id], [Judgment(None, "no_verdict") if score is None else Judgment(interpolate(score))])
    return row


def answer(number: int, score: float | None) -> Row:
    """A row of the dataset: two answers a document, by two generators in turn."""
    judged = judgment("", score)
    return {
        "answer_id": f"answer {number:03d}",
        "question_id": f"question {number // 2}",
        "document_id": f"document {number // 2}",
        "generator": ("NA", "small")[number % 2],
        "question": "When?",
        "context": "It opened in 1890.",
        "reference": "1890",
        "answer": "In 1890.",
        "human_class": None,
        "teacher_levels": judged["levels"],
        "teacher_score": judged["score"],
        "teacher_class": None if judged["score"] is None else classify(judged["score"], THRESHOLD),
        "reason": judged["reason"],
    }


def probe(document: int, kind: str) -> Row:
    """A statement about a document; a sentence is true, every other kind is false."""
    return {
        "probe_id": f"probe {document:02d} {kind}",
        "document_id": f"document {document}",
        "kind": kind,
        "question": "What does the passage say?",
        "context": "It opened in 1890.",
        "answer": "It opened in 1809.",
        "truth": kind == "sentence",
    }


def a_run() -> dict[str, Any]:
    """The arguments of `evaluate`: a student near its teacher, a baseline at random, judges that see all numbers and half of the names."""
    generator = np.random.default_rng(0)
    teacher = generator.random(2 * DOCUMENTS)
    near = np.clip(teacher + generator.normal(0, 0.1, len(teacher)), 0, 1)
    probes = [probe(document, kind) for document in range(DOCUMENTS) for kind in ("sentence", "replaced_number", "replaced_name")]
    seen = [row["truth"] or (row["kind"] == "replaced_name" and int(row["document_id"].split()[1]) % 2 == 0) for row in probes]
    return {
        "test": [answer(number, float(score)) for number, score in enumerate(teacher)],
        "student": [judgment(f"answer {number:03d}", float(score)) for number, score in enumerate(near)],
        "baseline": [judgment(f"answer {number:03d}", float(score)) for number, score in enumerate(generator.random(len(teacher)))],
        "probes": probes,
        "probe_judgments": {
            judge: [judgment(row["probe_id"], 0.9 if hit else 0.1) for row, hit in zip(probes, seen, strict=True)] for judge in JUDGES
        },
        "threshold": THRESHOLD,
        "settings": SETTINGS,
        "seed": 7,
    }


@pytest.fixture(scope="module")
def evaluated() -> Evaluation:
    """The evaluation of `a_run`."""
    return evaluate(**a_run())


def test_the_rows_of_these_tests_are_rows_of_the_tables() -> None:
    """The made-up rows keep the rules of their tables, so the tests speak of what the stages pass."""
    run = a_run()
    checked = [(DATASET, run["test"]), (JUDGMENTS, run["student"]), (PROBES, run["probes"])]

    assert all(_fault(table, row) is None for table, rows in checked for row in rows)


def test_the_primary_figure_comes_first(evaluated: Evaluation) -> None:
    """Student, baseline and difference of the primary metric lead the file, each with its interval."""
    expected = [f"{side}.{PRIMARY}{end}" for side in ("student", "baseline", "difference") for end in ("", "_low", "_high")]

    assert expected == list(evaluated.metrics)[:9]


def test_every_figure_has_its_interval_or_the_reason_why_not(evaluated: Evaluation) -> None:
    """A null in the metrics always has its reason beside it."""
    metrics = evaluated.metrics
    unexplained = [
        key for key, value in metrics.items() if value is None and f"{key.removesuffix('_low').removesuffix('_high')}_reason" not in metrics
    ]

    assert not unexplained


def test_the_metrics_are_plain_json(evaluated: Evaluation) -> None:
    """Numbers, texts and null only: no NaN, no numpy."""
    assert evaluated.metrics == json.loads(json.dumps(evaluated.metrics, allow_nan=False))


def test_the_difference_is_student_less_baseline(evaluated: Evaluation) -> None:
    """Where both have judged all answers, the difference is that of the two figures."""
    metrics: Any = evaluated.metrics

    assert metrics["difference.kappa"] == pytest.approx(metrics["student.kappa"] - metrics["baseline.kappa"], abs=1e-11)


def test_a_student_like_the_baseline_differs_by_nothing_in_any_draw() -> None:
    """Both are resampled together: a student that equals the baseline has a difference without any spread."""
    run = a_run()

    metrics = evaluate(**run | {"student": run["baseline"]}).metrics

    expected = (0.0, "no_spread")

    assert expected == (metrics["difference.pearson"], metrics["difference.pearson_reason"])


def test_a_perfect_student_gets_one() -> None:
    """The teacher's own scores have r = 1."""
    run = a_run()
    copied = [judgment(row["answer_id"], row["teacher_score"]) for row in run["test"]]

    expected = pytest.approx(1.0, abs=1e-9)

    assert expected == evaluate(**run | {"student": copied}).metrics["student.pearson"]


def test_one_class_gives_none_and_not_nan() -> None:
    """A teacher that accepts nothing leaves AUROC null, with its reason."""
    run = a_run()
    rejected = [answer(number, number / 100) for number in range(2 * DOCUMENTS)]

    metrics = evaluate(**run | {"test": rejected}).metrics

    expected = (None, "undefined")

    assert expected == (metrics["student.auroc"], metrics["student.auroc_reason"])


def test_failed_judgments_are_left_out_and_counted() -> None:
    """A student without a verdict on one answer is measured on the others, and so is the difference; the baseline keeps all."""
    run = a_run()
    run["student"][3] = judgment("answer 003", None)

    metrics = evaluate(**run).metrics

    expected = (39, 40, 39, 1, 1)
    assert expected == tuple(
        metrics[key] for key in ("student.n", "baseline.n", "difference.n", "student.failed", "student.failed_by.no_verdict")
    )


def test_the_difference_is_of_the_answers_that_both_have_judged() -> None:
    """An answer that the student failed on counts for the difference as if it were not there."""
    run = a_run()
    run["student"][3] = judgment("answer 003", None)
    without = {name: rows[:3] + rows[4:] for name, rows in run.items() if name in {"test", "student", "baseline"}}

    expected = pytest.approx(evaluate(**run | without).metrics["difference.pearson"], abs=1e-11)

    assert expected == evaluate(**run).metrics["difference.pearson"]


def test_an_answer_that_the_teacher_failed_on_is_no_one_s_agreement() -> None:
    """Without a teacher's score there is nothing to agree with."""
    run = a_run()
    run["test"][3] = answer(3, None)

    metrics = evaluate(**run).metrics

    expected = (39, 39, 1, 0.025)
    assert expected == tuple(metrics[key] for key in ("student.n", "baseline.n", "teacher.failed", "teacher.failed_share"))


def test_a_student_that_failed_everywhere_has_no_figures() -> None:
    """No judgment at all gives null figures and a full count of failures."""
    run = a_run()
    failed = [judgment(row["answer_id"], None) for row in run["test"]]

    metrics = evaluate(**run | {"student": failed}).metrics

    expected = (None, None, 0, 40)
    assert expected == tuple(metrics[key] for key in ("student.pearson", "difference.pearson", "student.n", "student.failed"))


def test_a_missing_judgment_is_refused() -> None:
    """A test answer that the student was never asked about stops the evaluation."""
    run = a_run()

    with pytest.raises(JudgmentError, match="student has no judgment of 1 of 40 items"):
        evaluate(**run | {"student": run["student"][1:]})


def test_a_kind_of_probe_is_measured_against_all_true_statements(evaluated: Evaluation) -> None:
    """Judges that see every number and half of the names get 1 and 0.75."""
    expected = {"replaced_number": 1.0, "replaced_name": 0.75, "all": 0.875}

    assert expected == {kind: evaluated.metrics[f"probe.teacher.auroc.{kind}"] for kind in expected}


def test_the_brier_score_of_the_probes_takes_the_score_as_a_probability(evaluated: Evaluation) -> None:
    """Fifty of sixty statements are missed by 0.1, ten by 0.9."""
    expected = pytest.approx((50 * 0.1**2 + 10 * 0.9**2) / 60)

    assert expected == evaluated.metrics["probe.student.brier"]


def test_a_failed_judgment_of_a_probe_is_left_out_and_counted() -> None:
    """A false statement that the teacher gave no verdict on counts in no AUROC."""
    run = a_run()
    judged = run["probe_judgments"]["teacher"]
    judged[1] = judgment(judged[1]["item_id"], None)

    metrics = evaluate(**run).metrics

    assert judged[1]["item_id"] == "probe 00 replaced_number"
    expected = (1.0, 19, 39, 59, 1)
    names = ("auroc.replaced_number", "n.replaced_number", "n.all", "n", "failed")
    assert expected == tuple(metrics[f"probe.teacher.{name}"] for name in names)


def test_the_share_of_true_statements_stands_beside_the_brier_score(evaluated: Evaluation) -> None:
    """A third of the statements is true."""
    assert evaluated.metrics["probe.true_share"] == pytest.approx(1 / 3)


def test_a_judge_that_was_not_asked_for_the_probes_gets_no_figures_of_them() -> None:
    """No judgments of the teacher, or none of the overlap at all: the others keep theirs."""
    run = a_run()
    judged = run["probe_judgments"]
    metrics = evaluate(**run | {"probe_judgments": {"teacher": [], "student": judged["student"], "baseline": judged["baseline"]}}).metrics

    expected = {"student", "baseline"}
    assert expected == {key.split(".")[1] for key in metrics if key.startswith("probe.") and key.count(".") > 1}


def test_without_probes_there_are_no_figures_of_known_truth() -> None:
    """Recorded judgments without passages leave nothing to make statements of."""
    run = a_run()
    found = evaluate(**run | {"probes": [], "probe_judgments": {judge: [] for judge in JUDGES}})

    expected: Any = ({"probe.n": 0, "probe.documents": 0}, [])
    assert expected == ({key: value for key, value in found.metrics.items() if key.startswith("probe.")}, found.plots["probes"])


def asked_people() -> dict[str, Any]:
    """`a_run` in which people were asked about three answers of four, and said what the teacher says, except of every eighth."""
    run = a_run()
    turned = {"acceptable": "unacceptable", "unacceptable": "acceptable"}
    run["test"] = [
        row | {"human_class": None if number % 4 == 3 else turned[row["teacher_class"]] if number % 8 == 0 else row["teacher_class"]}
        for number, row in enumerate(run["test"])
    ]
    return run


def test_without_people_there_are_no_figures_against_them(evaluated: Evaluation) -> None:
    """A run of generated answers has no key that speaks of people."""
    assert not [key for key in evaluated.metrics if "human" in key]


def test_every_judge_is_held_against_people() -> None:
    """Of 30 answers that people were asked about, the teacher gives 25 their class; every figure is there for all three judges."""
    metrics = evaluate(**asked_people()).metrics

    expected: Any = (30, 30, 30, 30, pytest.approx(25 / 30))
    names = ("human.n", "student.human.n", "baseline.human.n", "teacher.human.n", "teacher.human.accuracy")
    assert expected == tuple(metrics[name] for name in names)
    wanted = {"n", "kappa", "accuracy", "f1", "mcc", "true_positive_rate", "true_negative_rate", "auroc"}
    for side in ("student", "baseline", "teacher", "difference"):
        found = {key.removeprefix(f"{side}.human.") for key in metrics if key.startswith(f"{side}.human.")}
        assert wanted == {name for name in found if not name.endswith(("_low", "_high", "_reason"))}


def test_the_figures_against_people_are_those_of_scikit_learn() -> None:
    """Kappa, F1, MCC and AUROC of the student, computed a second time from its own scores."""
    from sklearn.metrics import cohen_kappa_score, f1_score, matthews_corrcoef, roc_auc_score

    run = asked_people()
    metrics = evaluate(**run).metrics
    pairs = [(row["human_class"] == "acceptable", judged["score"]) for row, judged in zip(run["test"], run["student"], strict=True)]
    asked = [pair for pair, row in zip(pairs, run["test"], strict=True) if row["human_class"] is not None]
    said, scores = [said for said, _ in asked], [score for _, score in asked]
    called = [score > THRESHOLD for score in scores]

    expected = {
        "kappa": cohen_kappa_score(said, called),
        "f1": f1_score(said, called),
        "mcc": matthews_corrcoef(said, called),
        "auroc": roc_auc_score(said, scores),
    }
    assert pytest.approx(expected) == {name: metrics[f"student.human.{name}"] for name in expected}


def test_the_difference_against_people_is_student_less_teacher() -> None:
    """It is paired: a student that says what the teacher says differs by nothing in any draw."""
    run = asked_people()
    copied = [judgment(row["answer_id"], row["teacher_score"]) for row in run["test"]]
    metrics: Any = evaluate(**run).metrics
    same = evaluate(**run | {"student": copied}).metrics

    assert metrics["difference.human.kappa"] == pytest.approx(metrics["student.human.kappa"] - metrics["teacher.human.kappa"], abs=1e-11)
    assert (same["difference.human.kappa"], same["difference.human.kappa_reason"]) == (0.0, "no_spread")


def test_a_judge_that_failed_everywhere_has_no_figure_against_people() -> None:
    """Null with its reason, and n = 0."""
    run = asked_people()
    metrics = evaluate(**run | {"student": [judgment(row["answer_id"], None) for row in run["test"]]}).metrics

    expected = (0, None, "undefined", None)
    names = ("student.human.n", "student.human.auroc", "student.human.auroc_reason", "difference.human.kappa")
    assert expected == tuple(metrics[name] for name in names)


def test_people_come_right_after_the_primary_figure() -> None:
    """In the file, what people say stands before counts and every further figure, and changes none of the other keys."""
    with_people, without = (list(evaluate(**run).metrics) for run in (asked_people(), a_run()))

    assert with_people.index("human.n") == with_people.index("test.n") - len([key for key in with_people if "human." in key])
    assert without == [key for key in with_people if "human." not in key]


def test_the_order_of_the_rows_changes_nothing(evaluated: Evaluation) -> None:
    """Rows in another order give the same metrics to the last bit."""
    run = a_run()
    turned = {name: run[name][::-1] for name in ("test", "student", "baseline", "probes")}

    assert evaluated == evaluate(**run | turned)


def test_another_threshold_changes_the_classes_and_not_the_scores(evaluated: Evaluation) -> None:
    """At 0.5 more answers are acceptable, and r stays."""
    lower = evaluate(**a_run() | {"threshold": 0.5}).metrics
    shares: Any = (evaluated.metrics["teacher.acceptable_share"], lower["teacher.acceptable_share"])

    assert evaluated.metrics["student.pearson"] == lower["student.pearson"]
    assert shares[0] < shares[1]


def test_the_sweep_at_the_threshold_is_the_figure_itself(evaluated: Evaluation) -> None:
    """The row of 0.8 in the table of thresholds has the kappa of the metrics."""
    (row,) = [row for row in evaluated.plots["thresholds"] if row["threshold"] == THRESHOLD]

    assert evaluated.metrics["student.kappa"] == row["student_kappa"]


def test_the_curve_of_the_roc_runs_from_corner_to_corner(evaluated: Evaluation) -> None:
    """The student's curve begins at (0, 0) and ends at (1, 1)."""
    points = [(row["fpr"], row["tpr"]) for row in evaluated.plots["roc"] if row["judge"] == "student"]

    expected = ((0.0, 0.0), (1.0, 1.0))

    assert expected == (points[0], points[-1])


def test_the_bins_of_the_reliability_hold_every_answer(evaluated: Evaluation) -> None:
    """No probability falls between the bins."""
    expected = 2 * DOCUMENTS

    assert expected == sum(row["n"] for row in evaluated.plots["reliability"])


def test_a_bin_of_the_reliability_holds_the_probabilities_near_its_middle(evaluated: Evaluation) -> None:
    """The mean prediction of a bin is no further than 0.05 from the middle of the bin."""
    assert all(abs(row["mean_predicted"] - row["bin"]) <= 0.05 + 1e-12 for row in evaluated.plots["reliability"])


@pytest.mark.parametrize("name", plots.COLUMNS)
def test_a_plot_table_survives_its_csv_file(name: str, evaluated: Evaluation) -> None:
    """Rows read back are the rows written: full precision, null as null, and a generator named NA as itself."""
    rows = evaluated.plots[name]

    assert rows
    assert rows == plots.from_csv(plots.to_csv(name, rows))


def test_a_table_without_rows_still_names_its_columns() -> None:
    """`dvc plots` finds the columns of an empty curve."""
    expected = '"judge","fpr","tpr"\n'

    assert expected == plots.to_csv("roc", [])


def test_the_same_seed_gives_the_same_files(evaluated: Evaluation) -> None:
    """Two evaluations of one run have the same bytes."""
    again = evaluate(**a_run())

    assert json.dumps(evaluated.metrics) == json.dumps(again.metrics)
    assert [plots.to_csv(name, rows) for name, rows in evaluated.plots.items()] == [
        plots.to_csv(name, rows) for name, rows in again.plots.items()
    ]


def test_another_seed_moves_the_intervals_alone(evaluated: Evaluation) -> None:
    """The seed is of the bootstrap: the figure stays and its interval moves a little."""
    other = evaluate(**a_run() | {"seed": 8}).metrics
    ends: Any = (evaluated.metrics["student.pearson_low"], other["student.pearson_low"])

    assert evaluated.metrics["student.pearson"] == other["student.pearson"]
    assert ends[0] != ends[1]
    assert math.isclose(ends[0], ends[1], abs_tol=0.05)


@pytest.mark.parametrize("values", [{"resamples": 99, "confidence": 0.95}, {"resamples": 100, "confidence": 1.0}])
def test_settings_out_of_range_are_refused(values: dict[str, Any]) -> None:
    """Fewer than 100 resamples, or certainty, is no setting."""
    with pytest.raises(SettingsError, match="got"):
        check(EvaluateSettings, values)
