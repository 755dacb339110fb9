"""The processes that train one student together, under `accelerate launch`; without it there is one.

Every process runs the same training. Of each batch it works on its share, and the gradients are summed, so that a step is that of one
process with the whole batch; the first process alone tells and writes what came of it.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from judge.errors import StudentError

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Processes:
    """One process, which has all to itself.

    Attributes:
        count: how many there are.
        index: which one this is, from 0.
    """

    count = 1
    index = 0

    @property
    def is_first(self) -> bool:
        """Whether this one tells and writes."""
        return self.index == 0

    def share(self, batch: Sequence[T]) -> tuple[list[T], bool]:
        """The part of a batch that this process works on, and whether it counts.

        Where there are more processes than rows, those without one read the first, and it does not count: all have to take part.
        """
        part = list(batch[self.index :: self.count])
        return part or list(batch[:1]), bool(part)

    def seed(self) -> None:
        """Draw other random numbers than the other processes, from the seed that all have set; the first draws as it does alone."""

    def agreed(self, value: T) -> T:
        """The first process's value."""
        return value

    def equalise(self, weights: "Iterable[Tensor]") -> None:
        """Give all processes the first one's weights."""

    def sum_gradients(self, parameters: "Iterable[Tensor]") -> None:
        """Give each parameter the sum of its gradients in all processes; a parameter has a gradient in all of them or in none."""

    def sums(self, values: Sequence[float]) -> list[float]:
        """The sum of each value over all processes."""
        return list(values)

    def gathered(self, values: Sequence[T]) -> list[T]:
        """The values of all processes."""
        return list(values)

    def leave(self) -> None:
        """Part from the others, at the end."""


class _Launched(Processes):
    """One of several, which `accelerate launch` has started.

    Raises:
        StudentError: by each method, where another process has ended.
    """

    def __init__(self) -> None:
        import torch
        from accelerate import PartialState

        # Models are put on GPUs where there are any, and these are what it would join by itself alone.
        self._state = PartialState(cpu=not torch.cuda.is_available())
        self.count, self.index = self._state.num_processes, self._state.process_index

    def seed(self) -> None:
        import torch

        if not self.is_first:
            torch.manual_seed(torch.initial_seed() + self.index)

    def agreed(self, value: T) -> T:
        from accelerate.utils import broadcast_object_list

        held: list[T] = [value]
        self._asked(broadcast_object_list, held)
        return held[0]

    def equalise(self, weights: "Iterable[Tensor]") -> None:
        from accelerate.utils import broadcast

        for tensor in weights:
            tensor.data.copy_(self._asked(broadcast, tensor.data.to(self._state.device)))

    def sum_gradients(self, parameters: "Iterable[Tensor]") -> None:
        from accelerate.utils import reduce

        for parameter in parameters:
            if parameter.grad is not None:
                parameter.grad.copy_(self._asked(reduce, parameter.grad.to(self._state.device), "sum"))

    def sums(self, values: Sequence[float]) -> list[float]:
        import torch
        from accelerate.utils import reduce

        summed: list[float] = self._asked(reduce, torch.tensor(values, dtype=torch.float64, device=self._state.device), "sum").tolist()
        return summed

    def gathered(self, values: Sequence[T]) -> list[T]:
        from accelerate.utils import gather_object

        found: list[T] = self._asked(gather_object, list(values))
        return found

    def leave(self) -> None:
        self._state.destroy_process_group()

    def _asked(self, ask: Any, *what: Any) -> Any:
        try:
            return ask(*what)
        except RuntimeError as error:
            raise StudentError(
                f"The processes of this training have lost each other: {str(error).splitlines()[0]}\n"
                "Next: see what the first of them that ended says, above, and run the same command again."
            ) from None


@cache
def joined() -> Processes:
    """The processes that this one belongs to; joined at the first call, before a model is loaded, so that each gets a GPU of its own."""
    return _Launched() if int(os.environ.get("WORLD_SIZE", "1")) > 1 else Processes()
