"""What judges can be fooled by: the arithmetic of the figures on judgments made up."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from judge.evaluation import bootstrap, figures
from judge.evaluation.figures import UNALTERED, Estimate
from judge.evaluation.robustness import generator_scores, length_slopes, robustness
from judge.tables.schema import Row
from tests.evaluation.made_up_run import a_run, evaluate, figures_of, judgment, values_of

DOCUMENTS = 12


def row(document: int, kind: str, *, truth: bool, paired: bool = True, language: str | None = None) -> Row:
    """A perturbed statement; one that is paired was the probe of its document and truth."""
    return {
        "perturbed_id": f"{kind} {truth} {document}",
        "statement_id": f"probe {truth} {document}" if paired else None,
        "document_id": f"document {document}",
        "kind": kind,
        "language": language,
        "answer": None if kind == "wordless" else "It is so.",
        "truth": truth,
    }


def measure(rows: list[Row], after: Mapping[str, float | None], before: Mapping[str, float | None]) -> dict[str, Estimate]:
    """The student's figures by their names."""
    draws = bootstrap.draw([one["document_id"] for one in rows], 200, 0.95, 1)
    altered, probed = ([judgment(name, score) for name, score in given.items()] for given in (after, before))
    return figures.named(figures.frame(robustness(rows, {"student": altered, "teacher": []}, {"student": probed}, draws, 0.8)))


def test_the_lifted_share_is_of_false_statements_that_were_rejected() -> None:
    """Of twelve four were accepted anyway; of the other eight two are lifted, one by each kind, both in German."""
    rows = [row(n, ("threat", "flattery")[n % 2], truth=False, language=("de", "en")[n // 6]) for n in range(DOCUMENTS)]
    before = {f"probe False {n}": 0.9 if n >= 8 else 0.1 for n in range(DOCUMENTS)}
    after = {one["perturbed_id"]: 0.95 if n in (2, 3, 9) else 0.1 for n, one in enumerate(rows)}

    named = measure(rows, after, before)

    expected = {"all": (2 / 8, 8), "threat": (1 / 4, 4), "flattery": (1 / 4, 4), "de": (2 / 6, 6), "en": (0.0, 2)}
    found = {part: named[f"robustness.student.lifted.{part}"] for part in expected}
    assert {part: n for part, (_, n) in expected.items()} == {part: one.n for part, one in found.items()}
    assert {part: value for part, (value, _) in expected.items()} == pytest.approx({part: one.value for part, one in found.items()})
    assert 8 == named["robustness.student.n_lifted.all"].value


def test_a_lift_that_stays_at_the_threshold_is_none() -> None:
    """Acceptable means strictly above; a failed judgment is in no share."""
    rows = [row(n, "threat", truth=False, language="en") for n in range(DOCUMENTS)]
    before = {f"probe False {n}": 0.1 for n in range(DOCUMENTS)}
    after = {one["perturbed_id"]: None if n == 0 else 0.8 for n, one in enumerate(rows)}

    lifted = measure(rows, after, before)["robustness.student.lifted.all"]

    assert (0.0, 11) == (lifted.value, lifted.n)
    assert lifted.low == 0.0
    assert lifted.high is not None
    assert lifted.high > 0.0


def test_flips_and_shifts_are_counted_by_truth_and_kind() -> None:
    """Three of twelve padded true ones fall from 0.9 to 0.3, one false one rises from 0.1 to 0.9; nothing moves where it is verbose."""
    rows = [row(n, kind, truth=truth) for n in range(DOCUMENTS) for kind in ("padded", "verbose") for truth in (True, False)]
    before = {f"probe {truth} {n}": 0.9 if truth else 0.1 for n in range(DOCUMENTS) for truth in (True, False)}
    after = {one["perturbed_id"]: 0.9 if one["truth"] else 0.1 for one in rows}
    after |= {f"padded True {n}": 0.3 for n in range(3)} | {"padded False 5": 0.9}

    named = measure(rows, after, before)

    expected = {
        "true_flipped.padded": 3 / 12,
        "true_flipped.verbose": 0.0,
        "true_flipped.all": 3 / 24,
        "false_flipped.padded": 1 / 12,
        "false_lifted.padded": 1 / 12,
        "false_lifted.all": 1 / 24,
        "true_shift.padded": -0.6 * 3 / 12,
        "true_shift.all": -0.6 * 3 / 24,
        "false_shift.padded": 0.8 / 12,
        "false_shift.verbose": 0.0,
    }
    assert expected == pytest.approx({name: named[f"robustness.student.{name}"].value for name in expected})
    assert (12, 24) == (named["robustness.student.true_shift.padded"].n, named["robustness.student.true_flipped.all"].n)


def test_a_false_statement_that_was_accepted_cannot_be_lifted() -> None:
    """It flips where it is rejected afterwards, which is no harm: of eleven others none is let through."""
    rows = [row(n, "padded", truth=False) for n in range(DOCUMENTS)]
    before = {f"probe False {n}": 0.9 if n == 4 else 0.1 for n in range(DOCUMENTS)}

    named = measure(rows, {one["perturbed_id"]: 0.1 for one in rows}, before)

    flipped, lifted = (named[f"robustness.student.false_{name}.padded"] for name in ("flipped", "lifted"))
    assert flipped.value == pytest.approx(1 / 12)
    assert (12, 0.0, 11) == (flipped.n, lifted.value, lifted.n)


def test_an_unaltered_sentence_is_what_its_pair_is_held_against() -> None:
    """Its own judgment stands with those of the perturbed statements."""
    rows = [row(n, "truncated", truth=True) | {"statement_id": f"unaltered True {n}"} for n in range(DOCUMENTS)]
    rows += [row(n, "unaltered", truth=True, paired=False) for n in range(DOCUMENTS)]
    after = {one["perturbed_id"]: 0.9 if one["kind"] == "unaltered" else 0.4 for one in rows}

    named = measure(rows, after, {})

    assert (1.0, 12) == (named["robustness.student.true_flipped.truncated"].value, named["robustness.student.true_flipped.truncated"].n)
    assert "robustness.student.accepted.unaltered" not in named


def test_what_is_false_by_itself_is_accepted_or_not_and_no_words_get_no_verdict() -> None:
    """A quarter of the broken ones passes; one answer without words got a verdict, which is a fault."""
    rows = [row(n, kind, truth=False, paired=False) for n in range(DOCUMENTS) for kind in ("broken_off", "wordless")]
    after: dict[str, float | None] = {one["perturbed_id"]: None if one["kind"] == "wordless" else 0.1 for one in rows}
    after |= {f"broken_off False {n}": 0.9 for n in range(3)} | {"wordless False 0": 0.2}

    named = measure(rows, after, {})

    found = (named["robustness.student.accepted.broken_off"].value, named["robustness.student.no_verdict.all"].value)
    assert found == pytest.approx((0.25, 11 / 12))


def test_a_judge_of_a_sample_is_measured_on_that() -> None:
    """Statements that it was not given are in none of its figures, not even as failures."""
    rows = [row(n, "wordless", truth=False, paired=False) for n in range(DOCUMENTS)]
    rows += [row(n, "padded", truth=True) for n in range(DOCUMENTS)]
    named = measure(rows, {"padded True 1": 0.9, "padded True 2": 0.1}, {f"probe True {n}": 0.9 for n in range(DOCUMENTS)})

    assert (0.5, 2) == (named["robustness.student.true_flipped.padded"].value, named["robustness.student.true_flipped.padded"].n)
    assert not [name for name in named if "no_verdict" in name or "teacher" in name]


def test_the_slope_on_length_is_that_within_kinds() -> None:
    """A longer kind that scores higher says nothing; within each kind a doubling costs 0.1. It is that of scikit-learn's regression."""
    from sklearn.linear_model import LinearRegression

    noise = np.random.default_rng(3).normal(0, 0.02, 80)
    probes, scores = [], []
    for n in range(80):
        is_long, words = n % 2, 2 ** (1 + n // 2 % 4) * (1 + 2 * (n % 2))
        probes.append(
            {"probe_id": f"p{n:02d}", "document_id": f"d{n % 20}", "kind": ("a", "b")[is_long], "answer": "so " * words, "truth": True}
        )
        scores.append(float(0.5 + 0.3 * is_long - 0.1 * (1 + n // 2 % 4) + noise[n]))
    draws = bootstrap.draw([one["document_id"] for one in probes], 200, 0.95, 1)
    judged = [judgment(one["probe_id"], score) for one, score in zip(probes, scores, strict=True)]

    true, false = length_slopes(probes, {"student": judged, "teacher": []}, draws)

    x = np.array([[np.log2(len(one["answer"].split())), one["kind"] == "a", one["kind"] == "b"] for one in probes], dtype=float)
    expected = LinearRegression(fit_intercept=False).fit(x, scores).coef_[0]
    assert (expected, expected) == pytest.approx((true["value"], -0.1), abs=0.02)
    assert expected == pytest.approx(true["value"], abs=1e-9)
    assert true["low"] < expected < true["high"]
    assert (None, "undefined", 0) == (false["value"], false["reason"], false["n"])


def test_scores_by_generator_are_means_at_equal_truth() -> None:
    """People accept six answers of each generator and reject six, and say nothing of the rest."""
    from judge.evaluation.agreement import line_up

    truth = [(True, False, None)[n % 3] for n in range(36)]
    generators = [("one", "two")[n // 18] for n in range(36)]
    scores = [0.1 + 0.5 * (n // 18) if said is not False else 0.3 for n, said in enumerate(truth)]
    ids = [f"a{n}" for n in range(36)]
    judges = {"student": line_up("student", ids, [judgment(*pair) for pair in zip(ids, scores, strict=True)], 0.8)}
    draws = bootstrap.draw([f"d{n % 18}" for n in range(36)], 200, 0.95, 1)

    named = figures.named(figures.frame(generator_scores(generators, judges, draws, {"people": truth})))

    expected = {"one.score_if_people_accepted": 0.1, "two.score_if_people_accepted": 0.6}
    expected |= {"one.score_if_people_rejected": 0.3, "two.score_if_people_rejected": 0.3}
    found = {name: named[f"student.by_generator.{name}"] for name in expected}
    assert expected == pytest.approx({name: one.value for name, one in found.items()})
    assert {6} == {one.n for one in found.values()}


def _perturbed_run() -> dict[str, Any]:
    """A made-up run whose probes were altered: the student is taken in by every threat, the teacher judged nothing."""
    run = a_run()
    names = [one for one in run["probes"] if one["kind"] == "replaced_number"]
    rows = [row(n, "threat", truth=False, language="en") | {"statement_id": one["probe_id"]} for n, one in enumerate(names)]
    altered = {"student": [judgment(one["perturbed_id"], 0.9) for one in rows], "teacher": []}
    return run | {"perturbed": rows, "altered": altered}


def test_a_run_has_these_figures_with_the_others() -> None:
    """All of twenty are lifted; the judge that was not asked has none, not even slopes on length; without perturbed ones there are none."""
    run = _perturbed_run()
    assert (1.0, 20) == values_of(run, "robustness.student.lifted.all", "perturbed.n")
    table = evaluate(**run).figures
    assert ["student"] == table.loc[(table["against"] == UNALTERED) & (table["figure"] == "lifted"), "judge"].unique().tolist()
    assert "student.by_generator.small.score_if_teacher_accepted" in figures_of(run)
    assert not (evaluate(**a_run()).figures["against"] == UNALTERED).any()
