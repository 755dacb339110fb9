"""Sharing a training among processes; two real ones train in tests/stages/test_launched.py."""

import pytest

from judge.distillation import finetune_job, processes
from judge.distillation.processes import Processes
from judge.errors import StudentError
from tests.students.examples import RUN, SETTINGS, few_rows, openai


class Third(Processes):
    """The third of three."""

    count = 3
    index = 2


def test_one_process_has_all_to_itself() -> None:
    """Every row, every sum; it is the first."""
    alone = processes.joined()
    assert (True, ([1, 2], True), [0.5], ["a"], 7) == (
        alone.is_first,
        alone.share([1, 2]),
        alone.sums([0.5]),
        alone.gathered(["a"]),
        alone.agreed(7),
    )


@pytest.mark.parametrize(("batch", "part"), [([0, 1, 2, 3, 4, 5], ([2, 5], True)), ([0, 1, 2], ([2], True)), ([0, 1], ([0], False))])
def test_a_process_takes_every_third_row(batch: list[int], part: tuple[list[int], bool]) -> None:
    """Where none is left for it, it reads one that does not count, as all have to take part."""
    assert part == Third().share(batch)


def test_several_processes_do_not_pay_for_one_student(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student at a server is refused before anything is sent."""
    monkeypatch.setattr(processes, "joined", Third)
    with pytest.raises(StudentError, match="several would pay several times"):
        finetune_job.distil(few_rows(), openai(), SETTINGS, RUN)
