"""How many labels it takes."""

import numpy as np
import pytest

from judge.errors import TableError
from judge.evaluation import figures
from judge.evaluation.agreement import class_agreement
from judge.evaluation.bootstrap import Mask, draw
from judge.evaluation.corrected import Answers, prediction_powered
from judge.evaluation.figures import ALL, NONE, TEACHER, Estimate, counted, measured
from judge.evaluation.label_plan import Assumed, Planned, assumed, kappa_half_width, labels_missing, plan, share_half_width

# What people and judge say: 50 answers both accept, 10 people alone, 5 the judge alone, 35 neither.
SHARES = np.array([0.5, 0.1, 0.05, 0.35])
KAPPA = 2 * (0.5 * 0.35 - 0.1 * 0.05) / (0.6 * 0.45 + 0.55 * 0.4)
GIVEN = Assumed(KAPPA, judge=0.55, people=0.6, design=1.0, judged=2000, confidence=0.95)


def _drawn(generator: np.random.Generator, answers: int) -> tuple[Mask, Mask]:
    """The classes by people and by the judge."""
    cell = generator.choice(4, answers, p=SHARES)
    return cell < 2, (cell == 0) | (cell == 2)


@pytest.mark.parametrize("labels", [50, 200])
def test_the_interval_of_kappa_is_as_wide_as_was_to_be_expected(labels: int) -> None:
    """Within 15%, on average over 40 samples whose intervals are made as those of the figures."""
    generator = np.random.default_rng(labels)
    halves = []
    for seed in range(40):
        draws = draw([f"document {number}" for number in range(labels)], 400, 0.95, seed)
        people, judge = _drawn(generator, labels)
        figure = draws.figure(class_agreement(people, judge, draws)["kappa"], "agreement")
        assert figure.low is not None
        assert figure.high is not None
        halves.append((figure.high - figure.low) / 2)

    assert np.mean(halves) == pytest.approx(kappa_half_width(GIVEN, labels), rel=0.15)


@pytest.mark.parametrize("labels", [50, 200])
def test_the_interval_of_a_corrected_share_is_as_wide_as_was_to_be_expected(labels: int) -> None:
    """Within 15%, on average over 40 samples of 2,000 answers, for a judge that gives its class alone."""
    generator = np.random.default_rng(labels)
    halves = []
    for _ in range(40):
        people, judge = _drawn(generator, GIVEN.judged)
        asked = np.where(np.arange(GIVEN.judged) < labels, people, np.nan)
        chance = np.full(GIVEN.judged, labels / GIVEN.judged)
        low, high = prediction_powered(Answers(judge.astype(float), judge, asked, chance, np.arange(GIVEN.judged))).ends(0.95)
        halves.append((high - low) / 2)

    assert np.mean(halves) == pytest.approx(share_half_width(GIVEN, labels), rel=0.15)


def test_kappa_has_the_variance_of_the_published_formula() -> None:
    """Fleiss, Cohen and Everitt by statsmodels, from the same table of counts."""
    from statsmodels.stats.inter_rater import cohens_kappa

    table = (SHARES * 100).reshape(2, 2)
    expected = cohens_kappa(table)
    assert expected.kappa == pytest.approx(KAPPA)
    assert 1.959964 * expected.std_kappa == pytest.approx(kappa_half_width(GIVEN, 100), rel=1e-6)


def test_documents_with_several_answers_cost_labels() -> None:
    """With every answer labelled the variance is that many times larger; with few of them hardly any share a document."""
    documents = GIVEN._replace(design=4.0)
    assert 2 * kappa_half_width(GIVEN, 2000) == pytest.approx(kappa_half_width(documents, 2000))
    assert kappa_half_width(GIVEN, 25) == pytest.approx(kappa_half_width(documents, 25), rel=0.03)


def test_a_plan_has_a_row_for_each_number_of_labels_that_there_are_answers_for() -> None:
    """The last one is all of them, and more labels are never worse."""
    rows = plan(GIVEN._replace(judged=114))
    assert [25, 50, 100, 114] == [row.labels for row in rows]
    assert rows == sorted(rows, key=lambda row: (-row.kappa, -row.share))
    assert [Planned(25, kappa_half_width(GIVEN, 25), share_half_width(GIVEN, 25))] == plan(GIVEN, [25])


def test_a_kappa_that_the_shares_rule_out_is_taken_as_the_nearest() -> None:
    """A judge that accepts nine of ten cannot agree fully with people who accept one of ten."""
    apart = Assumed(0.9, judge=0.9, people=0.1, design=1.0, judged=500, confidence=0.95)
    assert 0 <= kappa_half_width(apart, 100) < 1
    assert 0 < share_half_width(apart, 100) < 0.1


def _table(kappa: tuple[float | None, float | None, float | None, str | None], judge: float) -> list[dict[str, object]]:
    return [
        measured("student", TEACHER, ALL, "kappa", 120, kappa),
        measured("student", NONE, ALL, "acceptable_share", 120, (judge, None, None, None)),
        measured("teacher", NONE, ALL, "acceptable_share", 120, (0.6, None, None, None)),
        counted("interval", NONE, "confidence", None, 0.95),
    ]


def test_what_is_assumed_is_the_agreement_of_student_and_teacher() -> None:
    """The design effect is how much wider its interval is, squared, than it would be without documents."""
    narrow = kappa_half_width(Assumed(KAPPA, 0.55, 0.6, 1.0, 120, 0.95), 120)
    table = figures.frame(_table((KAPPA, KAPPA - 1.5 * narrow, KAPPA + 1.5 * narrow, None), 0.55))
    given = assumed(table)
    assert (KAPPA, 0.55, 0.6, 120, 0.95) == (given.kappa, given.judge, given.people, given.judged, given.confidence)
    assert 2.25 == pytest.approx(given.design)
    assert 1.5 * narrow == pytest.approx(kappa_half_width(given, 120))


@pytest.mark.parametrize(("kappa", "judge"), [(None, 0.5), (0.0, 1.0)])
def test_what_suggests_nothing_is_said(kappa: float | None, judge: float) -> None:
    """Kappa is undefined, or the judge accepts everything."""
    with pytest.raises(TableError, match=r"suggests nothing about labels of people\.\nNext: `judge annotate`"):
        assumed(figures.frame(_table((kappa, None, None, None), judge)))


@pytest.mark.parametrize(
    ("now", "bound", "missing"),
    [
        (Estimate(0.8, 0.6, 0.9, 50, None), 0.5, 0),
        # Half as wide an interval ends at 0.7 exactly, which is not above it.
        (Estimate(0.8, 0.6, 0.9, 50, None), 0.7, 151),
        (Estimate(0.8, 0.6, 0.9, 50, None), 0.6, 1),
        (Estimate(0.8, 0.6, 0.9, 50, None), 0.8, None),
        (Estimate(0.8, None, None, 50, "few_documents"), 0.5, None),
        (Estimate(None, None, None, 50, "undefined"), 0.5, None),
    ],
)
def test_how_many_more_labels_until_a_rule_can_tell(now: Estimate, bound: float, missing: int | None) -> None:
    """An interval narrows with the root of its labels, and no number of them lifts the figure itself."""
    assert missing == labels_missing(now, bound)
