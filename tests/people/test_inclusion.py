"""How likely each answer was to be shown: by reckoning, and by drawing many times."""

import numpy as np
import pytest

from judge.errors import TableError
from judge.people.inclusion import capped, inclusion
from judge.people.labels import Label

TEST = [f"item {number:02d}" for number in range(20)]


def _labelled(*items: str, queue: str | None = "test", annotator: str = "anna") -> list[Label]:
    return [Label(item, annotator, 1.0, None, queue) for item in items]


def _queue(chances: list[float]) -> list[dict[str, object]]:
    return [{"item_id": item, "position": place, "chance": chance} for place, (item, chance) in enumerate(zip(TEST, chances, strict=True))]


def test_a_random_order_shows_all_answers_alike() -> None:
    """Five of twenty answers were reached: each had a chance of a quarter, the labelled ones and the others."""
    assert dict.fromkeys(TEST, 0.25) == inclusion(_labelled(*TEST[:5]), {}, {"test": TEST})


def test_a_skipped_answer_was_reached_and_one_counts_once() -> None:
    """Two people who label the same answer have come no further than one; who skips one has come further."""
    labels = [*_labelled(*TEST[:4]), *_labelled(*TEST[:4], annotator="bela"), Label(TEST[4], "anna", None, None, "test")]
    assert dict.fromkeys(TEST, 0.25) == inclusion(labels, {}, {"test": TEST})


def test_nobody_has_labelled() -> None:
    """No answer may have been shown."""
    assert {} == inclusion([], {}, {"test": TEST})


def test_imported_labels_count_as_drawn_at_random_from_all_answers() -> None:
    """They have no queue; train answers are among all of them."""
    chances = inclusion(_labelled("train", *TEST[:3], queue=None), {}, {"test": TEST, "all": [*TEST, "train"]})
    assert dict.fromkeys([*TEST, "train"], pytest.approx(4 / 21)) == chances


def test_an_answer_that_another_split_moved_out_of_its_queue_counts_as_imported() -> None:
    """It was asked about as one of train, or of a drawn queue, and is in test now: it has a chance all the same."""
    populations = {"test": TEST, "train": ["train"], "all": [*TEST, "train"]}
    for queue in ("train", "uncertain"):
        chances = inclusion(_labelled(TEST[0], queue=queue), {"uncertain": _queue([0.05] * 20)[1:]}, populations)
        assert pytest.approx(1 / 21) == chances[TEST[0]]


def test_a_label_of_an_answer_that_is_gone_does_not_count() -> None:
    """It is of none of the populations."""
    assert dict.fromkeys(TEST, pytest.approx(0.05)) == inclusion(_labelled(TEST[0], "gone"), {}, {"test": TEST})


def test_an_answer_in_two_queues_is_missed_only_by_both() -> None:
    """1 - (1 - 0.1) × (1 - 0.2)."""
    labels = [*_labelled(*TEST[:2]), *_labelled(*TEST[2:4], queue="uncertain")]
    chances = inclusion(labels, {"uncertain": _queue([0.05] * 20)}, {"test": TEST})
    assert dict.fromkeys(TEST, pytest.approx(0.28)) == chances


def test_an_answer_that_another_queue_showed_before_is_not_asked_again() -> None:
    """The second queue passes it by, and has come as far as the last answer that it asked about."""
    labels = [*_labelled(*TEST[:8]), *_labelled(*TEST[8:10], queue="uncertain")]
    chances = inclusion(labels, {"uncertain": _queue([0.05] * 20)}, {"test": TEST})
    assert dict.fromkeys(TEST, pytest.approx(1 - 0.6 * 0.5)) == chances


def test_a_queue_that_is_not_there_is_an_error() -> None:
    """Nobody can tell how its answers were chosen, and to take them for a random sample would be wrong."""
    with pytest.raises(TableError, match=r"Labels of 2 answers are of the queue 'unsure', and data/labels/queues/unsure\.jsonl is missing"):
        inclusion(_labelled(*TEST[:2], queue="unsure"), {}, {"test": TEST})


def test_the_chances_of_a_sample_add_up_to_its_size_and_none_is_above_one() -> None:
    """What is left over of an answer that is certain to be shown goes to the others, as often as it takes."""
    chances = {"a": 0.6, "b": 0.3, "c": 0.05, "d": 0.05}
    assert {"a": 0.6, "b": 0.3, "c": 0.05, "d": 0.05} == pytest.approx(capped(chances, 1))
    assert {"a": 1.0, "b": 0.75, "c": 0.125, "d": 0.125} == pytest.approx(capped(chances, 2))
    assert {"a": 1.0, "b": 1.0, "c": 0.5, "d": 0.5} == pytest.approx(capped(chances, 3))
    assert dict.fromkeys(chances, 1.0) == capped(chances, 4)
    assert dict.fromkeys(chances, 0.0) == capped(chances, 0)


def test_answers_are_shown_as_often_as_it_says() -> None:
    """Drawn 4,000 times by sequential Poisson sampling, each is among the first eight as often as its probability, to four hundredths."""
    generator = np.random.default_rng(7)
    unsure = generator.random(20) ** 2
    chance = 0.5 / 20 + 0.5 * unsure / unsure.sum()
    rows = _queue([float(each) for each in chance])
    times = np.zeros(20)
    runs = 4000
    for _ in range(runs):
        times[np.argsort(generator.random(20) / chance)[:8]] += 1

    expected = inclusion(_labelled(*TEST[:8], queue="uncertain"), {"uncertain": rows}, {"test": TEST})

    assert 8.0 == pytest.approx(sum(expected.values()))
    assert times / runs == pytest.approx(np.array([expected[item] for item in TEST]), abs=0.04)
    assert np.ptp(times / runs) > 0.4
