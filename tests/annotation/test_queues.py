"""Queues: the same for everybody, undisturbed by new answers, and with the chances that they were drawn by."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from judge import tables
from judge.annotation import queues
from judge.annotation.queues import Opinion
from judge.errors import TableError
from judge.people import inclusion
from judge.tables.schema import BASELINES, BASELINES_OUT_OF_FOLD, STUDENT_OUT_OF_FOLD, STUDENT_SCORES, Row, Table, judgments_in
from tests.annotation.made_up_project import row

ITEMS = [f"item-{number}" for number in range(40)]


def _queue_file(*rows: tuple[str, int, float]) -> Path:
    path = inclusion.QUEUES / "uncertain.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps({"item_id": item, "position": at, "chance": chance}) + "\n" for item, at, chance in rows))
    return path


def test_a_random_queue_does_not_depend_on_the_order_of_the_table() -> None:
    """The answers are shuffled by the seed and themselves alone; another seed is another order."""
    assert inclusion.random_order(ITEMS, 17) == inclusion.random_order(ITEMS[::-1], 17)
    assert ITEMS != inclusion.random_order(ITEMS, 17) != inclusion.random_order(ITEMS, 18)


def test_a_new_answer_moves_no_other() -> None:
    """Who comes back after a document was added goes on where they were."""
    order = inclusion.random_order([*ITEMS, "new"], 17)
    assert inclusion.random_order(ITEMS, 17) == [item for item in order if item != "new"]


@pytest.mark.parametrize(
    ("opinion", "expected"),
    [
        (Opinion(0.5, (0.81, 0.9, 0.95)), 1.0),
        (Opinion(0.9, (0.9, 0.9, 0.9)), 0.36),
        (Opinion(1.0, (1.0, 1.0, 0.8)), 1.0),
        (Opinion(1.0, (1.0, 1.0, None)), 0.0),
        (Opinion(None, (None, 0.1, 0.9)), 2.0),
        (Opinion(None, (None, None, None)), 1.0),
    ],
)
def test_there_is_more_to_learn_where_the_student_is_unsure_or_judges_disagree(opinion: Opinion, expected: float) -> None:
    """0.8 is not acceptable at a threshold of 0.8; a judge that says nothing agrees and disagrees with nobody."""
    assert expected == pytest.approx(queues.informative(opinion, 0.8))


def test_every_answer_keeps_its_share_of_the_random_draws() -> None:
    """Half of the draws are uniform: no chance is below 1 / 2N, and all add up to 1."""
    chances = queues.chances({"a": 0.0, "b": 1.0, "c": 3.0, "d": 0.0}, 0.5)
    assert {"a": 0.125, "b": 0.25, "c": 0.5, "d": 0.125} == chances


def test_where_there_is_nothing_to_learn_all_chances_are_equal() -> None:
    """As with judges that are certain and of one mind."""
    assert {"a": 0.5, "b": 0.5} == queues.chances({"a": 0.0, "b": 0.0}, 0.5)


def test_a_prefix_of_a_drawn_queue_is_a_sample_with_the_chances_it_states() -> None:
    """Over 3,000 draws an answer is among the first 10 of 40 about 10 * chance times, whatever its chance."""
    chances = queues.chances({item: float(number % 4) for number, item in enumerate(ITEMS)}, 0.5)
    draws = 3000
    drawn = Counter(item for seed in range(draws) for item in queues.drawn_order(chances, seed)[:10])
    for number in range(4):
        group = ITEMS[number::4]
        wanted = 10 * chances[group[0]]
        assert wanted == pytest.approx(np.mean([drawn[item] for item in group]) / draws, abs=0.01)


@pytest.mark.usefixtures("workspace")
def test_a_queue_comes_back_as_it_was_drawn() -> None:
    """The table is sorted by answer, and the queue by position."""
    chances = queues.chances({item: float(number % 3) for number, item in enumerate(ITEMS)}, 0.5)
    assert not queues.exists("uncertain")
    queues.write("uncertain", chances, 17)
    assert queues.exists("uncertain")
    assert queues.drawn_order(chances, 17, "uncertain") == queues.read("uncertain")
    assert queues.drawn_order(chances, 17, "uncertain-2") != queues.read("uncertain")


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([("a", 0, 0.5), ("b", 2, 0.5)], "the positions are not the numbers from 0 to 1"),
        ([("a", 0, 0.5), ("b", 1, 0.4)], "add up to 0.9"),
        ([("a", 0, 1.0), ("b", 1, 0.0)], "have to be above 0"),
        ([("a", 0, -1.0)], "line 1: chance has to be a number from 0"),
        ([("a", 0, 0.5), ("a", 1, 0.5)], "line 2: item_id 'a' stands on line 1 already"),
    ],
)
def test_a_broken_queue_is_named(rows: list[tuple[str, int, float]], what: str) -> None:
    """With its file, what is wrong, and how to go on: a wrong chance would make every estimate wrong."""
    _queue_file(*rows)
    with pytest.raises(TableError, match=r"queues/uncertain.jsonl") as raised:
        queues.read("uncertain")
    assert what in str(raised.value)
    assert 1 == str(raised.value).count("Next:")
    assert "`--queue NAME` starts another" in str(raised.value)


@pytest.mark.usefixtures("workspace")
def test_a_queue_without_a_row_is_broken() -> None:
    """Nobody would ever be asked."""
    _queue_file()
    with pytest.raises(TableError, match="add up to 0"):
        queues.read("uncertain")


@pytest.mark.parametrize(("name", "what"), [("../x", "no name for a queue"), ("test", "has no file"), ("all", "has no file")])
def test_a_name_that_is_none_is_refused(name: str, what: str) -> None:
    """A queue lies in its folder, and is not mistaken for the random one of a split."""
    with pytest.raises(TableError, match=what):
        queues.exists(name)


def _judgments(table: Table, **scores: float | None) -> None:
    rows: list[Row] = [
        {
            "item_id": item,
            "levels": None if score is None else [1.0 - score, *[0.0] * 9, score],
            "score": score,
            "acceptable": score,
            "reason": None if score is not None else "no_verdict",
            "source": "model",
            "rationale": None,
            **dict.fromkeys(("calls", "prompt_tokens", "completion_tokens", "usd")),
        }
        for item, score in scores.items()
    ]
    tables.write(table, rows)


def _baselines(best: str) -> None:
    one = {"features": ["length"], "centers": [0.0], "scales": [1.0], "coefficients": [1.0], "intercept": 0.0, "slopes": [1.0, 1.0]}
    values = {"evidence": "context", "threshold": 0.8, "encoder": None, "fitted": {best: {**one, "pearson": 0.5}}}
    Path("data/baselines.json").write_text(json.dumps(values))


@pytest.mark.usefixtures("workspace")
def test_what_judges_say_is_read_from_their_tables() -> None:
    """Of a training answer it is what a judge says that had not learnt from it; a baseline without that says nothing."""
    Path("data").mkdir()
    _baselines("length")
    _judgments(STUDENT_SCORES, tested=0.7, silent=None)
    _judgments(STUDENT_OUT_OF_FOLD, trained=0.2)
    _judgments(judgments_in(BASELINES, "length"), tested=0.1, silent=0.3)
    expected = {
        "tested": Opinion(0.7, (0.7, 0.4321, 0.1)),
        "silent": Opinion(None, (None, 0.4321, 0.3)),
        "trained": Opinion(0.2, (0.2, 0.4321, None)),
    }
    assert expected == queues.opinions([row("tested"), row("silent"), row("trained")])
    _judgments(judgments_in(BASELINES_OUT_OF_FOLD, "length"), trained=0.9)
    assert {"trained": Opinion(0.2, (0.2, 0.4321, 0.9))} == queues.opinions([row("trained")])
