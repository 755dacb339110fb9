"""A student whose encoder is computed in 8-bit integers is held against itself with the encoder as it was."""

from collections.abc import Sequence
from typing import Any

import pytest

from judge.distillation import graph_agreement
from judge.errors import StudentError
from judge.students.encoder_student import EncoderStudent
from judge.tables.items import Item
from judge.tables.levels import Judgment, interpolate
from tests.students.examples import late_interaction

ITEMS = [Item("What?", f"This is number {number}.", "There are numbers.") for number in range(1_000)]


class _Student(EncoderStudent):
    """A student that judges the number in an answer, and that with its encoder as it was judges it with an error."""

    def __init__(self, error: float | None) -> None:
        super().__init__(None, late_interaction(), 0.8, {}, (1.0, 1.0))  # type: ignore[arg-type]
        self.judged: list[int] = []
        self._error = error

    @classmethod
    def build(cls, option: Any, items: Sequence[Item]) -> Any:
        raise NotImplementedError

    @classmethod
    def blank(cls, option: Any, encoder_config: dict[str, Any], folder: Any) -> Any:
        raise NotImplementedError

    def method(self) -> str:
        raise NotImplementedError

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        self.judged.append(len(items))
        return [Judgment(interpolate(_number(item) / 1_000)) for item in items]

    def reference(self, items: Sequence[Item]) -> list[Judgment] | None:
        if self._error is None:
            return None
        return [Judgment(interpolate(abs(_number(item) / 1_000 - self._error * (_number(item) % 2)))) for item in items]


def _number(item: Item) -> int:
    return int("".join(filter(str.isdigit, item.answer or "")))


def test_a_student_that_is_the_same_is_noted() -> None:
    """With the correlation, the answers, which are a few hundred at most, and those of another class."""
    student = _Student(error=0.001)
    noted = graph_agreement.require(student, ITEMS)
    assert 0.999 < noted["graph_pearson"] < 1.0
    assert [334, noted["graph_rows"]] == [noted["graph_rows"], *student.judged]
    assert {"graph_pearson", "graph_rows", "graph_other_classes"} == set(noted)


def test_a_student_that_is_another_one_is_refused() -> None:
    """By how much, and what can be chosen instead."""
    with pytest.raises(
        StudentError, match=r"r = 0\.9[\s\S]*r = 0.999 is asked for[\s\S]*encoder_runtime: openvino-weights`[\s\S]*`pytorch`"
    ):
        graph_agreement.require(_Student(error=0.2), ITEMS)


def test_scores_that_hardly_vary_have_to_be_nearly_the_same() -> None:
    """Within a hundredth, for their correlation says nothing, or cannot be had."""
    assert {"graph_pearson": None, "graph_rows": 1, "graph_other_classes": 0} == graph_agreement.require(_Student(error=0.0), ITEMS[:1])
    near = graph_agreement.require(_Student(error=0.005), ITEMS[500:504])
    assert (True, 4) == (near["graph_pearson"] < 0.5, near["graph_rows"])
    with pytest.raises(StudentError, match="r = nan"):
        graph_agreement.require(_Student(error=0.3), ITEMS[1:2])


def test_a_student_that_pytorch_reads_for_has_nothing_to_agree_with() -> None:
    """Nothing is noted."""
    assert {} == graph_agreement.require(_Student(error=None), ITEMS)
