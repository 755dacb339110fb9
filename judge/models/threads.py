"""How many of the processor's cores a computation takes."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one core while the block runs.

    Tiny matrices gain nothing from several cores, and where other work holds one of them each step waits for it: training the
    heads beside a busy process on two cores took 112 s with two threads, and 2 s with one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
