"""One student for everything that asks at the same time: loaded when it first judges, and asked for all that wait in one batch."""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import judge
from judge.students.student import Student
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE, Judgment, classify


class Verdict(NamedTuple):
    """What an evaluator hands to its tool.

    Attributes:
        score: in [0, 1]; None where the student gave no verdict.
        is_acceptable: whether the score is strictly above the student's threshold; None where there is no score.
        probability: that the answer is acceptable, in [0, 1]; None where there is no score, or the student has learnt no probability.
        threshold: of the student, in [0, 1).
        reason: why there is no verdict, such as `no_verdict`; None where there is one.
        text: the verdict, or why there is none, as a sentence.
    """

    score: float | None
    is_acceptable: bool | None
    probability: float | None
    threshold: float
    reason: str | None
    text: str

    @classmethod
    def of(cls, judgment: Judgment, threshold: float) -> "Verdict":
        """The verdict of a judgment."""
        score = judgment.score
        if score is None:
            said = f": {judgment.rationale}" if judgment.rationale else ""
            return cls(None, None, None, threshold, judgment.reason, f"The student gave no verdict ({judgment.reason}){said}.")
        is_acceptable = classify(score, threshold) == ACCEPTABLE
        word, side = (ACCEPTABLE, "above") if is_acceptable else (UNACCEPTABLE, "not above")
        # Three digits could show a score beside the threshold as the threshold itself; repr shows what it is.
        text = f"{word.capitalize()}: the score {score!r} is {side} {threshold}."
        return cls(score, is_acceptable, judgment.acceptable, threshold, None, text)


def row(
    question: str | None,
    answer: str | None,
    contexts: str | Sequence[str] | None = None,
    references: str | Sequence[str] | None = None,
) -> dict[str, Any]:
    """The row that a student judges, from the texts of an evaluation tool.

    Args:
        question: what was asked.
        answer: what is judged; None or one without words gets no verdict.
        contexts: the passages that the answer should rest on, which become one text with an empty line between them.
        references: answers known to be right, each alone; empty ones are left out, since tools have "" for none.
    """
    passages = [contexts] if isinstance(contexts, str) else contexts or []
    known = [references] if isinstance(references, str) else references or []
    return {
        "question": question,
        "answer": answer,
        "context": "\n\n".join(passages) or None,
        "reference": [reference for reference in known if reference] or None,
    }


class SharedStudent:
    """A student that threads and tasks share: one thread judges, and each time takes all that have come meanwhile.

    Args:
        student: a student, or what `judge.load` takes; that is loaded when the first answer comes.
    """

    def __init__(self, student: Student | Path | str) -> None:
        self._source = student
        self._waiting: deque[tuple[dict[str, Any], Future[Verdict]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="student")

    @classmethod
    def of(cls, student: "Self | Student | Path | str") -> Self:
        """The same where it is shared already, so that several evaluators, or the copies that a tool makes of one, load it once."""
        return student if isinstance(student, cls) else cls(student)  # type: ignore[arg-type]

    @property
    def threshold(self) -> float:
        """Of the student, in [0, 1); loads it."""
        return self._student.threshold

    def ask(self, asked: dict[str, Any]) -> "Future[Verdict]":
        """The verdict of a row, when it is there.

        The future has a StudentError where the folder is no student, or the row lacks a text that the student needs; other rows are
        judged all the same.
        """
        future: Future[Verdict] = Future()
        self._waiting.append((asked, future))
        self._thread.submit(self._judge_waiting)
        return future

    def judge(self, asked: dict[str, Any]) -> Verdict:
        """The verdict of a row, for threads; blocks until it is there, and raises what `ask` speaks of."""
        return self.ask(asked).result()

    async def ajudge(self, asked: dict[str, Any]) -> Verdict:
        """As `judge`, for tasks of an asyncio loop, which goes on meanwhile."""
        return await asyncio.wrap_future(self.ask(asked))

    @cached_property
    def _student(self) -> Student:
        return self._source if isinstance(self._source, Student) else judge.load(self._source)

    def _judge_waiting(self) -> None:
        came = [self._waiting.popleft() for _ in range(len(self._waiting))]
        # A task that was cancelled wants no verdict any more.
        self._answer([(asked, future) for asked, future in came if future.set_running_or_notify_cancel()])

    def _answer(self, batch: list[tuple[dict[str, Any], "Future[Verdict]"]]) -> None:
        """Give each future its verdict, or the error of its own row."""
        if not batch:
            return
        try:
            judgments = self._student.judge([asked for asked, _ in batch])
            verdicts = [Verdict.of(judgment, self.threshold) for judgment in judgments]
        except BaseException as error:  # noqa: BLE001 - whoever asked for the row raises it; nobody else would end the waiting
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for one in batch:
                self._answer([one])
        else:
            for (_, future), verdict in zip(batch, verdicts, strict=True):
                future.set_result(verdict)
