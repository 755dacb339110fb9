"""Features of training rows are kept: what was measured once is not measured again."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from judge.distillation.encoder_training import distil
from judge.students import kept_features
from judge.students.late_interaction import LateInteractionModel
from judge.tables.items import Item
from tests.students.examples import RUN, SETTINGS, late_interaction, supported_or_not

ITEMS = [Item("What?", f"This is number {number}.", "There are numbers.") for number in range(5)]


class _Measure:
    """Measures the length of an answer, and keeps account of whose."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    def __call__(self, items: Sequence[Item]) -> list[list[float]]:
        self.asked += [item.answer for item in items]
        return [[len(item.answer or "") / 3, float(index)] for index, item in enumerate(items)]


@pytest.mark.usefixtures("workspace")
def test_only_what_is_new_is_measured() -> None:
    """In the order of the items, equal ones once, and bit for bit what was measured."""
    first, second = _Measure(), _Measure()
    before = kept_features.measure([*ITEMS[:3], ITEMS[0]], "encoder", first)

    after = kept_features.measure(ITEMS, "encoder", second)

    assert [each.answer for each in ITEMS[:3]] == first.asked
    assert [each.answer for each in ITEMS[3:]] == second.asked
    assert before[:3] == after[:3]
    assert before[0] == before[3]


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("changed", ["source", "question", "context", "code"])
def test_whatever_features_come_from_measures_anew(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another encoder, another text of the row, and another version of the code."""
    kept_features.measure(ITEMS[:1], "encoder", _Measure())
    again = _Measure()
    if changed == "code":
        monkeypatch.setattr(kept_features, "_code", lambda: "another")
    item = ITEMS[0]._replace(**{changed: "Another one?"}) if changed in Item._fields else ITEMS[0]

    kept_features.measure([item], "another" if changed == "source" else "encoder", again)

    assert [item.answer] == again.asked


def test_another_alpha_measures_nothing(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep over the objective embeds the training rows once."""
    rows, option = supported_or_not(), late_interaction(heads=1, encoder_runtime="pytorch")
    few = SETTINGS.model_copy(update={"epochs": 2, "retrainings": 0})
    distil(rows, option, few, RUN)

    def refuse(_self: LateInteractionModel, items: Sequence[Item]) -> None:
        raise AssertionError(items)

    monkeypatch.setattr(LateInteractionModel, "measure", refuse)
    student = distil(rows, option, few.model_copy(update={"alpha": 1.0}), RUN)

    assert 1.0 == student.training["alpha"]
    assert (workspace / ".cache" / "features.sqlite").is_file()
