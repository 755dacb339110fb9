"""What the evaluation of a run holds as a whole."""

import json
import math
import statistics
from typing import Any

import pytest

from judge.errors import JudgmentError, SettingsError
from judge.evaluation import figures, plots
from judge.evaluation.definitions import FIGURES, PRIMARY
from judge.evaluation.evaluation import EvaluateSettings, Evaluation, summary
from judge.evaluation.figures import Estimate
from judge.settings import check
from judge.tables.files import row_fault
from judge.tables.schema import DATASET, JUDGMENTS
from judge.tables.statements import PROBES
from tests.evaluation.made_up_run import a_run, answer, asked_people, evaluate, figures_of, judgment


def test_the_rows_of_these_tests_are_rows_of_the_tables() -> None:
    """The made-up rows keep the rules of their tables, so the tests speak of what the stages pass."""
    run = a_run()
    checked = [(DATASET, run["test"]), (JUDGMENTS, run["student"]), (PROBES, run["probes"])]

    assert all(row_fault(table, row) is None for table, rows in checked for row in rows)


def test_the_primary_figure_comes_first(named: dict[str, Estimate]) -> None:
    """Student, baseline and difference of the primary figure lead the table, each with its interval."""
    first = list(named)[:3]

    assert [f"{side}.{PRIMARY}" for side in ("student", "baseline", "difference")] == first
    assert None not in [number for name in first for number in named[name][:3]]


def test_every_figure_has_its_interval_or_the_reason_why_not() -> None:
    """What has an interval at all has both ends, or says why not; what has no value says why.

    Only the settings of the intervals, and which baseline is the best, lack n.
    """
    run = asked_people()
    run["student"] = [judgment(row["answer_id"], 0.9) for row in run["test"]]
    table = evaluate(**run).figures

    estimated = table[table["against"] != "none"]
    measured = estimated[~estimated["figure"].isin(figures.COUNTS)]
    assert (measured["low"].isna() == measured["reason"].notna()).all()
    assert (measured["low"].isna() == measured["high"].isna()).all()
    assert {"undefined", "no_spread"} <= set(measured["reason"].dropna())
    assert table.loc[table["value"].isna(), "reason"].eq("undefined").all()
    assert {"confidence", "resamples", "best"} == set(table.loc[table["n"].isna(), "figure"])


def test_a_figure_stands_once(evaluated: Evaluation) -> None:
    """Judge, against, slice and figure are the key of the table, and so is a figure's name."""
    table = evaluated.figures

    assert not table.duplicated(["judge", "against", "slice", "figure"]).any()
    assert len(table) == len({figures.name_of(*row) for row in table[["judge", "against", "slice", "figure"]].itertuples(index=False)})


def test_failed_judgments_are_counted_by_reason() -> None:
    """Of forty answers the student has no verdict on one and an error on another."""
    run = a_run()
    run["student"][3] = judgment("answer 003", None)
    run["student"][4] = judgment("answer 004", None) | {"reason": "error"}

    named = figures_of(run)

    expected = {"judged": 38, "failed": 2, "failed_share": 0.05, "failed_by.no_verdict": 1, "failed_by.error": 1}
    assert expected == {name: named[f"student.{name}"].value for name in expected}
    assert 38 == named["student.acceptable_share"].n


def test_a_missing_judgment_is_refused() -> None:
    """A test answer that the student was never asked about stops the evaluation."""
    run = a_run()

    with pytest.raises(JudgmentError, match="student has no judgment of 1 of 40 items"):
        evaluate(**run | {"student": run["student"][1:]})


def test_the_order_of_the_rows_changes_nothing(evaluated: Evaluation) -> None:
    """Rows in another order give the same figures to the last bit."""
    run = a_run()
    turned = evaluate(**run | {name: run[name][::-1] for name in ("test", "student", "baseline", "probes")})

    assert figures.to_csv(evaluated.figures) == figures.to_csv(turned.figures)
    assert evaluated.plots == turned.plots


def test_another_threshold_changes_the_classes_and_not_the_scores(named: dict[str, Estimate]) -> None:
    """At 0.5 more answers are acceptable, and r stays."""
    lower = figures_of(a_run() | {"threshold": 0.5})
    shares: Any = (named["teacher.acceptable_share"].value, lower["teacher.acceptable_share"].value)

    assert named["student.pearson"] == lower["student.pearson"]
    assert shares[0] < shares[1]


def test_the_same_seed_gives_the_same_files(evaluated: Evaluation) -> None:
    """Two evaluations of one run have the same bytes."""
    again = evaluate(**a_run())

    assert figures.to_csv(evaluated.figures) == figures.to_csv(again.figures)
    assert [plots.to_csv(name, rows) for name, rows in evaluated.plots.items()] == [
        plots.to_csv(name, rows) for name, rows in again.plots.items()
    ]


def test_another_seed_moves_the_intervals_alone(named: dict[str, Estimate]) -> None:
    """The seed is of the bootstrap: the figure stays and its interval moves a little."""
    here, other = named["student.pearson"], figures_of(a_run() | {"seed": 8})["student.pearson"]
    ends: Any = (here.low, other.low)

    assert here.value == other.value
    assert ends[0] != ends[1]
    assert math.isclose(ends[0], ends[1], abs_tol=0.05)


def test_the_summary_has_the_few_figures_that_runs_are_told_apart_by(evaluated: Evaluation, named: dict[str, Estimate]) -> None:
    """Flat and plain JSON, r and kappa of the student first; kappa with people only where they were asked."""
    values = summary(evaluated.figures)
    r = named["student.pearson"]

    keys = ["pearson", "pearson_low", "pearson_high", "kappa", "kappa_low", "kappa_high", "baseline_pearson", "baseline_kappa"]
    keys += ["true_negative_rate", "calibration", "acceptable_share", "test_rows"]
    assert keys == list(values)
    assert [r.value, r.low, r.high, 40] == [values[key] for key in (*keys[:3], "test_rows")]
    assert '"test_rows": 40}' in json.dumps(values, allow_nan=False)
    assert [*keys, "human_kappa"] == list(summary(evaluate(**asked_people()).figures))


def test_the_summary_of_a_run_without_a_figure_says_null() -> None:
    """A teacher of one class leaves kappa undefined, and the key stays."""
    rejected = [answer(number, 0.1) for number in range(40)]

    values = summary(evaluate(**a_run() | {"test": rejected}).figures)

    assert (None, None, None) == (values["pearson"], values["pearson_low"], values["baseline_pearson"])


@pytest.mark.parametrize("values", [{"resamples": 99, "confidence": 0.95}, {"resamples": 100, "confidence": 1.0}])
def test_settings_out_of_range_are_refused(values: dict[str, Any]) -> None:
    """Fewer than 100 resamples, or certainty, is no setting."""
    with pytest.raises(SettingsError, match="got"):
        check(EvaluateSettings, values)


def test_trainings_from_other_seeds_give_the_spread_of_every_figure() -> None:
    """The standard deviation over the student and those trained again, with their number; without any there is none."""
    run = a_run()
    again = {str(seed): [judgment(row["item_id"], min(1.0, row["score"] + seed / 100)) for row in run["student"]] for seed in (1, 2)}

    named = figures_of(run | {"retrained": again})

    alone = [figures_of(run | {"student": rows})["student.mae"].value for rows in (run["student"], *again.values())]
    assert named["student.seed_spread.mae"].value == pytest.approx(statistics.stdev(float(value or 0) for value in alone))
    assert (3, None) == (named["student.seed_spread.mae"].n, named["student.seed_spread.mae"].low)
    assert not any("seed_spread" in name for name in figures_of(run))


def test_judgments_out_of_fold_are_measured_apart_from_test() -> None:
    """Of training answers that were judged by what had not learnt from them: student and strongest baseline, and no others."""
    run = a_run()
    train = [row | {"answer_id": f"train {number}", "document_id": f"other {number // 2}"} for number, row in enumerate(run["test"])]
    judged = {
        name: [row | {"item_id": f"train {number}"} for number, row in enumerate(run[side])]
        for name, side in (("student", "student"), ("overlap", "baseline"))
    }
    judged["student"] = judged["student"][:30]

    named = figures_of(run | {"train": train, "out_of_fold": judged | {"cosine": judged["overlap"]}})

    assert (30, 30) == (named["student.out_of_fold.pearson"].n, named["baseline.out_of_fold.pearson"].n)
    assert not any(name.startswith("cosine") for name in named)
    assert named["student.pearson"].n == 40


def test_the_strongest_baseline_is_named(evaluated: Evaluation) -> None:
    """The table says which of the baselines it is that stands as `baseline`, and has each of them under its own name."""
    assert "overlap" == figures.best_baseline(evaluated.figures)
    assert ["overlap"] == figures.baselines(evaluated.figures)


def test_the_strongest_baseline_has_the_same_figures_under_both_names(named: dict[str, Estimate]) -> None:
    """As `baseline` and under its own name every figure has one value and one interval."""
    assert {name: named[f"baseline.{name}"] for name in FIGURES} == {name: named[f"overlap.{name}"] for name in FIGURES}
