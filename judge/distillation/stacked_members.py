"""Members of one shape that learn side by side: their weights lie stacked, so that one product serves all of them.

A member is two small matrices, so a step of one is mostly the cost of calling; a step of all of them costs little more.
Stacking is done by torch.func, as its documentation describes for ensembles (`stack_module_state`, `functional_call`, `vmap`).
Import this module only where a student is trained: it loads torch.
"""

import copy
import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.utils.rnn import pad_sequence

from judge.distillation.committee import Committee, Lesson, adamw
from judge.distillation.objective import Sums, Terms, terms


class StackedMembers:
    """The weights of a committee's members, stacked.

    Until `part`, the members' own parameters are views of the stack: they see each step.

    Args:
        committee: its members are of one shape, and its inputs tensors, (features,).
    """

    def __init__(self, committee: Committee) -> None:
        self._committee, self._inputs = committee, torch.stack(list(committee.inputs))
        self._shape = copy.deepcopy(committee.members[0]).train()
        self._weights, self._buffers = stack_module_state(list(committee.members))
        self._log_slopes = nn.Parameter(torch.stack([each.detach() for each in committee.log_slopes]))
        for number, (member, log_slope) in enumerate(zip(committee.members, committee.log_slopes, strict=True)):
            for name, parameter in member.named_parameters():
                parameter.data = self._weights[name].data[number]
            log_slope.data = self._log_slopes.data[number]
        self._optimizer = adamw(self._weights.values(), self._log_slopes, committee.settings, fused=True)

    def learn(self) -> Sums:
        """Let each member learn from its rows once, in an order of its own; the terms over all of these rows."""
        settings, targets = self._committee.settings, self._committee.targets
        terms_of_each = vmap(self._terms, randomness="different")
        learnt = Sums()
        for rows in batches(self._committee.lessons, settings.batch_size):
            is_row = rows >= 0
            reached = terms_of_each(
                self._weights,
                self._buffers,
                self._log_slopes,
                self._inputs[rows],
                targets.levels[rows],
                targets.acceptable[rows],
                targets.weights[rows] * is_row,
            )
            self._optimizer.zero_grad()
            # A member's weights are in its own terms alone, so the gradient of the sum is that of each.
            reached.total(settings.alpha).sum().backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            counts = is_row.sum(dim=1)
            share = counts / counts.sum()
            learnt.add(float(reached.cross_entropy.detach() @ share), float(reached.divergence.detach() @ share), int(counts.sum()))
        return learnt

    def part(self) -> None:
        """Give each member memory of its own again, with the weights that it has now."""
        for parameter in (*self._committee.members.parameters(), *self._committee.log_slopes):
            parameter.data = parameter.data.clone()

    def _terms(
        self,
        weights: dict[str, Tensor],
        buffers: dict[str, Tensor],
        log_slope: Tensor,
        inputs: Tensor,
        levels: Tensor,
        acceptable: Tensor,
        row_weights: Tensor,
    ) -> Terms:
        """Of one member."""
        logits = functional_call(self._shape, (weights, buffers), (inputs,))
        threshold, temperature = self._committee.threshold, self._committee.settings.temperature
        return terms(logits, levels, acceptable, threshold, temperature, log_slope.exp(), row_weights)


def batches(lessons: Sequence[Lesson], batch_size: int) -> Iterator[Tensor]:
    """The indices of the rows of each step, (members, rows); where a member has fewer rows in a step than another, -1 fills up.

    Each member's rows are dealt evenly over the same number of steps, so that none is without a row in a step: momentum and decay would
    move it all the same.
    """
    orders = [torch.tensor(lesson.train)[torch.randperm(len(lesson.train))] for lesson in lessons]
    counts = [len(order) for order in orders]
    steps = min(math.ceil(max(counts) / batch_size), *counts)
    for parts in zip(*(order.tensor_split(steps) for order in orders), strict=True):
        yield pad_sequence(list(parts), batch_first=True, padding_value=-1)
