"""Batches: what is judged together, in which turns, and how much may wait."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from judge.serving.server import batches
from judge.serving.server.batches import Batches, ClosedError, QueueFullError
from judge.students.encoder_student import EncoderStudent
from judge.tables.items import Item
from judge.tables.levels import Judgment
from tests.serving.fakes import Batchwise
from tests.students.examples import items


class Slow(Batchwise):
    """A student that judges only while its gate is open, and says what it was given together."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.began = threading.Event()
        self.read: list[list[str]] = []

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """As its kind, later."""
        self.began.set()
        assert self.gate.wait(60)
        self.read.append([item.question for item in items])
        if any(item.question == "broken" for item in items):
            raise ValueError(items)
        return super().judge_items(items)


def item(name: str) -> Item:
    """An item that no student has seen."""
    return Item(name, "An answer.", f"A passage about {name}.")


@contextmanager
def held(room: int = 100) -> Iterator[tuple[Batches, Slow]]:
    """Batches whose student holds a first row in its hands until its gate is opened."""
    student = Slow()
    made = Batches(room, 0.0)
    made.start(lambda: student, lambda: None)
    made.submit([item("warm")], explain=False).result(60)
    student.read.clear()
    student.gate.clear()
    student.began.clear()
    made.submit([item("first")], explain=False)
    assert student.began.wait(60)
    try:
        yield made, student
    finally:
        student.gate.set()
        made.close()


def test_what_waits_is_judged_together_and_each_gets_its_own() -> None:
    """Three requests share a batch, and their judgments come in their own order."""
    with held() as (made, student):
        futures = [made.submit([item(f"{name}{index}") for index in range(2)], explain=False) for name in "abc"]
        student.gate.set()
        assert [2, 2, 2] == [len(future.result(60)) for future in futures]
        assert [["first"], ["a0", "a1", "b0", "b1", "c0", "c1"]] == student.read


def test_a_large_request_lets_a_small_one_pass() -> None:
    """Turns are of eight rows: a row that came after a hundred is in the next batch."""
    with held(room=200) as (made, student):
        large = made.submit([item(f"large {index}") for index in range(100)], explain=False)
        small = made.submit([item("small")], explain=False)
        student.gate.set()
        small.result(60)
        assert 100 == len(large.result(60))
        assert "small" in student.read[1]
        read = [question for batch in student.read for question in batch if question.startswith("large")]
        assert [f"large {index}" for index in range(100)] == read
        assert all(len(batch) <= batches.BATCH_ROWS for batch in student.read)


def test_a_batch_ends_with_its_characters() -> None:
    """Long passages are judged few at a time; one that several rows share counts once."""
    long = "x" * (batches.BATCH_CHARACTERS // 2)
    with held() as (made, student):
        apart = made.submit([Item(f"apart {index}", "An answer.", f"{index}{long}") for index in range(4)], explain=False)
        student.gate.set()
        apart.result(60)
        assert [["first"], ["apart 0", "apart 1"], ["apart 2", "apart 3"]] == student.read
    with held() as (made, student):
        shared = made.submit([Item(f"shared {index}", "An answer.", long) for index in range(4)], explain=False)
        student.gate.set()
        shared.result(60)
        assert [["first"], [f"shared {index}" for index in range(4)]] == student.read


def test_no_more_waits_than_there_is_room_for() -> None:
    """A request that does not fit is refused as a whole; a cancelled one makes room and is never judged."""
    with held(room=10) as (made, student):
        kept = made.submit([item("kept")] * 4, explain=False)
        dropped = made.submit([item("dropped")] * 4, explain=False)
        with pytest.raises(QueueFullError) as refused:
            made.submit([item("refused")] * 3, explain=False)
        assert 1 <= refused.value.retry_after_s
        assert 8 == made.waiting
        assert dropped.cancel()
        late = made.submit([item("late")] * 3, explain=False)
        student.gate.set()
        assert (4, 3) == (len(kept.result(60)), len(late.result(60)))
        assert {"first", "kept", "late"} == {question for batch in student.read for question in batch}


def test_a_request_that_breaks_the_student_fails_alone() -> None:
    """Those that stood in its batch are judged without it."""
    with held() as (made, student):
        good, bad, other = (made.submit([item(name)], explain=False) for name in ("good", "broken", "other"))
        student.gate.set()
        assert [1, 1] == [len(future.result(60)) for future in (good, other)]
        with pytest.raises(ValueError, match="broken"):
            bad.result(60)


def test_closing_judges_what_was_taken_and_takes_nothing_more() -> None:
    """Nothing is lost, nothing is new."""
    with held() as (made, student):
        taken = made.submit([item("taken")], explain=False)
        closing = threading.Thread(target=made.close)
        closing.start()
        while made.takes:
            pass
        with pytest.raises(ClosedError):
            made.submit([item("new")], explain=False)
        student.gate.set()
        closing.join(60)
        assert 1 == len(taken.result(0))


def test_a_student_that_cannot_be_loaded_is_told() -> None:
    """Its error is kept for whoever runs the server, who hears of it."""
    heard = threading.Event()

    def load() -> Any:
        raise ValueError("no such student")

    made = Batches(10, 0.0)
    made.start(load, heard.set)
    assert heard.wait(60)
    assert "no such student" == str(made.failure)
    with pytest.raises(ClosedError):
        made.submit([item("a")], explain=False)


def test_judged_together_is_judged_as_alone(trained: EncoderStudent) -> None:
    """An encoder's last digits depend on what it reads together, and nothing else does."""
    made = Batches(100, 0.0)
    made.start(lambda: trained, lambda: None)
    asked = items()[:24]
    futures = [made.submit([each], explain=True) for each in asked]
    together = [future.result(60)[0] for future in futures]
    made.close()
    for each, judged in zip(asked, together, strict=True):
        (alone,) = trained.judge([each])
        assert alone.levels == pytest.approx(judged.judgment.levels, abs=0.02)
        assert [span[:3] for span in trained.explain(each)] == [span[:3] for span in judged.spans or []]
