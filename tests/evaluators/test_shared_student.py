"""A student that several threads and tasks ask at the same time."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from judge.errors import StudentError
from judge.evaluators.shared_student import SharedStudent, Verdict, row
from judge.students.student import Student
from judge.tables.items import Item
from judge.tables.levels import Judgment, interpolate
from tests.students.fixed import Fixed

ASKED = {"question": "How much?", "answer": "0.9"}


class Waiting(Fixed):
    """A student that tells when it was asked first, and waits to be let go."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.was_asked, self.may_go = Event(), Event()

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """When it may."""
        self.batches.append(len(items))
        self.was_asked.set()
        assert self.may_go.wait(timeout=60)
        return super().judge_items(items)


def test_verdict_of_a_judgment() -> None:
    """Acceptable is strictly above the threshold; the sentence has every digit of the score."""
    assert Verdict(0.5, False, None, 0.5, None, "Unacceptable: the score 0.5 is not above 0.5.") == Verdict.of(  # noqa: FBT003
        Judgment(interpolate(0.5)), 0.5
    )
    acceptable = Judgment((0.0,) * 10 + (1.0,), acceptable=0.75)
    assert Verdict(1.0, True, 0.75, 0.8, None, "Acceptable: the score 1.0 is above 0.8.") == Verdict.of(acceptable, 0.8)  # noqa: FBT003


def test_no_verdict_has_its_reason() -> None:
    """A failed judgment has neither score nor class, and says why, with what the judge wrote."""
    refused = Judgment(None, "refused", rationale="I would rather not")
    text = "The student gave no verdict (refused): I would rather not."
    assert Verdict(None, None, None, 0.8, "refused", text) == Verdict.of(refused, 0.8)


@pytest.mark.parametrize(
    ("texts", "context", "references"),
    [
        ((None, None), None, None),
        (("One.", "Two."), "One.", ["Two."]),
        ((["One.", "Two."], ["Three.", "Four."]), "One.\n\nTwo.", ["Three.", "Four."]),
        (([], [""]), None, None),
        (("", ""), None, None),
    ],
)
def test_row_from_texts(texts: tuple[Any, Any], context: str | None, references: list[str] | None) -> None:
    """Passages become one text, references stay alternatives, and empty ones are none."""
    assert {"question": "Q", "answer": "A", "context": context, "reference": references} == row("Q", "A", *texts)


def test_what_waits_is_one_batch() -> None:
    """Rows that came while the student judged are judged together, each verdict goes to whoever asked for it."""
    student = Waiting()
    shared = SharedStudent(student)
    first = shared.ask(ASKED)
    assert student.was_asked.wait(timeout=60)
    others = [shared.ask(ASKED | {"answer": f"0.{digit}"}) for digit in range(1, 7)]
    student.may_go.set()
    assert 0.9 == first.result(timeout=60).score
    assert [pytest.approx(digit / 10) for digit in range(1, 7)] == [other.result(timeout=60).score for other in others]
    assert [1, 6] == student.batches


def test_a_bad_row_spoils_no_other() -> None:
    """A row that cannot be judged has the student's error; those that were in its batch are judged."""
    student = Waiting()
    shared = SharedStudent(student)
    first = shared.ask(ASKED)
    assert student.was_asked.wait(timeout=60)
    bad, good = shared.ask(ASKED | {"context": 7}), shared.ask(ASKED)
    student.may_go.set()
    with pytest.raises(StudentError, match="`context` has to be text, got 7"):
        bad.result(timeout=60)
    assert [0.9, 0.9] == [first.result(timeout=60).score, good.result(timeout=60).score]


def test_an_event_loop_goes_on() -> None:
    """While the student judges in a thread, other tasks of the loop run: here the one that lets it go."""
    student = Waiting()
    shared = SharedStudent(student)

    async def let_go() -> None:
        await asyncio.to_thread(student.was_asked.wait, 60)
        student.may_go.set()

    async def both() -> Verdict:
        verdict, _ = await asyncio.gather(shared.ajudge(ASKED), let_go())
        return verdict

    assert 0.9 == asyncio.run(both()).score


def test_a_folder_is_loaded_once_and_late(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded before the first answer, and one student serves all that were made of the same."""
    loads: list[Path | str] = []

    def load(source: Path | str) -> Student:
        loads.append(source)
        return Fixed()

    monkeypatch.setattr("judge.load", load)
    shared = SharedStudent(folder)
    assert [] == loads
    with ThreadPoolExecutor(4) as threads:
        verdicts = list(threads.map(SharedStudent.of(shared).judge, [ASKED] * 8))
    assert [0.9] * 8 == [verdict.score for verdict in verdicts]
    assert [folder] == loads


def test_no_student_in_the_folder(tmp_path: Path) -> None:
    """A folder without a student is an error for each that asks, again and again."""
    shared = SharedStudent(tmp_path)
    for _ in range(2):
        with pytest.raises(StudentError, match="is no complete student"):
            shared.judge(ASKED)


def test_a_cancelled_task_is_not_judged() -> None:
    """What was cancelled while it waited is left out, and the others get their verdicts."""
    student = Waiting()
    shared = SharedStudent(student)
    first, cancelled, last = (shared.ask(ASKED | {"answer": answer}) for answer in ("0.1", "0.2", "0.3"))
    assert student.was_asked.wait(timeout=60)
    assert cancelled.cancel()
    student.may_go.set()
    assert [pytest.approx(0.1), pytest.approx(0.3)] == [first.result(timeout=60).score, last.result(timeout=60).score]
    assert ["0.1", "0.3"] == [item.answer for item in student.asked]
