"""The registry of trainers: every kind of student has one."""

import pytest

from judge.distillation.registry import trainer
from judge.errors import StudentError
from tests.students.examples import kinds


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_option_has_a_trainer(kind: str) -> None:
    """Whatever can be chosen can be trained."""
    assert callable(trainer(kind))


def test_an_unknown_kind_is_named() -> None:
    """The error says where a kind is entered."""
    with pytest.raises(StudentError, match=r"'oracle'(.|\n)*judge/distillation/registry\.py"):
        trainer("oracle")
