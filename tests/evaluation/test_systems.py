"""The figures of systems, as rows of the table."""

from collections.abc import Iterable

import numpy as np
import pytest

from judge.evaluation import figures
from judge.evaluation.agreement import Judgments, line_up
from judge.evaluation.bootstrap import Draws, draw
from judge.evaluation.figures import PEOPLE, Estimate
from judge.evaluation.systems import systems
from judge.tables.levels import ACCEPTABLE
from tests.evaluation.made_up_run import THRESHOLD, answer, judgment

ROWS = [answer(number, 0.9 if number % 3 else 0.1) for number in range(60)]
CHANCES = {row["answer_id"]: 0.5 for row in ROWS}
# People accept what the teacher does; the student errs on every tenth answer.
VERDICTS = {row["answer_id"]: row["teacher_class"] for row in ROWS}


def _draws(order: Iterable[int]) -> Draws:
    return draw([ROWS[number]["document_id"] for number in order], 100, 0.95, 1)


DRAWS = _draws(range(len(ROWS)))


def _judge(failed: int = 0) -> Judgments:
    scores = [1 - row["teacher_score"] if number % 10 == 0 else row["teacher_score"] for number, row in enumerate(ROWS)]
    given = [judgment(row["answer_id"], None if n < failed else score) for n, (row, score) in enumerate(zip(ROWS, scores, strict=True))]
    return line_up("student", [row["answer_id"] for row in ROWS], given, THRESHOLD)


def _named(labelled: int, failed: int = 0) -> dict[str, Estimate]:
    verdicts = dict(list(VERDICTS.items())[:labelled])
    return figures.named(figures.frame(systems(ROWS, _judge(failed), verdicts, CHANCES, THRESHOLD, DRAWS)))


def test_every_system_and_all_of_them_have_their_figures() -> None:
    """Each under its name, and how far one is ahead of another."""
    found = _named(40)
    each = [f"systems.{name}.{figure}" for name in ("all", "NA", "small") for figure in ("corrected", "labelled", "rogan_gladen", "naive")]
    counts = [f"systems.{name}.{figure}" for name in ("all", "NA", "small") for figure in ("judged", "labels_saved", "n")]
    assert {*each, *counts, "systems.NA,small.ahead", "systems.NA,small.n"} == set(found)
    assert all(found[name].low is not None for name in each)
    assert [60, 40, 20] == [found[f"systems.{name}"].value for name in ("all.judged", "all.n", "NA.n")]


def test_with_every_answer_labelled_the_corrected_share_is_that_of_the_people() -> None:
    """Of each system, and the difference is that of two counts; the judge alone says something else."""
    found = _named(60)
    shares = {name: np.mean([row["teacher_class"] == ACCEPTABLE for row in ROWS if row["generator"] == name]) for name in ("NA", "small")}
    assert shares == pytest.approx({name: found[f"systems.{name}.corrected"].value for name in shares})
    assert shares["NA"] - shares["small"] == pytest.approx(found["systems.NA,small.ahead"].value)
    assert 0 == found["systems.all.labels_saved"].value
    assert 0.05 < abs((found["systems.NA.naive"].value or 0) - shares["NA"])


def test_without_labels_there_is_what_the_judge_says() -> None:
    """And the share of the people is undefined, of no answers."""
    found = _named(0)
    assert {"labelled", "naive", "judged", "n"} == {name.rpartition(".")[2] for name in found}
    assert Estimate(None, None, None, 0, "undefined") == found["systems.NA.labelled"]


def test_a_system_with_few_labels_has_no_interval_and_is_compared_with_none() -> None:
    """Eight labels of eight documents, four of each system."""
    found = _named(8)
    assert "few_documents" == found["systems.NA.corrected"].reason
    assert "systems.NA,small.ahead" not in found
    assert "systems.NA.labels_saved" not in found


def test_failed_judgments_are_left_out_and_labels_without_a_chance_too() -> None:
    """Neither is a judgment that failed a rejection, nor does anybody know what a label stands for that no queue asked for."""
    found = _named(40, failed=6)
    assert (54, 34) == (found["systems.all.judged"].value, found["systems.all.corrected"].n)
    without = {item: chance for item, chance in CHANCES.items() if item > ROWS[9]["answer_id"]}
    rows = systems(ROWS, _judge(), dict(list(VERDICTS.items())[:40]), without, THRESHOLD, DRAWS)
    assert 30 == figures.get(figures.frame(rows), "systems", "labelled", PEOPLE).n


def test_the_order_of_the_rows_reaches_no_figure() -> None:
    """Not even its last digit."""
    judge = _judge()
    order = np.random.default_rng(1).permutation(len(ROWS))
    shuffled = Judgments(judge.scores[order], judge.probabilities[order], [judge.reasons[number] for number in order])
    one = systems(ROWS, judge, VERDICTS, CHANCES, THRESHOLD, DRAWS)
    assert one == systems([ROWS[number] for number in order], shuffled, VERDICTS, CHANCES, THRESHOLD, _draws(order))


def test_where_every_judgment_failed_there_is_nothing() -> None:
    """No system has a share."""
    assert [] == systems(ROWS, _judge(failed=60), VERDICTS, CHANCES, THRESHOLD, DRAWS)
