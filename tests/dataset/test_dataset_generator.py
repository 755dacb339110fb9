"""llama-index's DatasetGenerator, whose prompts are completed together."""

import asyncio

import pytest

from judge.dataset.dataset_generator import Pair, Paper, set_exams
from judge.models.local_llm import Completion
from judge.tables.usage import Usage


def _complete(calls: list[list[str]]) -> list[list[Pair]]:
    def complete(prompts: list[str]) -> list[Completion]:
        calls.append(prompts)
        return [
            Completion("1. Who bakes bread?\n2. When do they work?", Usage(1, 10, 5, 0.5))
            if "2 questions" in prompt
            else Completion("Bakers do.", Usage(1, 20, 2, 0.25))
            for prompt in prompts
        ]

    return set_exams([Paper(text, 2, None) for text in ("Bakers work at night.", "Bread is baked.")], None, complete)


def test_all_prompts_are_completed_in_two_batches() -> None:
    """First those for the questions of every passage, then those for all answers."""
    calls: list[list[str]] = []
    exams = _complete(calls)
    assert [2, 4] == [len(prompts) for prompts in calls]
    assert [[("Who bakes bread?", "Bakers do."), ("When do they work?", "Bakers do.")]] * 2 == [
        [(pair.question, pair.answer) for pair in exam] for exam in exams
    ]


def test_the_first_pair_carries_what_asking_for_the_questions_took() -> None:
    """One call for the questions and one for each answer: nothing is counted twice, nothing lost."""
    for exam in _complete([]):
        assert [Usage(2, 30, 7, 0.75), Usage(1, 20, 2, 0.25)] == [pair.usage for pair in exam]


def test_an_exam_is_set_within_a_notebook() -> None:
    """A loop that runs already is no hindrance, as it would be to `asyncio.run`."""

    async def cell() -> list[list[Pair]]:
        return _complete([])

    assert asyncio.run(cell()) == _complete([])


def test_an_exam_closes_every_event_loop_that_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """One left open would warn when it is collected, in whatever comes after."""
    opened: list[asyncio.AbstractEventLoop] = []
    new_event_loop = asyncio.new_event_loop

    def recording() -> asyncio.AbstractEventLoop:
        opened.append(new_event_loop())
        return opened[-1]

    monkeypatch.setattr("asyncio.events.new_event_loop", recording)
    _complete([])
    assert opened
    assert all(loop.is_closed() for loop in opened)


def test_prompts_of_ones_own_take_the_place_of_those_of_dataset_generator() -> None:
    """The task reaches the model with the passage, and the answer is asked for in the given words, with passage and question."""
    asked: list[str] = []

    def complete(prompts: list[str]) -> list[Completion]:
        asked.extend(prompts)
        return [Completion("When do {bakers} work?" if "Begin with When" in prompt else "Yes: at night.", None) for prompt in prompts]

    exams = set_exams([Paper("Bakers work at night.", 1, "Begin with When.")], "P: {context_str} Q: {query_str} A:", complete)
    assert [[("When do {bakers} work?", "Yes: at night.")]] == [[(pair.question, pair.answer) for pair in exam] for exam in exams]
    assert "Bakers work at night." in asked[0]
    assert "P: Bakers work at night. Q: When do {bakers} work? A:" == asked[1]
