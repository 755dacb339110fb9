"""Gathering the answers: the chosen generators alone, and what another choice left is named."""

from pathlib import Path

import pytest

from judge import tables
from judge.errors import TableError
from stages import gather


def _answers(generator: str, count: int) -> None:
    rows = [
        {"answer_id": f"{generator}{number}", "question_id": f"q{number}", "generator": generator, "answer": "Yes.", **tables.calls(None)}
        for number in range(count)
    ]
    tables.write(tables.answers_of(generator), rows)


@pytest.mark.usefixtures("workspace")
def test_the_answers_of_the_chosen_generators_come_into_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of a generator that is no longer chosen stay where they are, and are named."""
    for generator in ("b", "a", "old"):
        _answers(generator, 2)
    gather.main(gather.Config(generators=["b", "a"]))
    assert ["a0", "a1", "b0", "b1"] == [row["answer_id"] for row in tables.read(tables.ANSWERS)]
    assert "left out data/answers/old.jsonl" in capsys.readouterr().out
    assert Path("data/answers/old.jsonl").exists()


@pytest.mark.usefixtures("workspace")
def test_answers_are_read_one_generator_after_the_other() -> None:
    """In the order of the setting, so that what is judged comes in the same order whatever the ids are."""
    for generator in ("b", "a"):
        _answers(generator, 2)
    gather.main(gather.Config(generators=["b", "a"]))
    assert ["b0", "b1", "a0", "a1"] == [row["answer_id"] for row in tables.read_answers(["b", "a"])]


@pytest.mark.parametrize("chosen", [["a"], ["a", "b", "c"]])
@pytest.mark.usefixtures("workspace")
def test_a_table_of_another_choice_is_refused(chosen: list[str]) -> None:
    """The table says who answered; a stage that is run by hand for others is told to gather first."""
    for generator in ("b", "a"):
        _answers(generator, 1)
    gather.main(gather.Config(generators=["b", "a"]))
    with pytest.raises(TableError, match=r"(?s)holds the answers of a, b; .*dvc repro gather"):
        tables.read_answers(chosen)


@pytest.mark.usefixtures("workspace")
def test_no_answers_at_all_are_no_fault() -> None:
    """Recorded judgments bring their answers along, so the generators are asked nothing."""
    _answers("a", 0)
    gather.main(gather.Config(generators=["a"]))
    assert [] == tables.read_answers(["a"])
