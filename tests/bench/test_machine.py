"""What the machine is, and how fast its products are."""

import platform

from bench import machine
from bench.machine import DTYPES


def test_every_dtype_has_a_rate() -> None:
    """Of a product that takes no time."""
    found = machine.measure(sides=(32,), seconds=0.001)
    assert list(DTYPES) == list(found.rates)
    assert all(rate > 0 for rate in found.rates.values())


def test_the_machine_is_described_without_its_name() -> None:
    """What is committed names no host."""
    words = machine.measure(sides=(16,), seconds=0.0).words
    assert " cores, " in words
    assert platform.node() not in words.split()
