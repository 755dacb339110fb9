"""One student serves many threads and an event loop; whatever they ask at once, each gets what it would have got alone."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import torch

import judge
from judge.errors import StudentError
from judge.tables.items import Item
from judge.tables.levels import Judgment
from tests.serving.fakes import Batchwise
from tests.students.examples import VIOLA, items

THREADS = 8


def test_eight_threads_get_what_one_gets(folder: Path) -> None:
    """They begin together, each with its own rows; torch has as many threads afterwards as before."""
    student = judge.load(folder)
    batches = [items()[number::THREADS] for number in range(THREADS)]
    before, alone = torch.get_num_threads(), [student.judge(batch) for batch in batches]
    together = Barrier(THREADS)

    def ask(batch: Sequence[Item]) -> list[Judgment]:
        together.wait()
        return student.judge(batch)

    with ThreadPoolExecutor(THREADS) as pool:
        assert alone == list(pool.map(ask, batches))
    assert before == torch.get_num_threads()


def test_async_calls_give_what_the_others_give(folder: Path) -> None:
    """Several at once, of both kinds."""
    student = judge.load(folder)

    async def ask() -> tuple[list[list[Judgment]], float]:
        judged = asyncio.gather(*(student.ajudge([item]) for item in items()[:4]))
        score = await student.ascore(VIOLA.question, VIOLA.answer or "", context=VIOLA.context)
        return list(await judged), score

    judged, score = asyncio.run(ask())

    assert [student.judge([item]) for item in items()[:4]] == judged
    assert student.score(VIOLA.question, VIOLA.answer or "", context=VIOLA.context) == score


def test_the_event_loop_goes_on_meanwhile() -> None:
    """What is judged waits for something that the loop does."""
    loop_went_on = Barrier(2, timeout=30)

    class Waiting(Batchwise):
        def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
            loop_went_on.wait()
            return super().judge_items(items)

    async def ask() -> int:
        asked = asyncio.ensure_future(Waiting().ajudge([VIOLA]))
        await asyncio.sleep(0)
        await asyncio.to_thread(loop_went_on.wait)
        return len(await asked)

    assert 1 == asyncio.run(ask())


def test_an_error_comes_back() -> None:
    """As from the call that waits."""
    with pytest.raises(StudentError, match="An empty answer has no score"):
        asyncio.run(Batchwise().ascore("Who?", "", context="Nobody."))
