"""Members whose weights are stacked learn what they would learn one after the other."""

import math

import pytest
import torch
from torch import nn

from judge.distillation.committee import Lesson
from judge.distillation.separate_members import SeparateMembers
from judge.distillation.stacked_members import StackedMembers, batches
from tests.distillation.committees import committee, heads

EVEN = [0, 1, 2, 3] * 4
UNEVEN = [0, 0, 0, 0, 0, 1, 1, 2]


def parameters(members: nn.ModuleList) -> torch.Tensor:
    """All of them in one row."""
    return nn.utils.parameters_to_vector(members.parameters()).detach()


@pytest.mark.parametrize(("fold_of", "batch_size", "epochs"), [(EVEN, 12, 1), (EVEN, 4, 3), (UNEVEN, 8, 3)])
def test_a_stacked_step_equals_separate_ones(fold_of: list[int], batch_size: int, epochs: int) -> None:
    """To 1e-6, weights, slopes and terms, without dropout and with the same batches; where rows fill up the batch of a member too."""
    apart, stacked = (committee(heads(4), fold_of, batch_size=batch_size) for _ in range(2))
    terms = []
    for learners in (SeparateMembers(apart), StackedMembers(stacked)):
        torch.manual_seed(7)
        terms.append([learners.learn().means("train", 0.4) for _ in range(epochs)])
    for one, other in zip(*terms, strict=True):
        assert one == pytest.approx(other, abs=1e-6)
    assert torch.allclose(parameters(apart.members), parameters(stacked.members), rtol=0.0, atol=1e-6)
    assert not torch.allclose(parameters(heads(4)), parameters(stacked.members), rtol=0.0, atol=1e-3)
    slopes = [nn.utils.parameters_to_vector(one.log_slopes).detach() for one in (apart, stacked)]
    assert torch.allclose(slopes[0], slopes[1], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize(("dropout", "is_same"), [(0.0, True), (0.5, False)])
def test_each_member_leaves_other_units_out(dropout: float, *, is_same: bool) -> None:
    """Two members with the same weights and the same row part where there is dropout, and only there."""
    members = heads(4, dropout)
    members[2].load_state_dict(members[0].state_dict())
    stacked = StackedMembers(committee(members, [0, 1]))
    for _ in range(5):
        stacked.learn()
    first, third = (parameters(nn.ModuleList([members[number]])) for number in (0, 2))
    assert is_same == torch.allclose(first, third, rtol=0.0, atol=1e-6)


def test_afterwards_each_member_has_memory_of_its_own() -> None:
    """Parameters keep their values and names, and a stack of all members is held by none of them."""
    members = heads(3)
    names = list(members.state_dict())
    stacked = StackedMembers(committee(members, EVEN))
    stacked.learn()
    before = parameters(members)
    stacked.part()
    assert torch.equal(before, parameters(members))
    assert names == list(members.state_dict())
    assert all(each.untyped_storage().nbytes() == each.nbytes for each in members.parameters())


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_every_member_has_rows_in_each_step(batch_size: int) -> None:
    """Its own rows, once an epoch; not more than a batch of them, unless another member has too few for so many steps."""
    lessons = [Lesson([0, 1, 2, 3, 4, 5, 6], [7, 8]), Lesson([0, 1, 2, 7, 8], [3, 4, 5, 6])]
    torch.manual_seed(1)
    steps = [rows.tolist() for rows in batches(lessons, batch_size)]
    for member, lesson in enumerate(lessons):
        given = [[row for row in rows[member] if row >= 0] for rows in steps]
        assert lesson.train == sorted(row for rows in given for row in rows)
        assert 1 <= min(map(len, given))
        assert max(map(len, given)) <= max(batch_size, math.ceil(7 / 5))
