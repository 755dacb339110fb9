"""Members that learn one after the other: such as hold a whole encoder, and all where several processes train together.

Import this module only where a student is trained: it loads torch.
"""

import torch

from judge.distillation import processes
from judge.distillation.committee import Committee, adamw
from judge.distillation.objective import Sums


class SeparateMembers:
    """A committee's members, each with an optimizer of its own."""

    def __init__(self, committee: Committee) -> None:
        self._committee = committee
        self._optimizers = [
            adamw(member.parameters(), log_slope, committee.settings)
            for member, log_slope in zip(committee.members, committee.log_slopes, strict=True)
        ]

    def learn(self) -> Sums:
        """Let each member learn from its rows once; the terms over all of these rows, of which each process has its part."""
        committee, settings, together = self._committee, self._committee.settings, processes.joined()
        learnt = Sums()
        for number, (lesson, optimizer) in enumerate(zip(committee.lessons, self._optimizers, strict=True)):
            member = committee.members[number].train()
            order = together.agreed(torch.randperm(len(lesson.train)).tolist())
            for start in range(0, len(order), settings.batch_size):
                batch = [lesson.train[index] for index in order[start : start + settings.batch_size]]
                reached = committee.terms(number, batch)
                optimizer.zero_grad()
                reached.total(settings.alpha).backward()  # type: ignore[no-untyped-call]
                together.sum_gradients([*member.parameters(), committee.log_slopes[number]])
                optimizer.step()
                learnt.add(*reached.floats(), len(batch))
        return learnt

    def part(self) -> None:
        """Nothing: they are apart."""
