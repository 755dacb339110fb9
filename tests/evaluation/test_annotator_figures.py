"""The rows of the table of figures about people among themselves and judges against them one by one."""

from typing import Any

import numpy as np
import pytest

from judge.evaluation import figures
from judge.evaluation.agreement import Judgments
from judge.evaluation.annotator_figures import against_annotators, p_values
from judge.evaluation.bootstrap import Draws, draw
from judge.evaluation.figures import Estimate
from judge.evaluation.paired_tests import mcnemar, williams

THRESHOLD, EPSILON, ANSWERS = 0.8, 0.2, 60
ITEMS = [f"answer {number:02d}" for number in range(ANSWERS)]


def draws_of(documents: int = 30) -> Draws:
    """Draws of the answers, as many about each of so many documents."""
    return draw([f"document {number % documents:02d}" for number in range(ANSWERS)], 300, 0.95, 3)


def judged(scores: Any) -> Judgments:
    """Judgments with these scores, NaN where one failed."""
    return Judgments(np.array(scores, dtype=float), np.array(scores, dtype=float), [None] * len(scores))


def people(errors: float = 0.15, names: str = "anna ben eva") -> dict[str, dict[str, float]]:
    """Labels 0 and 1 by people who err in a share of the answers; ben left out every fourth."""
    generator = np.random.default_rng(2)
    truth = np.arange(ANSWERS) % 2
    wrong = generator.random((ANSWERS, 3)) < errors
    given: dict[str, dict[str, float]] = {}
    for number, item in enumerate(ITEMS):
        for column, name in enumerate(names.split()):
            if name != "ben" or number % 4:
                given.setdefault(item, {})[name] = float(truth[number] ^ wrong[number, column])
    return given


def judges() -> dict[str, Judgments]:
    """A good student that failed on the first answer, a worse baseline and a teacher."""
    generator = np.random.default_rng(7)
    truth = np.arange(ANSWERS) % 2
    scores = {
        name: np.where(generator.random(ANSWERS) < errors, 1 - truth, truth) * 0.9
        for name, errors in (("student", 0.1), ("baseline", 0.4), ("teacher", 0.15))
    }
    return {name: judged(np.where((np.arange(ANSWERS) == 0) & (name == "student"), np.nan, own)) for name, own in scores.items()}


def found(labels: dict[str, dict[str, float]], documents: int = 30, of: dict[str, Judgments] | None = None) -> dict[str, Estimate]:
    """The figures by the names that rules of the gate spell."""
    rows = against_annotators(labels, ITEMS, judges() if of is None else of, THRESHOLD, draws_of(documents), EPSILON)
    return figures.named(figures.frame(rows))


def test_people_among_themselves_come_first_and_every_figure_has_a_name() -> None:
    """Counts, ceiling, alpha and pairs; then of every judge its figures, and those with each annotator; no name stands for two rows."""
    rows = against_annotators(people(), ITEMS, {"student": judges()["student"]}, THRESHOLD, draws_of(), EPSILON)

    names = [figures.name_of(row["judge"], row["against"], row["slice"], row["figure"]) for row in rows]
    of_people = ["annotators", "labels", "shared", "ceiling", "alpha", "alpha_levels", "kappa.anna+ben", "kappa.anna+eva", "kappa.ben+eva"]
    assert [f"human.{name}" for name in of_people] == names[:9]
    of_all = ["single_kappa", "ceiling_difference", "winning_rate", "advantage"]
    of_one = [f"by_annotator.{name}.{figure}" for name in ("anna", "ben", "eva") for figure in ("kappa", "advantage", "alternative_p")]
    assert {f"student.human.{name}" for name in of_all + of_one} == set(names[9:])
    assert len(names) == len(set(names))


def test_rows_behind_a_figure_are_counted() -> None:
    """All 60 answers are shared, ben labelled 45 of them; the student failed on the first, which ben did not label."""
    named = found(people())

    counts = {name: named[name].value for name in ("human.annotators", "human.labels", "human.shared")}
    assert {"human.annotators": 3, "human.labels": 165, "human.shared": 60} == counts
    rows = ("human.ceiling", "human.kappa.anna+ben", "student.human.single_kappa", "student.human.by_annotator.ben.kappa")
    assert [60, 45, 59, 45] == [named[name].n for name in rows]


def test_every_figure_has_its_interval() -> None:
    """Those of agreement hold their value and end at 1; winning rate and p-values have none."""
    named = found(people())

    for name in (
        "human.ceiling",
        "human.alpha",
        "student.human.single_kappa",
        "student.human.ceiling_difference",
        "teacher.human.advantage",
    ):
        estimate = named[name]
        assert estimate.value is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < estimate.value < estimate.high <= 1
    assert (None, None) == named["student.human.winning_rate"][1:3]


def test_without_labels_of_these_answers_there_is_nothing() -> None:
    """No label; only labels of answers that are gone."""
    assert {} == found({}) == found({"gone": {"anna": 1.0}})


def test_one_annotator_is_no_ceiling_and_still_a_person() -> None:
    """The judge is held against her; what takes two or three people says so."""
    named = found(people(names="anna"))

    for name in (
        "human.ceiling",
        "human.alpha",
        "student.human.ceiling_difference",
        "student.human.winning_rate",
        "student.human.advantage",
    ):
        assert (None, "few_annotators") == (named[name].value, named[name].reason)
    assert named["student.human.single_kappa"] == named["student.human.by_annotator.anna.kappa"]
    assert named["student.human.single_kappa"].low is not None


def test_people_without_an_answer_in_common_are_no_ceiling_either() -> None:
    """Half of the answers each."""
    labels = {item: {("anna", "ben")[number % 2]: float(number % 3 == 0)} for number, item in enumerate(ITEMS)}

    named = found(labels)

    assert "few_annotators" == named["human.ceiling"].reason == named["human.alpha"].reason
    assert not [name for name in named if name.startswith("human.kappa")]


def test_people_who_always_say_the_same_leave_agreement_undefined() -> None:
    """Everybody accepts everything: nothing tells agreement from habit, and the advantage is still known."""
    named = found({item: dict.fromkeys(("anna", "ben", "eva"), 1.0) for item in ITEMS}, of={"student": judged([0.9] * ANSWERS)})

    for name in ("human.ceiling", "human.alpha", "human.alpha_levels", "human.kappa.anna+ben", "student.human.single_kappa"):
        assert (None, "undefined") == (named[name].value, named[name].reason)
    assert (1.0, 1.0) == (named["student.human.winning_rate"].value, named["student.human.advantage"].value)


def test_people_who_agree_on_everything_have_no_interval() -> None:
    """Kappa and alpha are 1 in every draw."""
    named = found(people(errors=0.0))

    assert [(1.0, "no_spread")] * 2 == [(named[name].value, named[name].reason) for name in ("human.ceiling", "human.alpha")]


def test_few_documents_have_no_interval() -> None:
    """Nine of them."""
    named = found(people(), documents=9)

    for name in ("human.ceiling", "human.alpha", "student.human.ceiling_difference", "student.human.advantage"):
        assert (None, "few_documents") == (named[name].low, named[name].reason)


def test_a_judge_without_a_judgment_has_no_figure() -> None:
    """And n is 0."""
    named = found(people(), of={"student": judged([np.nan] * ANSWERS)})

    assert Estimate(None, None, None, 0, "undefined") == named["student.human.single_kappa"]
    assert Estimate(None, None, None, 0, "few_annotators") == named["student.human.winning_rate"]


def test_graded_labels_are_tested_by_their_distance_as_well() -> None:
    """As soon as someone says more than 0 and 1; alpha of the values then differs from that of the class."""
    graded = {item: {name: 0.85 if label and name == "eva" else label for name, label in own.items()} for item, own in people().items()}

    named = found(graded)

    assert named["human.alpha"] == found(people())["human.alpha"]
    assert named["human.alpha"].value != named["human.alpha_levels"].value
    assert {"student.human.winning_rate_levels", "student.human.advantage_levels"} < named.keys()
    assert "student.human.winning_rate_levels" not in found(people())


def test_the_order_of_labels_does_not_matter() -> None:
    """Labels read in another order give the same figures to the last digit."""
    labels = people()

    turned = {item: dict(reversed(own.items())) for item, own in reversed(labels.items())}

    assert found(labels) == found(turned)


def test_p_values_are_those_of_the_tests() -> None:
    """Of each difference, on the answers that both have judged and people were asked about."""
    of, truth = judges(), np.arange(ANSWERS) % 2 == 1
    asked = [None if number >= 50 else bool(said) for number, said in enumerate(truth)]

    named = figures.named(figures.frame(p_values(asked, of, THRESHOLD)))

    rows = slice(1, 50)
    student, baseline = of["student"].scores[rows], of["baseline"].scores[rows]
    expected = mcnemar(truth[rows], student > THRESHOLD, baseline > THRESHOLD).p
    correlated = williams(truth[rows].astype(float), student, baseline)
    assert correlated is not None
    assert [pytest.approx(expected), 49] == list(named["baseline_difference.human.mcnemar_p"][::3])
    assert pytest.approx(correlated.p) == named["baseline_difference.human.williams_p"].value
    assert {f"{name}.human.mcnemar_p" for name in ("difference", "baseline_difference", "teacher_baseline_difference")} < named.keys()


def test_williams_test_takes_the_mean_label_where_it_is_given() -> None:
    """Not the class alone."""
    of, said = judges(), [bool(number % 2) for number in range(ANSWERS)]
    levels = [number % 2 * (0.85 + number / 1000) for number in range(ANSWERS)]

    by_class, by_level = (
        figures.named(figures.frame(p_values(said, of, THRESHOLD, given)))["difference.human.williams_p"].value for given in (None, levels)
    )

    assert by_class != by_level


def test_without_people_or_judges_there_is_no_p_value() -> None:
    """Nobody asked; one judge alone; a student that says what the baseline says has p = 1 and no correlation to compare."""
    said = [bool(number % 2) for number in range(ANSWERS)]
    same = {name: judges()["baseline"] for name in ("student", "baseline")}

    assert [] == p_values([None] * ANSWERS, judges(), THRESHOLD)
    assert [] == p_values(said, {"student": judges()["student"]}, THRESHOLD)
    values = [(row["value"], row["reason"]) for row in p_values(said, same, THRESHOLD)]
    assert [(1.0, "of_a_test"), (None, "undefined")] == values
